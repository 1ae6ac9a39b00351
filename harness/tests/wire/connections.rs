//! Which connection serves which request.

use std::sync::Arc;

use proofhouse::message::{Outcome, Outgoing, Phase, Stage, Unsent};
use proofhouse::wire::{Limits, SendOptions};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Notify};

use crate::server::{Server, answer, get, ok, read_request, short};

fn named(name: &str) -> SendOptions<'_> {
    SendOptions { connection: Some(name), ..SendOptions::default() }
}

#[tokio::test]
async fn a_connection_is_kept_and_used_again() {
    let server = Server::always(ok("x")).await;
    let client = server.client();
    for round in 0..50 {
        let delivery = client.send(&get("/"), &SendOptions::default()).await;
        assert_eq!((delivery.reused, delivery.connection), (round > 0, Some(1)));
        assert_eq!(delivery.timing.connect.is_some(), round == 0);
        answer(delivery.outcome);
    }
    assert_eq!((server.accepted(), client.idle()), (1, 1));
    let fresh = client.send(&get("/"), &SendOptions { fresh: true, ..SendOptions::default() }).await;
    assert_eq!((fresh.reused, server.accepted(), client.idle()), (false, 2, 1));
    client.close_all();
    assert_eq!(client.idle(), 0);
}

#[tokio::test]
async fn odd_framing_and_raw_bytes_never_share_a_connection() {
    let server = Server::always(ok("x")).await;
    let client = server.client();
    let odd = get("/").header("Transfer-Encoding", "chunked");
    client.send(&odd, &SendOptions::default()).await;
    client.send_raw(b"GET / HTTP/1.1\r\n\r\n", &SendOptions::default()).await;
    assert_eq!(client.idle(), 0);
    client.send_raw(b"GET / HTTP/1.1\r\n\r\n", &named("a")).await;
    assert!(client.send(&odd, &named("a")).await.reused);
    assert_eq!(server.accepted(), 3);
}

#[tokio::test]
async fn bytes_behind_an_answer_end_the_connection() {
    let server = Server::always(format!("{}HTTP/1.1 200 OK\r\n", ok("x"))).await;
    let client = server.client();
    let delivery = client.send(&get("/"), &SendOptions::default()).await;
    assert_eq!((answer(delivery.outcome).surplus, client.idle()), (17, 0));
}

#[tokio::test]
async fn named_connections_are_pinned_and_take_turns() {
    let server = Server::start(|number, mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            stream.write_all(ok(&number.to_string()).as_bytes()).await.unwrap();
        }
    })
    .await;
    let client = server.client();
    let (get, a, b) = (get("/"), named("a"), named("b"));
    let (one, two, three, other) = tokio::join!(
        client.send(&get, &a),
        client.send(&get, &a),
        client.send(&get, &a),
        client.send(&get, &b)
    );
    let first = answer(one.outcome).body;
    assert_eq!(answer(two.outcome).body, first);
    assert_eq!(answer(three.outcome).body, first);
    assert_ne!(answer(other.outcome).body, first);
    assert_eq!(server.accepted(), 2);
    let fresh = client.send(&get, &SendOptions { fresh: true, ..a }).await;
    assert_eq!((fresh.reused, fresh.connection), (false, Some(3)));
    assert_eq!(client.send(&get, &a).await.connection, Some(3));
    client.close("a");
    assert!(!client.send(&get, &a).await.reused);
}

