//! What describes the API: any format, and several together.

use insta::assert_snapshot;
use serde_json::json;

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
