//! Nothing connects to what is not in scope.

use proofhouse::message::{Outcome, Outgoing, Unsent};
use proofhouse::scope::{Scope, TargetUrl};
use proofhouse::wire::{Limits, SendOptions, TlsSettings};

use crate::server::{Server, answer, client, get, ok};

fn assert_out_of_scope(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::NotSent { why: Unsent::Scope, .. }), "{outcome}");
}

#[tokio::test]
async fn an_origin_out_of_scope_sees_no_connection() {
    let server = Server::always(ok("x")).await;
    let elsewhere: TargetUrl = "http://127.0.0.1:1/".parse().unwrap();
    let secure: TargetUrl = format!("https://{}/", server.address).parse().unwrap();
    for scope in [Scope::nothing(), Scope::nothing().allow(elsewhere), Scope::nothing().allow(secure)] {
        let refused = client(scope, &server.url(), TlsSettings::default(), Limits::default());
        assert_out_of_scope(&refused.send(&get("/"), &SendOptions::default()).await.outcome);
        assert_out_of_scope(
            &refused.send_raw(b"GET / HTTP/1.1\r\n\r\n", &SendOptions::default()).await.outcome,
        );
    }
    // Connections are accepted in order, so that ours would not be the first if one had come before.
    let delivery = server.client().send(&get("/"), &SendOptions::default()).await;
    answer(delivery.outcome);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn requests_out_of_scope_are_not_sent() {
    let server = Server::always(ok("x")).await;
    let below: TargetUrl = format!("http://{}/v2", server.address).parse().unwrap();
    let scope = Scope::nothing().allow(below).deny("DELETE /v2/orders/*".parse().unwrap());
    let client = client(scope, &server.url(), TlsSettings::default(), Limits::default());
    for request in [get("/"), get("/v2/../x"), Outgoing::new("DELETE", "/v2/orders/7")] {
        assert_out_of_scope(&client.send(&request, &SendOptions::default()).await.outcome);
    }
    let raw = b"GET /v2/a HTTP/1.1\r\n\r\nGET /x HTTP/1.1\r\n\r\n";
    assert_out_of_scope(&client.send_raw(raw, &SendOptions::default()).await.outcome);
    answer(client.send(&get("/v2/orders/7"), &SendOptions::default()).await.outcome);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn localhost_is_this_machine() {
    let server = Server::always(ok("x")).await;
    let url: TargetUrl = format!("http://localhost:{}/", server.address.port()).parse().unwrap();
    let client = client(Scope::loopback(), &url, TlsSettings::default(), Limits::default());
    let delivery = client.send(&get("/"), &SendOptions::default()).await;
    assert!(delivery.peer.unwrap().ip().is_loopback());
    answer(delivery.outcome);
}