#[tokio::test]
async fn many_sends_are_in_flight_at_once() {
    let barrier = Arc::new(Barrier::new(20));
    let server = Server::start(move |_, mut stream| {
        let barrier = Arc::clone(&barrier);
        async move {
            while read_request(&mut stream).await.is_some() {
                barrier.wait().await;
                stream.write_all(ok("x").as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let client = std::rc::Rc::new(server.client());
    let local = tokio::task::LocalSet::new();
    for _ in 0..20 {
        let client = std::rc::Rc::clone(&client);
        local.spawn_local(
            async move { answer(client.send(&get("/"), &SendOptions::default()).await.outcome) },
        );
    }
    local.await;
    assert_eq!((server.accepted(), client.idle()), (20, Limits::default().idle));
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let close = Arc::new(Notify::new());
    let closed = Arc::new(Notify::new());
    let (on_close, when_closed) = (Arc::clone(&close), Arc::clone(&closed));
    let server = Server::start(move |number, mut stream| {
        let (close, closed) = (Arc::clone(&on_close), Arc::clone(&when_closed));
        async move {
            read_request(&mut stream).await;
            stream.write_all(ok("x").as_bytes()).await.unwrap();
            if number == 1 {
                close.notified().await;
                drop(stream);
                closed.notify_one();
            }
        }
    })
    .await;
    let client = server.client();
    answer(client.send(&get("/"), &SendOptions::default()).await.outcome);
    close.notify_one();
    closed.notified().await;
    let delivery = client.send(&get("/"), &SendOptions::default()).await;
    assert_eq!((delivery.connection, delivery.reused), (Some(2), false));
    answer(delivery.outcome);
}

#[tokio::test]
async fn a_request_is_sent_once_more_when_a_kept_connection_closes_on_it() {
    // Closes on its second request, which no look at the socket foresees.
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(ok("x").as_bytes()).await.unwrap();
        read_request(&mut stream).await;
    })
    .await;
    let client = server.client();
    let first = client.send(&get("/"), &SendOptions::default()).await;
    assert!(!first.retried);
    let second = client.send(&get("/"), &SendOptions::default()).await;
    assert_eq!((second.retried, second.reused, second.connection), (true, false, Some(2)));
    answer(second.outcome);
    let third = client.send(&get("/"), &SendOptions { no_retry: true, ..SendOptions::default() }).await;
    assert_eq!((third.retried, third.reused), (false, true));
    assert_eq!(third.outcome, Outcome::Closed { received: 0, status: None });
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn the_source_address_is_the_one_asked_for() {
    let server = Server::start(|_, mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            let peer = stream.peer_addr().unwrap().ip().to_string();
            stream.write_all(ok(&peer).as_bytes()).await.unwrap();
        }
    })
    .await;
    let client = server.client();
    for source in ["127.0.0.77", "127.0.0.78", "127.0.0.77"] {
        let options = SendOptions { source: Some(source.parse().unwrap()), ..SendOptions::default() };
        let delivery = client.send(&get("/"), &options).await;
        assert_eq!(delivery.local.unwrap().ip().to_string(), source);
        assert_eq!(answer(delivery.outcome).body, source);
    }
    assert_eq!(server.accepted(), 2);
    let foreign = SendOptions { source: Some("192.0.2.1".parse().unwrap()), ..SendOptions::default() };
    let refused = client.send(&get("/"), &foreign).await.outcome;
    assert!(matches!(refused, Outcome::NotSent { why: Unsent::Local, .. }), "{refused}");
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{free}/").parse().unwrap();
    let nobody = crate::server::client(
        proofhouse::scope::Scope::loopback(),
        &url,
        proofhouse::wire::TlsSettings::default(),
        Limits::default(),
    );
    let refused = nobody.send(&get("/"), &SendOptions::default()).await.outcome;
    assert!(matches!(refused, Outcome::Refused { at: Stage::Connect, .. }), "{refused}");

    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let client = server.client_with(short());
    let silent = client.send(&get("/"), &SendOptions::default()).await.outcome;
    assert_eq!(silent, Outcome::TimedOut { phase: Phase::Answer, status: None });
    let body = vec![0; 64 << 20];
    let stuck = client.send(&Outgoing::new("POST", "/").body(body), &SendOptions::default()).await.outcome;
    assert_eq!(stuck, Outcome::TimedOut { phase: Phase::Request, status: None });
    let (get, a) = (get("/"), named("a"));
    let (one, two) = tokio::join!(client.send(&get, &a), client.send(&get, &a));
    assert_eq!(one.outcome, Outcome::TimedOut { phase: Phase::Answer, status: None });
    assert_eq!(two.outcome.status(), None);
}
