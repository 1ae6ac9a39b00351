//! What describes the API: any format, and several together.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::support::{Place, Server, answer, api};

/// A recording of the same API: an operation that the document lacks, and a server that is not the target.
fn recording() -> String {
    let entry = |method: &str, url: &str, body: &str| {
        json!({
            "request": {
                "method": method, "url": url,
                "headers": [{"name": "Authorization", "value": "Bearer s3cret-of-the-recording"}],
            },
            "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": body}},
        })
    };
    let entries = [
        entry("GET", "https://items.example.com/items/1042", r#"{"id": "1042", "name": "Hat"}"#),
        entry("DELETE", "https://items.example.com/items/1042", "{}"),
        entry("GET", "https://metrics.example.net/ping", "{}"),
    ];
    json!({"log": {"version": "1.2", "entries": entries}}).to_string()
}

#[test]
fn several_descriptions_of_one_api() {
    let (place, server) = (Place::new(), Server::answering(|_| answer(200, "", "")));
    place.write("api.json", api::document());
    place.write("seen.har", recording());
    let line = |more: &str| format!("run {} {more} --dry-run --safe --checks error-*", server.url());
    let ended = place.proofhouse(&line("--openapi api.json --openapi seen.har")).expect(&[0]);
    let said = ended.said().replace(&server.url(), "http://127.0.0.1:PORT");
    assert_snapshot!(said);
    assert!(!said.contains("s3cret"));
    place.write("proofhouse.toml", "openapi = [\"api.json\", \"seen.har\"]\n");
    let configured = place.proofhouse(&line("")).expect(&[0]);
    assert_eq!(configured.out(), ended.out());
    place.write("proofhouse.toml", "openapi = 3\n");
    let wrong = place.proofhouse(&line("")).expect(&[2]);
    assert!(wrong.err().contains("write a text or a list of texts"), "{}", wrong.said());
    assert_eq!(server.accepted(), 0, "nobody was asked anything");
}

/// The URL that was given wins: neither what the document calls its servers nor where an answer sends to is contacted.
#[test]
fn hosts_that_nobody_gave_are_left_alone() {
    let elsewhere = Server::answering(|_| answer(200, "Content-Type: application/json\r\n", "[]"));
    let there = elsewhere.url();
    let server = Server::answering(move |asked| match asked.path() {
        "/items" => answer(308, &format!("Location: {there}/items/\r\n"), ""),
        path => answer(307, &format!("Location: {there}{path}\r\n"), ""),
    });
    let mut document: Json = serde_json::from_str(&api::document()).expect("JSON");
    document["servers"] = json!([{"url": elsewhere.url()}, {"url": "https://api.example.com/v1"}]);
    let place = Place::new();
    place.write("api.json", document.to_string());
    let line = format!("run {} --openapi api.json --requests 300 --time 10s", server.url());
    place.proofhouse(&line).expect(&[0, 1, 5]);
    assert!(server.accepted() > 0, "the target is asked");
    assert_eq!(elsewhere.accepted(), 0, "and nobody else");
}
