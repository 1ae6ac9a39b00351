//! What a new user meets: a first look, a configuration to begin with, what could be proven, and what is expected.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::support::{Ended, Place, Server, answer, api, json as in_json};

/// What was said, without the port of the day.
fn calm(ended: &Ended, url: &str) -> String {
    ended.said().replace(url, "http://127.0.0.1:PORT")
}

/// An API that shows its document and has a login.
fn shop() -> Server {
    let mut document: Json = serde_json::from_str(&api::document()).expect("JSON");
    document["components"]["securitySchemes"]["bearer"] = json!({"type": "http", "scheme": "bearer"});
    document["security"] = json!([{"bearer": []}]);
    let token = json!({"type": "object", "properties": {"access_token": {"type": "string"}}});
    let body = json!({"type": "object", "required": ["username", "password"],
                      "properties": {"username": {"type": "string"}, "password": {"type": "string"}}});
    document["paths"]["/login"]["post"] = json!({
        "security": [],
        "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "in", "content": {"application/json": {"schema": token}}}},
    });
    Server::answering(move |asked| match asked.path() {
        "/api/openapi.json" => answer(200, "Content-Type: application/json\r\n", document.to_string()),
        "/items" => {
            answer(401, "X-RateLimit-Limit: 60\r\nContent-Type: application/json\r\n", "{\"error\":\"no\"}")
        }
        _ => in_json(404, &json!({"error": "no such path"})),
    })
}

#[test]
fn a_configuration_to_begin_with() {
    let (place, server) = (Place::new(), shop());
    let ended = place.proofhouse(&format!("init {}", server.url())).expect(&[0]);
    assert_snapshot!("init_says", calm(&ended, &server.url()));
    let written = String::from_utf8(place.read("proofhouse.toml")).expect("text");
    assert_snapshot!("init_writes", written.replace(&server.url(), "http://127.0.0.1:PORT"));
    // What it wrote is read again, with every line switched on, too.
    let on =
        written.replace("# [identity", "[identity").replace("# role", "role").replace("# login", "login");
    place.write("all.toml", on.replace("env:ALICE_PASSWORD", "a").replace("env:BOB_PASSWORD", "b"));
    let looked = place.proofhouse("check-config --config proofhouse.toml").expect(&[0]);
    assert!(looked.out().contains("Items, 4 operations"), "{}", looked.said());
    let all = place.proofhouse("check-config --config all.toml").expect(&[5]);
    assert!(all.err().contains("the identity `alice` cannot log in"), "{}", all.said());
    let again = place.proofhouse(&format!("init {}", server.url())).expect(&[2]);
    assert_snapshot!("init_writes_over_nothing", calm(&again, &server.url()));
    let printed = place.proofhouse(&format!("init {} --output -", server.url())).expect(&[0]);
    assert_eq!(printed.out().trim_end(), written.trim_end());
}

#[test]
fn nothing_is_sent_in_a_dry_run() {
    let place = Place::new();
    place.write("api.json", api::document());
    let server = Server::answering(|_| in_json(200, &json!([])));
    let line = format!("run {} --openapi api.json --dry-run --safe --checks error-*,jwt-*", server.url());
    let ended = place.proofhouse(&line).expect(&[0]);
    assert_snapshot!("dry_run", calm(&ended, &server.url()));
    assert_eq!(server.accepted(), 0, "nobody was asked anything");
    assert!(!place.path().join("reports").exists() && !place.path().join("corpora").exists());
}

#[test]
fn why_a_check_cannot_run() {
    let (place, server) = (Place::new(), shop());
    let line = format!("checks --why-not {}", server.url());
    let without = place.proofhouse(&line).expect(&[0]);
    let lines = without.out();
    let at = lines.lines().position(|line| line.contains("authz-object-read")).expect("it is listed");
    let enable = lines.lines().nth(at + 1).unwrap_or_default();
    assert!(enable.contains("enable: --identity NAME=SPEC twice"), "{lines}");
    let two = "--identity alice=bearer:aaaaaaaa --identity bob=bearer:bbbbbbbb";
    let with = place.proofhouse(&format!("{line} {two}")).expect(&[0]);
    let ready: Vec<_> = with.out().lines().take_while(|line| !line.is_empty()).map(str::to_owned).collect();
    assert!(ready.iter().any(|line| line.contains("authz-object-read")), "{}", with.out());
}

