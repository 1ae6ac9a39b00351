use std::io::Write as _;
use std::sync::Arc;

use super::line::{Header, Made};
use super::paths::Paths;
use super::seen::{Effect, effect};
use super::{FILE, Ledger, LedgerError, Marks, Summary, read};
use crate::case::{Base, Case, Edit, Place, Request, Role, Step};
use crate::controls::tests_support::answer;
use crate::identity::Vault;
use crate::message::{Headers, Incoming, Outcome, Outgoing};
use crate::surface::{Operation, Surface};
use crate::trace::{Exchange, Sent};

fn surface(operations: &[&str]) -> Surface {
    let operation = |name: &&str| {
        let (method, path) = name.split_once(' ').expect("METHOD /path");
        Operation { method: method.to_owned(), path: path.to_owned(), ..Operation::default() }
    };
    Surface { operations: operations.iter().map(operation).collect(), ..Surface::default() }
}

const API: &[&str] = &[
    "GET /orders",
    "POST /orders",
    "DELETE /orders/{id}",
    "POST /orders/{id}/cancel",
    "POST /articles/",
    "GET /articles/",
    "DELETE /articles/{slug}/",
    "PUT /files/{name}",
    "DELETE /files/{name}",
    "POST /notes",
    "POST /users/{user}/keys",
    "DELETE /users/{id}/keys/{key_id}",
    "POST /login",
    "POST /register",
    "DELETE /users/{id}",
];

/// A case with one request of this operation, which was sent to this path.
fn case(operation: &str) -> Case {
    let mut case = Case::new("any", operation);
    case.bases.push(Base {
        name: "b".to_owned(),
        operation: operation.to_owned(),
        request: Request::default(),
    });
    case.steps.push(Step::send("s", Role::Control, "alice", "b", Vec::new()));
    case
}

fn sent(method: &str, path: &str, mut exchange: Exchange) -> Exchange {
    let request = Outgoing::new(method.to_owned(), format!("/v2{path}"));
    exchange.sent = Arc::new(Sent { request, payloads: Vec::new() });
    exchange
}

fn made(operation: &str, path: &str, exchange: Exchange) -> Vec<Made> {
    let (method, _) = operation.split_once(' ').expect("METHOD /path");
    let case = case(operation);
    let exchange = sent(method, path, exchange);
    match effect(&Paths::new(&surface(API)), &case, &case.steps[0], &exchange, "/v2") {
        Some(Effect::Made(made)) => made,
        None => Vec::new(),
        Some(gone) => panic!("{gone:?}"),
    }
}

fn with_location(status: u16, location: &str) -> Exchange {
    let headers: Headers = [("Location", location)].into_iter().collect();
    let incoming = Incoming { status, headers, ..Incoming::default() };
    let mut exchange = answer(status, "");
    exchange.delivery.outcome = Outcome::Answered(incoming);
    exchange
}

