//! Targets that mean harm: a run ends in time with a documented code, holds little memory, and shows nothing alive.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::support::{Asked, Ended, Place, Server, answer, api, json as in_json};

/// In KiB.
const MEMORY: u64 = 400 << 10;

/// Runs against a hostile server, and replays a case on it.
fn survives(server: &Server) -> (Place, Ended) {
    let place = Place::new();
    place.write("api.json", api::document());
    place.write("case.json", crate::bad_cases::case().to_string());
    let line = format!(
        "run {} --openapi api.json --time 4s --requests 400 --identity alice@customer=bearer:s3cr3t-t0ken-of-alice",
        server.url()
    );
    let ended = place.proofhouse(&line).expect(&[0, 1, 3, 5]);
    assert!(ended.took < Duration::from_secs(35), "a run of 4 s took {:?}:\n{}", ended.took, ended.said());
    assert!(ended.peak > 0 && ended.peak < MEMORY, "{} MiB of memory", ended.peak >> 10);
    assert!(!ended.err().contains("panicked"), "{}", ended.said());
    let report = place.read_json("reports/latest/report.json");
    assert_eq!(report["schema_version"], "1.2");
    for text in [ended.out(), ended.err()] {
        inert(&text);
    }
    for file in place.files("reports").iter().chain(&place.files("corpora")) {
        inert(&String::from_utf8(std::fs::read(file).expect("readable")).expect("text"));
    }
    let replayed = place.proofhouse(&format!("replay case.json --times 1 --target {}", server.url()));
    let replayed = replayed.expect(&[0, 1, 3, 5]);
    inert(&replayed.out());
    inert(&replayed.err());
    (place, ended)
}

/// No control character but the ends of lines, and nothing that turns text around.
#[track_caller]
fn inert(text: &str) {
    let alive = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(line) = text.lines().find(|line| line.contains(alive)) {
        panic!("alive: {:?}", line.chars().take(400).collect::<String>());
    }
}

fn scripted(
    script: impl Fn(&Asked, &mut TcpStream) -> std::io::Result<bool> + Send + Sync + 'static,
) -> Server {
    Server::start(script)
}

/// Waits until the client goes away.
fn until_gone(stream: &mut TcpStream) -> std::io::Result<bool> {
    std::io::copy(stream, &mut std::io::sink())?;
    Ok(false)
}

/// Closes so that the client sees a reset: by leaving unread what it sent.
fn reset(stream: &mut TcpStream) -> std::io::Result<bool> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")?;
    stream.shutdown(std::net::Shutdown::Both)?;
    Ok(false)
}

#[test]
fn one_that_hangs() {
    survives(&scripted(|_, stream| until_gone(stream)));
}

#[test]
fn one_that_hangs_in_the_middle_of_a_head() {
    survives(&scripted(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Ty")?;
        until_gone(stream)
    }));
}

#[test]
fn one_that_lets_bytes_drip() {
    survives(&scripted(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
        // The drip is the point of it; it ends when the client goes away.
        stream.set_read_timeout(Some(Duration::from_millis(50)))?;
        loop {
            stream.write_all(b"x")?;
            match stream.read(&mut [0; 64]) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                gone => return gone.map(|_| false),
            }
        }
    }));
}

#[test]
fn one_that_resets() {
    survives(&scripted(|_, stream| reset(stream)));
}

#[test]
fn one_that_closes_at_once() {
    survives(&scripted(|_, _| Ok(false)));
}

