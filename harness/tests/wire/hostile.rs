//! Servers that mean harm, or do it.

use proofhouse::message::{Outcome, Phase};
use proofhouse::wire::SendOptions;
use tokio::io::AsyncWriteExt;

use crate::server::{Server, answer, get, read_request, short};

async fn outcome_of(bytes: &str) -> Outcome {
    let server = Server::once(bytes).await;
    server.client().send(&get("/"), &SendOptions::default()).await.outcome
}

/// Answers with `head` and then `filling` until the client has gone.
async fn endless(head: &'static str, filling: Vec<u8>) -> Server {
    Server::start(move |_, mut stream| {
        let filling = filling.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(&filling).await.is_ok() {}
        }
    })
    .await
}

#[tokio::test]
async fn garbage_is_garbled() {
    for bytes in [
        "garbage\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    ] {
        let outcome = outcome_of(bytes).await;
        assert!(matches!(outcome, Outcome::Garbled { .. }), "{bytes:?}: {outcome}");
    }
}

#[tokio::test]
async fn answers_that_break_off_are_closed() {
    assert_eq!(outcome_of("").await, Outcome::Closed { received: 0, status: None });
    assert_eq!(outcome_of("HTTP/1.1 20").await, Outcome::Closed { received: 11, status: None });
    let short = "HTTP/1.1 201 Made\r\nContent-Length: 9\r\n\r\nabc";
    assert_eq!(outcome_of(short).await, Outcome::Closed { received: 43, status: Some(201) });
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let outcome = server.client().send(&get("/"), &SendOptions::default()).await.outcome;
    assert_eq!(outcome, Outcome::Reset { received: 0, status: None });
}

#[tokio::test]
async fn endless_heads_chunk_sizes_and_trailers_end() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, filling) in [
        ("HTTP/1.1 200 OK\r\n", "A: b\r\n"),
        ("HTTP/1.1 200 OK\r\nA: ", "b"),
        ("", "\r\n"),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
        (chunked, "1"),
    ] {
        let server = endless(head, filling.repeat(1000).into()).await;
        let outcome = server.client().send(&get("/"), &SendOptions::default()).await.outcome;
        assert!(matches!(outcome, Outcome::Garbled { .. }), "{head:?} {filling:?}: {outcome}");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_are_cut() {
    for head in ["HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let server = endless(head, vec![b'x'; 1 << 20]).await;
        let client = server.client();
        let incoming = answer(client.send(&get("/"), &SendOptions::default()).await.outcome);
        assert_eq!((incoming.body.len(), incoming.cut, client.idle()), (1 << 20, true, 0));
    }
}

#[tokio::test]
async fn bombs_are_cut() {
    let bomb = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
        for _ in 0..64 {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        encoder.finish().unwrap()
    };
    let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    bytes.extend_from_slice(&bomb);
    let server = Server::once(bytes).await;
    let incoming = answer(server.client().send(&get("/"), &SendOptions::default()).await.outcome);
    assert_eq!((incoming.body.len(), incoming.cut), (2 << 20, true));
    assert_eq!(incoming.body_on_wire, bomb.len() as u64);
}

#[tokio::test]
async fn hangs_end_at_the_deadline_and_say_where() {
    for (bytes, phase, status) in [
        ("HTTP/1.1 200", Phase::Head, None),
        ("HTTP/1.1 100 Continue\r\n\r\n", Phase::Head, None),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", Phase::Body, Some(200)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", Phase::Body, Some(200)),
    ] {
        let server = Server::start(move |_, mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let outcome = server.client_with(short()).send(&get("/"), &SendOptions::default()).await.outcome;
        assert_eq!(outcome, Outcome::TimedOut { phase, status }, "{bytes:?}");
    }
}
