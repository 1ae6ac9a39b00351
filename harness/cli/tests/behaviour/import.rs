//! Cases from what other engines leave behind.

use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::bad_cases::case;
use crate::support::{Place, Server, answer, json as body};

/// A case that no check judges: it shows how a service answers.
fn explored() -> Json {
    let mut case = case();
    case["check"] = json!("explore");
    case.as_object_mut().expect("an object").remove("class");
    case
}

#[test]
fn artifacts_logs_and_regressions() {
    let place = Place::new();
    std::fs::create_dir_all(place.path().join("artifacts/deep")).expect("a folder");
    place.write("artifacts/crash-5ba93c9db0cff93f", case().to_string());
    place.write("artifacts/deep/slow-unit-1", serde_json::to_vec_pretty(&explored()).expect("JSON"));
    place.write("artifacts/crash-bytes", [0xff_u8, 0, 7, b'{', b'"']);
    let log =
        format!("test fails ... FAILED\ncc 8f3a # shrinks to case = \n  attack: GET /items\n  {}\n", case());
    place.write("ci.log", log);
    place.write("newer.json", r#"{"format": 9}"#);
    let first = place.proofhouse("import artifacts ci.log newer.json").expect(&[0]);
    let again = place.proofhouse("import artifacts ci.log").expect(&[0]);
    assert_snapshot!(format!("{}\n{}", first.said(), again.said()));
    // What was taken is a case like any other.
    let server = Server::answering(|_| answer(200, "", ""));
    let file = place.files("corpora/findings").pop().expect("a case");
    let replayed = place.proofhouse(&format!("replay {} --target {}", file.display(), server.url()));
    assert!(replayed.expect(&[0, 5]).out().contains("reproduced 0 of 3"));
}

#[test]
fn nothing_to_import() {
    let place = Place::new();
    place.write("crash-1", [1_u8, 2, 3]);
    let said: Vec<_> = ["import crash-1", "import nowhere", "import crash-1 --target http://127.0.0.1:9"]
        .map(|line| place.proofhouse(line).expect(&[2]).said())
        .into();
    assert_snapshot!(said.join("\n"));
    assert!(place.files("corpora").is_empty());
}

#[test]
fn cases_that_are_answered_otherwise_each_time() {
    let place = Place::new();
    place.write("log", case().to_string());
    let steady = Server::answering(|_| body(200, &json!({"id": 1})));
    let line = |server: &Server| format!("import log --twice --target {}", server.url());
    let held = place.proofhouse(&line(&steady)).expect(&[0]).out();
    assert!(held.contains("run twice: 0 of 1 case not answered alike"), "{held}");
    let asked = AtomicUsize::new(0);
    let moody = Server::answering(move |_| {
        let status = if asked.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { 200 } else { 404 };
        body(status, &json!({"id": 1}))
    });
    assert_snapshot!(place.proofhouse(&line(&moody)).expect(&[5]).said());
}

/// Lets anybody register, and shows items to whoever logged in.
fn open_to_all() -> Server {
    Server::answering(|asked| match (asked.method.as_str(), asked.path()) {
        ("POST", "/register") => body(201, &json!({"id": 1})),
        ("POST", "/login") => body(200, &json!({"token": "token-of-somebody"})),
        _ if asked.header("authorization") == Some("Bearer token-of-somebody") => body(200, &json!([])),
        _ => body(401, &json!({"error": "who are you?"})),
    })
}

#[test]
fn accounts_that_a_run_made_are_made_again() {
    let place = Place::new();
    let mut case = case();
    case["identities"] = json!([{"name": "self-1"}]);
    case["steps"][0]["as"] = json!("self-1");
    case["operation"] = json!("GET /items");
    case["operations"] = json!([{"name": "GET /items"}]);
    case["bases"][0] =
        json!({"name": "target", "operation": "GET /items", "request": {"method": "GET", "path": "/items"}});
    place.write("log", case.to_string());
    let credentials = json!({"required": true, "content": {"application/json": {"schema": {
        "type": "object", "required": ["username", "password"],
        "properties": {"username": {"type": "string"}, "password": {"type": "string"}}}}}});
    let answers = json!({"200": {"description": "yes"}, "201": {"description": "yes"}});
    let secured = json!({"responses": answers.clone(), "security": [{"token": []}]});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "items", "version": "1"},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/register": {"post": {"requestBody": credentials.clone(), "responses": answers.clone()}},
            "/login": {"post": {"requestBody": credentials, "responses": answers}},
            "/items": {"get": secured},
        },
    });
    place.write("openapi.json", document.to_string());
    let server = open_to_all();
    let line = format!("import log --twice --openapi openapi.json --target {}", server.url());
    let ended = place.proofhouse(&line).expect(&[0]);
    assert!(ended.out().contains("run twice: 0 of 1 case not answered alike"), "{}", ended.said());
    assert!(ended.said().contains("accounts: "), "{}", ended.said());
    // `replay` goes the same way.
    let file = place.files("corpora/findings").pop().expect("a case");
    let line = format!("replay {} --openapi openapi.json --target {}", file.display(), server.url());
    let replayed = place.proofhouse(&line).expect(&[0, 5]);
    assert!(replayed.out().contains("reproduced 0 of 3"), "{}", replayed.said());
}

#[test]
fn what_is_beyond_the_bounds_of_a_file_is_told() {
    let place = Place::new();
    place.write("many", format!("{}\n", case()).repeat(1_025));
    place.write("enough", format!("{}\n", case()).repeat(1_024));
    let many = place.proofhouse("import many").expect(&[0]);
    assert_snapshot!(many.said());
    let enough = place.proofhouse("import enough").expect(&[0]);
    assert!(!enough.said().contains("left out"), "{}", enough.said());
}
