//! A service's own tests, and what is left of them as seeds.

use std::path::Path;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _};

use super::RecordLayer;
use crate::corpora::Corpora;
use crate::identity::Identity;
use crate::prove_with;
use crate::surface::Surface;

const DOCUMENT: &str = r#"{
  "openapi": "3.1.0", "info": {"title": "Orders", "version": "1"},
  "paths": {
    "/login": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, "responses": {"200": {"description": "in"}}}},
    "/orders": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, "responses": {"201": {"description": "made"}}}},
    "/orders/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {"200": {"description": "it"}}}}
  }
}"#;

const PASSWORD: &str = "correct horse battery";
const TOKEN: &str = "tok-0123456789abcdef";

fn router() -> Router {
    let allowed = |headers: &HeaderMap| {
        headers
            .get("authorization")
            .is_some_and(|value| value.as_bytes() == format!("Bearer {TOKEN}").as_bytes())
    };
    let login = async |Json(body): Json<Value>| {
        if body["password"] == PASSWORD {
            (StatusCode::OK, Json(json!({"token": TOKEN})))
        } else {
            (StatusCode::FORBIDDEN, Json(json!({})))
        }
    };
    let make = async move |headers: HeaderMap, Json(body): Json<Value>| {
        if allowed(&headers) {
            (StatusCode::CREATED, Json(json!({"id": "o-77", "dish": body["dish"]})))
        } else {
            (StatusCode::UNAUTHORIZED, Json(json!({})))
        }
    };
    let read = async move |headers: HeaderMap, axum::extract::Path(id): axum::extract::Path<String>| {
        if allowed(&headers) && id == "o-77" {
            (StatusCode::OK, Json(json!({"id": id})))
        } else {
            (StatusCode::NOT_FOUND, Json(json!({})))
        }
    };
    Router::new().route("/login", post(login)).route("/orders", post(make)).route("/orders/{id}", get(read))
}

fn surface() -> Surface {
    Surface::from_openapi_text(DOCUMENT, "document").expect("a document")
}

fn alice() -> Identity {
    Identity::login("alice", "POST", "/login", json!({"user": "alice", "password": PASSWORD}), "/token")
        .role("customer")
}

/// What a service's own test does.
async fn integration_test(folder: &Path) {
    let layer = RecordLayer::new(surface(), folder).identity(alice());
    let send = async |method: &str, path: &str, body: Value| {
        let request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {TOKEN}"));
        let body = if body.is_null() { axum::body::Body::empty() } else { body.to_string().into() };
        let request = request.header("content-type", "application/json").body(body).expect("a request");
        let answer = layer.layer(router()).oneshot(request).await.expect("an answer");
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        serde_json::from_slice::<Value>(&body).unwrap_or_default()
    };
    let login = send("POST", "/login", json!({"user": "alice", "password": PASSWORD})).await;
    assert_eq!(login["token"], TOKEN, "the layer changes nothing");
    let made = send("POST", "/orders", json!({"dish": "soup"})).await;
    assert_eq!(
        send("GET", &format!("/orders/{}", made["id"].as_str().expect("an id")), Value::Null).await["id"],
        "o-77"
    );
    send("GET", "/orders/nobody", Value::Null).await;
    send("GET", "/elsewhere", Value::Null).await;
    assert_eq!(layer.failure(), None);
}

#[tokio::test]
async fn seeds_hold_references_and_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    integration_test(folder.path()).await;
    // Once more: the same requests are the same seeds.
    integration_test(folder.path()).await;
    let files = Corpora::at(folder.path()).files("seeds");
    let mut cases: Vec<_> = files.iter().map(|file| crate::corpora::read(file).expect("a case")).collect();
    cases.sort_by_key(|case| case.steps.len());
    assert_eq!(cases.len(), 3, "what was refused, and what is of no operation, is left out: {files:?}");
    for file in &files {
        let text = std::fs::read_to_string(file).expect("readable");
        assert!(!text.contains(PASSWORD) && !text.contains(TOKEN), "{text}");
    }
    let read = cases.last().expect("three");
    assert_eq!(read.operation, "GET /orders/{id}");
    let steps: Vec<_> = read.steps.iter().map(|step| (step.name.as_str(), step.identity.as_str())).collect();
    assert_eq!(steps, [("request-1", "alice"), ("request-2", "alice")]);
    assert!(read.to_json().contains("\"step\": \"request-1\""), "{}", read.to_json());
}

#[test]
fn seeds_are_granted_wherever_they_are_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(integration_test(folder.path()));
    let rig = prove_with(|| async { router() }).surface(surface()).identity(alice()).without_corpora().rig();
    for file in Corpora::at(folder.path()).files("seeds") {
        rig.send(crate::corpora::read(&file).expect("a case")).granted().unwrap();
    }
}
