//! The whole engine, on a service of a few lines: notes that belong to whoever writes them.

mod environment;
mod holds;
#[cfg(feature = "proptest")]
mod strategies;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path as At, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Proof, Prove};
use crate::generate::{Policy, Rule};
use crate::identity::Identity;
use crate::prove_with;

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Notes, version: "1" }
security: [{ token: [] }]
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas:
    Note:
      type: object
      additionalProperties: false
      required: [id, text, stars]
      properties:
        id: { type: string, maxLength: 20 }
        text: { type: string, maxLength: 100 }
        stars: { type: integer, minimum: 0, maximum: 5 }
    Draft:
      type: object
      additionalProperties: false
      required: [text, stars]
      properties:
        text: { type: string, minLength: 1, maxLength: 100 }
        stars: { type: integer, minimum: 0, maximum: 5 }
    Problem: { type: object, required: [title], properties: { title: { type: string } } }
paths:
  /notes:
    post:
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Draft" } } }
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } }
        default: { description: refused, content: { application/problem+json: { schema: { $ref: "#/components/schemas/Problem" } } } }
  /notes/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string, maxLength: 20 } }]
      responses:
        "200": { description: it, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } }
        default: { description: refused, content: { application/problem+json: { schema: { $ref: "#/components/schemas/Problem" } } } }
"##;

/// What is wrong with the service.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Bug {
    #[default]
    None,
    /// Anybody reads anybody's notes.
    Owner,
    /// Five stars are counted from a list of five.
    Stars,
}

#[derive(Clone, Default)]
struct Notes {
    bug: Bug,
    notes: Arc<Mutex<BTreeMap<String, (String, Value)>>>,
    tokens: Arc<BTreeMap<String, String>>,
}

fn problem(status: StatusCode, title: &str) -> Response {
    let body = Json(json!({"title": title})).into_response().into_body();
    let headers = [
        ("content-type", "application/problem+json"),
        ("www-authenticate", "Bearer"),
        ("x-content-type-options", "nosniff"),
    ];
    (status, headers, body).into_response()
}

fn found(status: StatusCode, note: &Value) -> Response {
    (status, [("x-content-type-options", "nosniff")], Json(note.clone())).into_response()
}

impl Notes {
    fn of(bug: Bug) -> Self {
        let tokens = [("token-of-alice", "alice"), ("token-of-bob", "bob")];
        let tokens = tokens.map(|(token, name)| (token.to_owned(), name.to_owned())).into();
        Self { bug, tokens: Arc::new(tokens), ..Self::default() }
    }

    fn router(self) -> Router {
        Router::new().route("/notes", post(write)).route("/notes/{id}", get(read)).with_state(self)
    }

    fn caller(&self, headers: &HeaderMap) -> Option<String> {
        let token = headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
        self.tokens.get(token).cloned()
    }
}

/// A well-made draft: two members of the right kind, and no other.
fn draft(headers: &HeaderMap, body: &[u8]) -> Result<(String, i64), Response> {
    let media_type = headers.get("content-type").and_then(|text| text.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next() != Some("application/json") {
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send JSON"));
    }
    let bad = |what: &str| problem(StatusCode::UNPROCESSABLE_ENTITY, what);
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Err(bad("no JSON object")) };
    let text =
        members.get("text").and_then(Value::as_str).filter(|text| (1..=100).contains(&text.chars().count()));
    let stars = members.get("stars").and_then(|stars| {
        stars.as_i64().or_else(|| stars.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))
    });
    match (text, stars.filter(|stars| (0..=5).contains(stars)), members.len()) {
        (Some(text), Some(stars), 2) => Ok((text.to_owned(), stars)),
        _ => Err(bad("`text` has 1 to 100 characters, `stars` is 0 to 5")),
    }
}

async fn write(State(notes): State<Notes>, headers: HeaderMap, body: axum::body::Bytes) -> Response {
    let Some(caller) = notes.caller(&headers) else {
        return problem(StatusCode::UNAUTHORIZED, "who are you?");
    };
    let (text, stars) = match draft(&headers, &body) {
        Ok(draft) => draft,
        Err(refusal) => return refusal,
    };
    if notes.bug == Bug::Stars {
        let _ = ["none", "one", "two", "three", "four"][stars as usize];
    }
    let mut all = notes.notes.lock().expect("not poisoned");
    let id = format!("n{}", all.len() + 1);
    let note = json!({"id": id, "text": text, "stars": stars});
    all.insert(id, (caller, note.clone()));
    found(StatusCode::CREATED, &note)
}

async fn read(State(notes): State<Notes>, headers: HeaderMap, At(id): At<String>) -> Response {
    let Some(caller) = notes.caller(&headers) else {
        return problem(StatusCode::UNAUTHORIZED, "who are you?");
    };
    match notes.notes.lock().expect("not poisoned").get(&id) {
        Some((owner, note)) if *owner == caller || notes.bug == Bug::Owner => found(StatusCode::OK, note),
        _ => problem(StatusCode::NOT_FOUND, "no such note"),
    }
}

fn alice() -> Identity {
    Identity::bearer("alice", "token-of-alice").role("writer")
}

fn bob() -> Identity {
    Identity::bearer("bob", "token-of-bob").role("writer")
}

fn proving(bug: Bug) -> Prove {
    prove_with(move || async move { Notes::of(bug).router() })
        .openapi(DOCUMENT)
        .identity(alice())
        .identity(bob())
        .policy(own())
        .cases(600)
        .virtual_clock()
        .without_corpora()
}

/// Whose a note is nobody can tell from two operations.
fn own() -> Policy {
    let rule = Rule { role: "writer".to_owned(), own: vec!["* /notes/*".to_owned()], ..Rule::default() };
    Policy { rules: vec![rule], ..Policy::default() }
}

fn found_by(proof: &Proof) -> Vec<&str> {
    proof.findings().iter().map(|finding| finding.check.as_str()).collect()
}
