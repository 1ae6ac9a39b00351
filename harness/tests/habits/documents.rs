//! What documents leave out, or get wrong.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value as Json, json};

use crate::document;
use crate::notes::{Habits, Notes, PEOPLE, answer, parsed, refusal};
use crate::run::{Ran, campaign, person_with, run};

#[test]
fn without_answers() {
    let mut document = document::notes();
    document::without(&mut document, "responses");
    let ran = run(campaign(&document, Notes::new(Habits::default()).serve(|router| router)));
    ran.nothing_found().reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

#[test]
fn without_security() {
    let mut document = document::notes();
    document::without(&mut document, "security");
    let sound = run(campaign(&document, Notes::new(Habits::default()).serve(|router| router)));
    sound.nothing_found().reached_all_but(&[]).is("authn-missing-credential", "GET /notes/{id}", "held");
    // Nobody says that what is read there is not for everybody: it is told, and not as certain.
    let open = Notes::new(Habits { open: true, ..Habits::default() }).serve(|router| router);
    let found = run(campaign(&document, open)).found();
    assert_eq!(found, ["authn-missing-credential: GET /notes/{id} answers without a credential"]);
}

/// The token travels in a header that the document calls an ordinary parameter.
fn with_token_as_parameter(habits: Habits) -> Ran {
    let mut document = document::notes();
    document::without(&mut document, "security");
    let token =
        json!({"name": "X-Notes-Token", "in": "header", "required": true, "schema": {"type": "string"}});
    for path in ["/me", "/notes", "/notes/{id}"] {
        let path = &mut document["paths"][path];
        for method in ["get", "post", "put", "delete"] {
            if let Some(operation) = path[method].as_object_mut() {
                let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
                parameters.as_array_mut().expect("a list").push(token.clone());
            }
        }
    }
    let service = Notes::new(Habits { header: Some("x-notes-token"), ..habits }).serve(|router| router);
    let mut campaign = campaign(&document, service);
    campaign.identities = PEOPLE.map(|name| person_with(name, "X-Notes-Token")).into();
    run(campaign)
}

#[test]
fn a_token_that_is_an_ordinary_parameter() {
    let ran = with_token_as_parameter(Habits::default());
    ran.nothing_found().reached_all_but(&[]);
    for operation in ["GET /me", "GET /notes/{id}", "PUT /notes/{id}"] {
        ran.is("authn-missing-credential", operation, "held");
    }
    let open = with_token_as_parameter(Habits { open: true, ..Habits::default() });
    open.only_found(&["authn-missing-credential"]);
    assert_eq!(open.report.findings[0].operation.to_string(), "GET /notes/{id}");
}

/// Rooms that are told of notes. Every other address is refused by name, and so is a version that is none.
async fn tell(
    State(api): State<Arc<Notes>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Err(refusal) = api.who(&headers) {
        return refusal;
    }
    let body = match parsed(&headers, body) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let version = headers.get("x-notes-version").map(|value| value.to_str().unwrap_or_default());
    if let Some(version) = version.filter(|version| *version != "7.1") {
        return refusal(400, &format!("there is no version {version}"));
    }
    let Some(rooms) = body["rooms"].as_array().filter(|rooms| (1..=9).contains(&rooms.len())) else {
        return refusal(422, "one to nine rooms, please");
    };
    let known = |room: &&Json| room.as_str().is_some_and(|room| room.starts_with("chat:"));
    match rooms.iter().find(|room| !known(room)) {
        Some(room) => refusal(422, &format!("{room} is no room")),
        None => answer(200, &json!({"told": rooms.len()})),
    }
}

#[test]
fn an_example_that_is_out_of_date_in_part() {
    let mut document = document::notes();
    document["paths"]["/rooms"]["post"] = json!({
        "parameters": [
            {"name": "X-Notes-Version", "in": "header", "schema": {"type": "string"}, "example": "6.0-beta"},
        ],
        "requestBody": {"required": true, "content": {"application/json": {
            "example": {"rooms": ["mailto:old@mail.example", "chat:kitchen"]},
            "schema": {"type": "object", "required": ["rooms"], "properties": {
                "rooms": {"type": "array", "items": {"type": "string"}},
            }},
        }}},
        "responses": {"200": {"description": "told"}},
    });
    let notes = Notes::new(Habits::default());
    let service = notes.serve(|router| router.route("/rooms", post(tell)));
    run(campaign(&document, service)).reached_all_but(&[]);
}