#[test]
fn one_that_closes_in_the_middle_of_a_body() {
    survives(&scripted(|_, stream| {
        stream.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n[{\"id\":",
        )?;
        Ok(false)
    }));
    survives(&scripted(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n[{\"id\":")?;
        Ok(false)
    }));
}

#[test]
fn one_that_answers_garbage() {
    let texts: [&[u8]; 6] = [
        b"\x00\x01\x02\xff\xfe\x1b[31mgarbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 99999 \xff\xff\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\nContent-Length: 18446744073709551616\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n{\"\xff\x00\x1b\"",
    ];
    let next = std::sync::atomic::AtomicUsize::new(0);
    survives(&scripted(move |_, stream| {
        let at = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        stream.write_all(texts[at % texts.len()])?;
        Ok(false)
    }));
}

#[test]
fn one_that_answers_a_hundred_megabytes() {
    let piece = vec![b'a'; 1 << 20];
    survives(&scripted(move |asked, stream| {
        let head: &[u8] = match asked.path().len() % 2 {
            0 => b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857602\r\n\r\n\"",
            _ => b"HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\"",
        };
        stream.write_all(head)?;
        for _ in 0..100 {
            stream.write_all(&piece)?;
        }
        stream.write_all(b"\"")?;
        Ok(false)
    }));
}

#[test]
fn one_that_answers_a_bomb() {
    let zeros = vec![b'['; 1 << 20];
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..200 {
        bomb.write_all(&zeros).expect("to memory");
    }
    let bomb = bomb.finish().expect("to memory");
    survives(&Server::answering(move |_| {
        answer(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", &bomb)
    }));
}

#[test]
fn one_that_answers_deep_json() {
    let deep = "[".repeat(500_000);
    survives(&Server::answering(move |asked| {
        let status = if asked.method == "GET" { 200 } else { 400 };
        answer(status, "Content-Type: application/json\r\n", &deep)
    }));
}

#[test]
fn one_whose_headers_do_not_end() {
    survives(&scripted(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"X-More: and more and more and more and more\r\n")?;
        }
    }));
    survives(&scripted(|_, stream| {
        loop {
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n")?;
        }
    }));
}

#[test]
fn one_that_asks_to_come_back_next_year() {
    survives(&Server::answering(|_| answer(429, "Retry-After: 31536000\r\n", "")));
}

#[test]
fn one_that_redirects_for_ever() {
    survives(&Server::answering(|asked| answer(307, &format!("Location: {}\r\n", asked.target), "")));
}

/// Codes that clear a screen, set a title, or turn text around; as they stand and as JSON writes them.
const CODES: &str = "\u{1b}[2J\u{1b}[31mred\u{1b}]0;owned\u{7}\u{9b}1A\u{202e}drow\u{8}\r";

#[test]
fn one_that_talks_to_the_terminal() {
    survives(&Server::answering(|asked| {
        let name = format!("{CODES}{}", asked.method);
        // A line end would end the field.
        let field = CODES.trim_end();
        let headers = format!("X-Code: {field}\r\nContent-Type: application/json;{field}\r\n");
        if asked.target.contains(['\'', '%', '"']) || asked.path().len() > 20 || asked.method == "POST" {
            let trace = format!(
                "Traceback (most recent call last):\n  File \"/srv/{CODES}.py\", line 88, in create{CODES}\n    \
                 raise ValueError('{CODES}')\nValueError: {CODES}\n"
            );
            return answer(500, &headers, json!({"detail": trace, CODES: CODES}).to_string());
        }
        let body = match asked.path() {
            "/items" => json!([{"id": name, "name": CODES, CODES: "x"}]),
            _ => json!({"id": name, "name": CODES}),
        };
        in_json(200, &body)
    }));
}

/// The same in the document, which a target may serve itself.
#[test]
fn one_whose_document_talks_to_the_terminal() {
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": CODES, "version": CODES},
        "paths": {
            format!("/{CODES}"): {"get": {"operationId": CODES, "responses": {"200": {"description": CODES}}}},
            "/plain": {
                "get": {
                    "parameters": [{"name": CODES, "in": "query", "schema": {"type": CODES}},
                                   {"name": format!("q{CODES}"), "in": "query", "schema": {"type": "string"}}],
                    "responses": {"200": {"description": CODES}},
                },
                "post": {"requestBody": {"$ref": format!("#/{CODES}")}, "responses": {}},
            },
        },
    });
    let server = Server::answering(move |asked| match asked.path() {
        "/openapi.json" => in_json(200, &document),
        "/plain" => answer(500, "", format!("panicked at {CODES}")),
        _ => in_json(200, &json!({CODES: CODES})),
    });
    let place = Place::new();
    for command in ["check-config", "run"] {
        let ended = place.proofhouse(&format!("{command} {} --requests 200", server.url()));
        let ended = ended.expect(&[0, 1, 2, 5]);
        inert(&ended.out());
        inert(&ended.err());
    }
}
