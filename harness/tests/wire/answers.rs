//! What well-behaved servers answer.

use proofhouse::message::{Decoded, Outgoing};
use proofhouse::wire::SendOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{Server, answer, get, ok, read_request};

#[tokio::test]
async fn exact_bytes_go_out_and_an_answer_comes_back() {
    let (seen, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            seen.send(read_request(&mut stream).await.unwrap()).unwrap();
            stream.write_all(ok("hi").as_bytes()).await.unwrap();
        }
    })
    .await;
    let request = Outgoing::new("gEt", "/%zz?<>").header("hOST ", " x ").header("A\x01", "\u{e9}");
    let delivery = server.client().send(&request, &SendOptions::default()).await;
    assert_eq!(
        requests.recv().await.unwrap(),
        b"gEt /%zz?<> HTTP/1.1\r\nhOST :  x \r\nA\x01: \xc3\xa9\r\n\r\n"
    );
    assert_eq!((delivery.written, delivery.length), (44, 44));
    assert_eq!(delivery.peer, Some(server.address));
    assert!(delivery.timing.connect.is_some() && delivery.timing.first_byte.is_some());
    assert_eq!(answer(delivery.outcome).body, "hi");
}

#[tokio::test]
async fn chunks_trailers_and_interim_answers_are_read() {
    let server = Server::once(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n2;x\r\nde\r\n0\r\nDigest: 1\r\n\r\n",
    )
    .await;
    let incoming = answer(server.client().send(&get("/"), &SendOptions::default()).await.outcome);
    assert_eq!((incoming.body.as_ref(), incoming.interim), (&b"abcde"[..], 1));
    assert_eq!(incoming.trailers.unwrap().text("digest"), Some("1"));
}

#[tokio::test]
async fn bodies_until_close_and_answers_to_head_are_read() {
    let server = Server::once("HTTP/1.1 200 OK\r\n\r\nuntil the end").await;
    let incoming = answer(server.client().send(&get("/"), &SendOptions::default()).await.outcome);
    assert_eq!(incoming.body, "until the end");
    let server = Server::always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
    let client = server.client();
    for _ in 0..2 {
        let head = client.send(&Outgoing::new("HEAD", "/"), &SendOptions::default()).await;
        assert!(answer(head.outcome).body.is_empty());
    }
    let raw = client.send_raw(b"HEAD / HTTP/1.1\r\n\r\n", &SendOptions::default()).await;
    assert!(answer(raw.outcome).body.is_empty());
}

#[tokio::test]
async fn codings_are_taken_off() {
    let packed = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
        encoder.write_all(b"plain").unwrap();
        encoder.finish().unwrap()
    };
    let mut bytes =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len())
            .into_bytes();
    bytes.extend_from_slice(&packed);
    let server = Server::once(bytes).await;
    let incoming = answer(server.client().send(&get("/"), &SendOptions::default()).await.outcome);
    assert_eq!((incoming.body.as_ref(), incoming.decoded), (&b"plain"[..], Decoded::Gzip));
    assert_eq!(incoming.body_on_wire, packed.len() as u64);
}

#[tokio::test]
async fn an_early_refusal_is_read_while_the_body_is_still_going_out() {
    for close_at_once in [false, true] {
        let server = Server::start(move |_, mut stream| async move {
            read_request(&mut stream).await;
            let refusal = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig";
            stream.write_all(refusal).await.unwrap();
            if !close_at_once {
                // Neither reads on nor closes before the client has gone.
                while stream.ready(tokio::io::Interest::ERROR).await.is_ok_and(|r| !r.is_error()) {}
            }
        })
        .await;
        let body = vec![b'x'; 64 << 20];
        let request =
            Outgoing::new("POST", "/").header("Content-Length", body.len().to_string()).body(body.clone());
        let delivery = server.client().send(&request, &SendOptions::default()).await;
        assert!(delivery.written < body.len() as u64, "{}", delivery.written);
        let incoming = answer(delivery.outcome);
        assert_eq!((incoming.status, incoming.body.as_ref()), (413, &b"big"[..]));
    }
}

#[tokio::test]
async fn a_body_that_was_read_counts_as_written() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        let mut body = vec![0; 4 << 20];
        stream.read_exact(&mut body).await.unwrap();
        stream.write_all(ok("").as_bytes()).await.unwrap();
    })
    .await;
    let request = Outgoing::new("POST", "/").body(vec![b'x'; 4 << 20]);
    let delivery = server.client().send(&request, &SendOptions::default()).await;
    assert_eq!(delivery.written, delivery.length);
    assert_eq!(answer(delivery.outcome).status, 200);
}
