//! The two limits, by a clock that stands still.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};

use crate::client::Client;

/// How many of `tries` requests at once are answered with 429.
pub(crate) async fn refused(
    client: &Client,
    who: &str,
    operation: &str,
    body: &Value,
    tries: usize,
) -> usize {
    let mut refused = 0;
    for _ in 0..tries {
        refused += usize::from(status(client, who, operation, body).await.0 == 429);
    }
    refused
}

/// The status and `Retry-After` of one request.
pub(crate) async fn status(client: &Client, who: &str, operation: &str, body: &Value) -> (u16, u64) {
    let request = client.authorized(who, operation).header("content-type", "application/json");
    let answer = client.raw(request.body(Body::from(body.to_string())).unwrap()).await;
    (answer.status, answer.header("retry-after").parse().unwrap_or(0))
}

#[tokio::test(start_paused = true)]
async fn logins_are_limited_for_each_account() {
    let client = Client::hardened();
    let wrong = json!({"username": "alice", "password": "wrong"});
    assert_eq!(refused(&client, "", "POST /login", &wrong, 15).await, 5);
    let answer = client.post("", "POST /login", &wrong).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    let right = json!({"username": "alice", "password": client.config.accounts.alice.password});
    assert_eq!(client.post("", "POST /login", &right).await.status, 429);
    let other = json!({"username": "nobody", "password": "wrong"});
    assert_eq!(client.post("", "POST /login", &other).await.status, 401);
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(client.post("", "POST /login", &right).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn coupons_are_limited_for_each_identity() {
    let client = Client::hardened();
    let body = json!({"code": "LUNCH10"});
    for round in 0..3 {
        assert_eq!(refused(&client, "alice", "POST /coupons/check", &body, 20).await, 5, "{round}");
        let answer = client.post("alice", "POST /coupons/check", &json!("not even a code")).await;
        assert_eq!(answer.status, 429);
        assert_eq!(client.post("bob", "POST /coupons/check", &body).await.status, 200);
        let wait = answer.header("retry-after").parse().unwrap();
        tokio::time::advance(Duration::from_secs(wait)).await;
    }
    assert_eq!(
        client.post("", "POST /coupons/check", &body).await.status,
        401,
        "strangers use nobody's allowance"
    );
}

#[tokio::test(start_paused = true)]
async fn the_limits_are_those_of_the_document() {
    let client = Client::hardened();
    let document = crate::client::document();
    for (who, path, body) in [
        ("", "/login", json!({"username": "bob", "password": "wrong"})),
        ("bob", "/coupons/check", json!({"code": "LUNCH10"})),
    ] {
        let limit = &document["paths"][path]["post"]["x-rate-limit"];
        let count = usize::try_from(limit["count"].as_u64().unwrap()).unwrap();
        assert_eq!((&limit["window"], &limit["answer"]), (&json!("500ms"), &json!(429)));
        assert_eq!(refused(&client, who, &format!("POST {path}"), &body, 2 * count).await, count, "{path}");
    }
}