#[test]
fn completions_of_every_shell() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = place.proofhouse(&format!("completions {shell}")).expect(&[0]);
        assert!(ended.out().contains("check-config"), "{shell}");
    }
}

const DEFECT: &str = "run --requests 400 --checks error-* --defect error-stack-trace-on-unknown-dish";

#[test]
fn what_is_expected_fails_no_build() {
    let place = Place::new();
    let expect = |until: &str, check: &str| {
        format!(
            "[[expect]]\ncheck = \"{check}\"\noperations = [\"GET /menu/*\"]\n\
             because = {{ reason = \"known\", owner = \"kitchen\", until = {until} }}\n"
        )
    };
    place.write("proofhouse.toml", expect("2999-01-01", "error-stack-trace"));
    let ended = place.proofhouse(DEFECT);
    assert!(matches!(ended.code, Some(0 | 5)), "{}", ended.said());
    let report = place.read_json("reports/latest/report.json");
    assert_eq!(report["findings"][0]["status"], "accepted");
    assert!(ended.out().contains("accepted"), "{}", ended.out());

    place.write("proofhouse.toml", expect("2020-01-01", "error-stack-trace"));
    let late = place.proofhouse(DEFECT).expect(&[1]);
    assert!(
        late.err().contains("[[expect]] of error-stack-trace (owner kitchen) ran out on 2020-01-01"),
        "{}",
        late.err()
    );

    place.write("proofhouse.toml", expect("2999-01-01", "error-stacktrace"));
    assert_snapshot!("an_exception_of_an_unknown_check", place.proofhouse(DEFECT).expect(&[2]).said());
}

#[test]
fn what_was_known_before_fails_no_build() {
    let place = Place::new();
    place.proofhouse(&format!("{DEFECT} --report-dir before")).expect(&[1]);
    let ended = place.proofhouse(&format!("{DEFECT} --baseline before/report.json"));
    assert!(matches!(ended.code, Some(0 | 5)), "{}", ended.said());
    assert_eq!(place.read_json("reports/latest/report.json")["findings"][0]["status"], "known");
    place.write("proofhouse.toml", "[gate]\nfail = { only = \"all\" }\n");
    place.proofhouse(&format!("{DEFECT} --baseline before/report.json")).expect(&[1]);
    let broken = place.proofhouse(&format!("{DEFECT} --baseline proofhouse.toml")).expect(&[2]);
    assert!(broken.err().contains("--baseline proofhouse.toml: not a report.json"), "{}", broken.err());
}

/// A proxy that opens tunnels, and counts them.
fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut from) = stream else { break };
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && from.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let Some(to) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
                continue;
            };
            let Ok(mut target) = TcpStream::connect(to) else {
                let _ = from.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
                continue;
            };
            count.fetch_add(1, Ordering::SeqCst);
            let _ = from.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
            let (mut back, mut here) =
                (target.try_clone().expect("a socket"), from.try_clone().expect("a socket"));
            std::thread::spawn(move || std::io::copy(&mut back, &mut here));
            std::thread::spawn(move || std::io::copy(&mut from, &mut target));
        }
    });
    (url, opened)
}

#[test]
fn through_a_proxy() {
    let place = Place::new();
    place.write("api.json", api::document());
    let server = Server::answering(|_| in_json(200, &json!([])));
    let (url, opened) = proxy();
    let line =
        format!("run {} --openapi api.json --requests 60 --checks error-* --proxy {url}", server.url());
    let ended = place.proofhouse(&line);
    assert!(opened.load(Ordering::SeqCst) > 0, "{}", ended.said());
    assert_eq!(opened.load(Ordering::SeqCst), server.accepted(), "nothing went beside it");
    let wrong =
        place.proofhouse(&format!("run {} --openapi api.json --proxy ftp://x", server.url())).expect(&[2]);
    assert!(wrong.err().contains("--proxy: "), "{}", wrong.err());
    let closed = crate::support::closed_port();
    let line =
        format!("run {} --openapi api.json --requests 60 --proxy http://127.0.0.1:{closed}", server.url());
    place.proofhouse(&line).expect(&[3]);
}
