//! Services of many habits, and what is found out about each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Value as Json, json};

use super::*;
use crate::execute::SessionConfig;
use crate::identity::{SendAs, Vault, Wallet};
use crate::surface::Location;
use crate::target::ServiceLane;

/// How a service hands out a token and takes it back.
#[derive(Clone, Copy)]
struct Habit {
    /// Names of the registration's fields.
    register: &'static [&'static str],
    /// Names of the login's fields.
    login: &'static [&'static str],
    form: bool,
    hand_out: fn(&str) -> Response<Body>,
    take_back: fn(&HeaderMap) -> Option<String>,
    /// Changes ask for this header to be as the cookie `csrftoken`.
    csrf: bool,
    /// The registration answers as the login does, and there is no login.
    at_once: bool,
    /// A header parameter of the document.
    parameter: Option<&'static str>,
    /// A field of the registration that the document does not know.
    unsaid: Option<&'static str>,
}

const BASE: Habit = Habit {
    register: &["username", "password"],
    login: &["username", "password"],
    form: false,
    hand_out: |token| answer(200, &json!({"access_token": token, "token_type": "bearer"})),
    take_back: |headers| {
        Some(headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?.to_owned())
    },
    csrf: false,
    at_once: false,
    parameter: None,
    unsaid: None,
};

fn answer(status: u16, body: &Json) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(body.to_string())).expect("a response")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let line = headers.get("cookie")?.to_str().ok()?;
    line.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}

fn document(habit: Habit) -> Arc<Surface> {
    let media_type = if habit.form { "application/x-www-form-urlencoded" } else { "application/json" };
    let form = |names: &[&str], media_type: &str| {
        let properties: serde_json::Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        json!({"post": {"requestBody": {"required": true, "content": {media_type: {"schema":
            {"type": "object", "required": names, "properties": properties}}}}, "responses": {}}})
    };
    let mut read = json!({"get": {"responses": {}}});
    if let Some(name) = habit.parameter {
        read["get"]["parameters"] =
            json!([{"name": name, "in": "header", "required": true, "schema": {"type": "string"}}]);
    }
    let mut paths = json!({"/api/signup": form(habit.register, "application/json"), "/api/me": read});
    if !habit.at_once {
        paths["/api/login"] = form(habit.login, media_type);
    }
    let document = json!({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": paths});
    Arc::new(Surface::from_openapi_text(&document.to_string(), "a.json").expect("a document"))
}

/// Names of the accounts with their passwords.
type Accounts = Arc<Mutex<HashMap<String, String>>>;

fn service(habit: Habit) -> (Router, Accounts) {
    let accounts = Accounts::default();
    let known = Arc::clone(&accounts);
    let fields = |body: &Bytes, form: bool| -> HashMap<String, String> {
        let text = String::from_utf8_lossy(body).into_owned();
        if form {
            let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            return pairs.map(|(k, v)| (k.to_owned(), v.replace("%40", "@").replace("%21", "!"))).collect();
        }
        let json: Json = serde_json::from_str(&text).unwrap_or_default();
        let members = json.as_object().cloned().unwrap_or_default();
        members.into_iter().filter_map(|(k, v)| Some((k, v.as_str()?.to_owned()))).collect()
    };
    let handle = move |request: Request<Body>| {
        let known = Arc::clone(&known);
        async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 16).await.unwrap_or_default();
            let name_of = |fields: &HashMap<String, String>, names: &[&str]| {
                names
                    .iter()
                    .find(|name| !name.contains("assword"))
                    .and_then(|name| fields.get(*name).cloned())
            };
            match head.uri.path() {
                "/api/signup" => {
                    let fields = fields(&body, false);
                    let complete = habit.register.iter().all(|name| fields.contains_key(*name));
                    if let Some(unsaid) = habit.unsaid.filter(|unsaid| !fields.contains_key(*unsaid)) {
                        let error =
                            json!({"type": "missing", "loc": ["body", unsaid], "msg": "Field required"});
                        return answer(422, &json!({"detail": [error]}));
                    }
                    let password = fields.get("password").cloned().unwrap_or_default();
                    let same = fields.get("confirmPassword").is_none_or(|again| *again == password);
                    let Some(name) = name_of(&fields, habit.register).filter(|_| complete && same) else {
                        return answer(422, &json!({"detail": "incomplete"}));
                    };
                    known.lock().expect("no panic").insert(name.clone(), password);
                    if habit.at_once {
                        (habit.hand_out)(&format!("token-of-{name}"))
                    } else {
                        answer(201, &json!({"id": 7}))
                    }
                }
                "/api/login" if !habit.at_once => {
                    let fields = fields(&body, habit.form);
                    let name = name_of(&fields, habit.login).unwrap_or_default();
                    let right = known.lock().expect("no panic").get(&name) == fields.get("password");
                    if right && !name.is_empty() {
                        (habit.hand_out)(&format!("token-of-{name}"))
                    } else {
                        answer(401, &json!({}))
                    }
                }
                "/api/me" => {
                    let token = (habit.take_back)(&head.headers);
                    let name = token.as_deref().and_then(|token| token.strip_prefix("token-of-"));
                    let safe = !habit.csrf
                        || cookie(&head.headers, "csrftoken").as_deref()
                            == head.headers.get("x-csrftoken").and_then(|value| value.to_str().ok());
                    match name {
                        Some(name) if safe && known.lock().expect("no panic").contains_key(name) => {
                            answer(200, &json!({"name": name}))
                        }
                        _ => answer(401, &json!({})),
                    }
                }
                _ => answer(StatusCode::NOT_FOUND.as_u16(), &json!({})),
            }
        }
    };
    (Router::new().fallback(handle), accounts)
}