#[test]
fn what_is_made_is_named_with_what_deletes_it() {
    let paths = |made: Vec<Made>| -> Vec<String> {
        made.iter()
            .map(|made| format!("{} {} {}", made.take, made.path, made.delete.as_deref().unwrap_or("-")))
            .collect()
    };
    let at = |operation, path, exchange| paths(made(operation, path, exchange)).join(", ");
    for (operation, path, exchange, expected) in [
        ("POST /orders", "/orders", answer(201, r#"{"id": 7}"#), "/id /orders/7 DELETE /orders/{id}"),
        // A collection by its items, though the status is another.
        (
            "POST /orders",
            "/orders?x=1",
            answer(200, r#"{"data": {"id": "a/b"}}"#),
            "/data/id /orders/a%2Fb DELETE /orders/{id}",
        ),
        // The parameter's name says which member is meant, and its template how the path ends.
        (
            "POST /articles/",
            "/articles/",
            answer(201, r#"{"article": {"id": 4, "slug": "x"}}"#),
            "/article/slug /articles/x/ DELETE /articles/{slug}/",
        ),
        (
            "POST /users/{user}/keys",
            "/users/7/keys",
            answer(201, r#"{"id": 9}"#),
            "/id /users/7/keys/9 DELETE /users/{id}/keys/{key_id}",
        ),
        ("POST /notes", "/notes", answer(201, r#"{"id": 1}"#), "/id /notes/1 -"),
        (
            "POST /orders",
            "/orders",
            answer(201, r#"[{"id": 1}, {"id": 2}]"#),
            "/*/id /orders/1 DELETE /orders/{id}, /*/id /orders/2 DELETE /orders/{id}",
        ),
        ("PUT /files/{name}", "/files/a%20b", answer(201, ""), "path /files/a%20b DELETE /files/{name}"),
        (
            "POST /register",
            "/register",
            with_location(201, "http://elsewhere/v2/users/8"),
            "header:location /users/8 DELETE /users/{id}",
        ),
        (
            "POST /orders",
            "/orders",
            with_location(201, "/orders/8"),
            "header:location /orders/8 DELETE /orders/{id}",
        ),
    ] {
        assert_eq!(at(operation, path, exchange), expected, "{operation}");
    }
}

#[test]
fn what_makes_nothing_is_not_listed() {
    for (operation, path, exchange) in [
        ("POST /orders", "/orders", answer(422, r#"{"id": 7}"#)),
        ("POST /orders", "/orders", answer(201, r#"{"status": "ok"}"#)),
        // The order that it is done to.
        ("POST /orders/{id}/cancel", "/orders/7/cancel", answer(200, r#"{"id": "7"}"#)),
        ("POST /orders/{id}/cancel", "/orders/7/cancel", answer(201, r#"{"id": "7"}"#)),
        // The id of something else that the answer mentions.
        ("POST /orders", "/orders", answer(201, r#"{"total": 3, "customer": {"id": 5}}"#)),
        ("POST /login", "/login", answer(200, r#"{"user": {"id": 5}, "token": "t"}"#)),
        ("PUT /files/{name}", "/files/a", answer(200, r#"{"id": 1}"#)),
        ("GET /orders", "/orders", answer(200, r#"[{"id": 1}]"#)),
        ("POST /register", "/register", with_location(201, "/users/../7")),
    ] {
        let made = made(operation, path, exchange);
        assert!(made.is_empty(), "{operation}: {made:?}");
    }
}

#[test]
fn a_forged_credential_makes_it_somebody_elses() {
    let mut case = case("POST /orders");
    case.steps[0] = Step::send("s", Role::Attack, "alice", "b", vec![Edit::set(Place::Credential, "x")]);
    let exchange = sent("POST", "/orders", answer(201, r#"{"id": 7}"#));
    let seen = effect(&Paths::new(&surface(API)), &case, &case.steps[0], &exchange, "/v2");
    assert!(matches!(seen, Some(Effect::Made(made)) if made[0].foreign));
}

fn header(target: &str) -> Header {
    Header {
        version: 1,
        run: "0f".to_owned(),
        target: target.to_owned(),
        kind: "http".to_owned(),
        ..Header::default()
    }
}

fn note(ledger: &Ledger, operation: &str, path: &str, body: &str) {
    let (method, _) = operation.split_once(' ').expect("METHOD /path");
    let case = case(operation);
    let status = if method == "DELETE" { 204 } else { 201 };
    ledger.note(&case, &case.steps[0], &sent(method, path, answer(status, body)), "/v2");
}

fn left(folder: &std::path::Path) -> Vec<String> {
    let book = read(folder).expect("a ledger");
    book.left
        .iter()
        .flat_map(|left| left.made.iter().map(|made| format!("{}{}", left.target, made.path)))
        .collect()
}

#[test]
fn what_is_left_is_read_again_and_what_is_gone_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |target: &str| {
        Ledger::open(folder.path(), &header(target), &surface(API), Arc::default()).expect("opened")
    };
    let ledger = open("t");
    for id in 1..=3 {
        note(&ledger, "POST /orders", "/orders", &format!("{{\"id\": {id}}}"));
    }
    note(&ledger, "POST /notes", "/notes", r#"{"id": 1}"#);
    note(&ledger, "DELETE /orders/{id}", "/orders/2", "");
    note(&ledger, "DELETE /orders/{id}", "/orders/99", "");
    assert_eq!(ledger.summary(), Summary { objects: 3, without: 1 });
    // Killed in the middle of a line.
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join(FILE)).expect("there");
    file.write_all(b"{\"made\":{\"time\":\"20").expect("written");
    assert_eq!(left(folder.path()), ["t/orders/1", "t/orders/3", "t/notes/1"]);
    // Another run goes on with it, and counts what is left in its own target.
    assert_eq!(open("u").summary(), Summary::default());
    assert_eq!(open("t").summary(), Summary { objects: 3, without: 1 });
    let mut marks = Marks::open(folder.path(), "t").expect("opened");
    for made in &read(folder.path()).expect("a ledger").left[0].made {
        marks.gone(made).expect("written");
    }
    assert_eq!(left(folder.path()), [""; 0]);
    // Nothing is left of it: the next run begins anew.
    drop(open("t"));
    let text = std::fs::read_to_string(folder.path().join(FILE)).expect("there");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_secret_is_never_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = Arc::new(Vault::default());
    vault.register("alice.token", "hunter2hunter2");
    let ledger =
        Ledger::open(folder.path(), &header("t"), &surface(API), Arc::clone(&vault)).expect("opened");
    note(&ledger, "POST /orders", "/orders", r#"{"id": "hunter2hunter2"}"#);
    note(&ledger, "POST /notes", "/notes", r#"{"key": "sk-0123456789abcdef"}"#);
    let text = std::fs::read_to_string(folder.path().join(FILE)).expect("there");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(!vault.leaks(text.as_bytes()) && !text.contains("sk-0123"), "{text}");
    assert_eq!(ledger.summary(), Summary { objects: 2, without: 2 });
}

#[test]
fn more_than_the_most_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger =
        Ledger::bounded(folder.path(), &header("t"), &surface(API), Arc::default(), 3).expect("opened");
    for id in 1..=10 {
        note(&ledger, "POST /orders", "/orders", &format!("{{\"id\": {id}}}"));
    }
    assert_eq!(ledger.summary(), Summary { objects: 10, without: 0 });
    assert_eq!(ledger.finish(), None);
    let book = read(folder.path()).expect("a ledger");
    assert_eq!((book.left[0].made.len(), book.left[0].unlisted), (3, 7));
}

#[test]
fn a_ledger_that_is_none_says_where_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |text: &str| {
        std::fs::write(folder.path().join(FILE), text).expect("written");
        let error = read(folder.path()).expect_err("refused").to_string();
        error.rsplit_once(FILE).map_or(error.clone(), |(_, said)| said.to_owned())
    };
    assert!(matches!(read(folder.path()), Err(LedgerError::None { .. })));
    let run = r#"{"run":{"version":1,"run":"0f","target":"t","kind":"http","started":""}}"#;
    let made = |path: &str, delete: &str| {
        format!(
            "{run}\n{{\"made\":{{\"time\":\"\",\"run\":\"0f\",\"operation\":\"POST /o\",\"identity\":\"a\",\"take\":\"/id\",\"path\":\"{path}\",\"delete\":\"{delete}\"}}}}\n"
        )
    };
    insta::assert_snapshot!(
        [
            said("hunter22\n"),
            said(&format!("{run}\nhunter22\n{run}\n")),
            said("{\"gone\":{\"path\":\"/o/1\",\"time\":\"\"}}\n"),
            said(&run.replace("\"version\":1", "\"version\":9")),
            said(&made("/../admin", "DELETE /o/{id}")),
            said(&made("/users/1", "DELETE /o/{id}")),
            said(&made("/o/1", "POST /o/{id}")),
        ]
        .join("\n")
    );
}