/// What is found out about a service of this habit; both accounts then log in and are granted their own page.
fn found(habit: Habit) -> super::Accounts {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let surface = document(habit);
    let (service, accounts) = service(habit);
    let session = |identities: Vec<Identity>| {
        let lane = ServiceLane::<_, Body>::new(service.clone());
        let wallet = Arc::new(Wallet::new(identities, Arc::new(Vault::default())));
        Session::new(
            Box::new(lane),
            wallet,
            SessionConfig { run_id: "abcd".into(), ..SessionConfig::default() },
        )
    };
    runtime.block_on(async {
        let made = make(&surface, &session(Vec::new()), 1).await;
        // A target that has forgotten them is told again.
        if !habit.at_once {
            accounts.lock().expect("no panic").clear();
        }
        let session = session(made.identities.clone());
        let mut names = Vec::new();
        for identity in &made.identities {
            let mut case = Case::new("accounts", "GET /api/me");
            let request =
                crate::case::Request { method: "GET".into(), path: "/api/me".into(), ..Default::default() };
            case.bases.push(Base { name: "me".into(), operation: "GET /api/me".into(), request });
            case.steps.push(Step::send("me", Role::Control, &identity.name, "me", Vec::new()));
            let trace = execute(&case, &session).await;
            let exchange = trace.of(&case, "me").expect("an exchange");
            assert_eq!(exchange.status(), Some(200), "{}: {}", made.note, exchange.delivery.outcome);
            names.extend(exchange.json().map(|json| json["name"].to_string()));
        }
        names.dedup();
        assert_eq!(names.len(), made.identities.len(), "two accounts are two people");
        made
    })
}

fn sent(habit: Habit) -> (String, SendAs) {
    let made = found(habit);
    assert_eq!(made.identities.len(), 2, "{}", made.note);
    match &made.identities[0].spec {
        Spec::Login(login) => (login.take.clone(), login.send.clone()),
        other => panic!("no login: {other:?}"),
    }
}

#[test]
fn tokens_are_found_wherever_the_answer_has_them() {
    assert_eq!(sent(BASE).0, "/access_token");
    let deep = Habit {
        hand_out: |token| {
            answer(
                200,
                &json!({"status": "ok", "data": {"session": {"token": token, "refresh_token": "abcdefghijkl"}}}),
            )
        },
        ..BASE
    };
    assert_eq!(sent(deep).0, "/data/session/token");
    let in_header = Habit {
        hand_out: |token| {
            let response = Response::builder().header("authorization", format!("Bearer {token}"));
            response.body(Body::empty()).expect("a response")
        },
        ..BASE
    };
    assert_eq!(sent(in_header).0, "header:authorization");
    let alone = Habit { hand_out: |token| answer(200, &json!(token)), ..BASE };
    assert_eq!(sent(alone).0, "");
}

#[test]
fn credentials_travel_as_the_service_takes_them() {
    let own = Habit {
        take_back: |headers| Some(headers.get("x-auth-token")?.to_str().ok()?.to_owned()),
        parameter: Some("X-Auth-Token"),
        ..BASE
    };
    assert_eq!(sent(own).1.name, "X-Auth-Token");
    let bare =
        Habit { take_back: |headers| Some(headers.get("authorization")?.to_str().ok()?.to_owned()), ..BASE };
    assert_eq!(sent(bare).1.template, "{}");
    let cookies = Habit {
        hand_out: |token| {
            let response = Response::builder()
                .status(204)
                .header("set-cookie", format!("sid={token}; HttpOnly; Path=/"));
            response
                .header("set-cookie", "csrftoken=c0ffee11; Path=/")
                .body(Body::empty())
                .expect("a response")
        },
        take_back: |headers| cookie(headers, "sid"),
        csrf: true,
        ..BASE
    };
    let (take, send) = sent(cookies);
    assert_eq!((take.as_str(), send.location), ("cookie:sid", Location::Cookie));
}

#[test]
fn forms_and_fields_are_filled_as_they_are_named() {
    let mail =
        Habit { register: &["email", "password", "confirmPassword"], login: &["email", "password"], ..BASE };
    sent(mail);
    let mixed =
        Habit { register: &["email", "password"], login: &["username", "password"], form: true, ..BASE };
    sent(mixed);
}

#[test]
fn what_the_document_does_not_say_is_learned_from_the_refusal() {
    sent(Habit { unsaid: Some("email"), ..BASE });
    sent(Habit { unsaid: Some("fullName"), ..BASE });
}

#[test]
fn a_registration_may_answer_with_the_token() {
    let made = found(Habit { at_once: true, ..BASE });
    assert_eq!(made.identities.len(), 2, "{}", made.note);
    assert!(matches!(made.identities[0].spec, Spec::Bearer(_)));
}

#[test]
fn where_nobody_may_register_nobody_is_made() {
    let closed = Habit { register: &["username", "password", "invitation"], ..BASE };
    let (router, _) = service(Habit { register: &["username", "password", "invitation", "never"], ..closed });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let wallet = Arc::new(Wallet::new(Vec::new(), Arc::new(Vault::default())));
    let session =
        Session::new(Box::new(ServiceLane::<_, Body>::new(router)), wallet, SessionConfig::default());
    let made = runtime.block_on(make(&document(closed), &session, 1));
    assert!(made.identities.is_empty());
    assert_eq!(made.note, "no account could be made: POST /api/signup answered 422");
    assert_eq!(missing(&Surface::default()), Some("the document has no operation that registers an account"));
}
