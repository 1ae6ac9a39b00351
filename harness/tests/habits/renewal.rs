//! Tokens that wear out, for people whose password nobody gives.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Form;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use proofhouse::engine::campaign::Campaign;
use proofhouse::identity::{Identity, Login, Spec};
use serde_json::json;

use crate::document;
use crate::notes::{Habits, Notes, PEOPLE, answer};
use crate::run::{campaign, person, run};

/// Requests between which every session ends.
const WEARS_OUT: usize = 150;

/// The refresh token that each person has now. An old one that is shown again ends all (RFC 9700 section 4.14.2).
type Current = Arc<Mutex<BTreeMap<String, u32>>>;

fn renewed_by(name: &str) -> Identity {
    let login = Login::oauth2("/oauth/token", "tests", "").expect("a path");
    Identity { spec: Spec::Login(login.by_refresh_token(format!("{name}.0"))), ..person(name) }
}

fn token(api: &Notes, current: &Current, form: &BTreeMap<String, String>) -> Response {
    let of = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let refused = || answer(400, &json!({"error": "invalid_grant"}));
    if of("grant_type") != "refresh_token" || of("client_id") != "tests" {
        return refused();
    }
    let Some((name, number)) = of("refresh_token").split_once('.') else { return refused() };
    let mut current = current.lock().expect("nobody panics here");
    let Some(known) = current.get_mut(name) else { return refused() };
    if number != known.to_string() {
        current.remove(name);
        return refused();
    }
    *known += 1;
    let next = format!("{name}.{known}");
    answer(
        200,
        &json!({"access_token": api.begin_session(name), "token_type": "Bearer", "refresh_token": next}),
    )
}

#[test]
fn tokens_that_only_a_refresh_token_renews() {
    let current: Current = Arc::new(Mutex::new(PEOPLE.map(|name| (name.to_owned(), 0)).into()));
    let notes = Notes::new(Habits::default());
    let sent = Arc::new(Mutex::new(0_usize));
    let service = notes.serve(|router| {
        let (of_all, api, known) = (Arc::clone(&sent), Arc::clone(&notes), Arc::clone(&current));
        router
            .route(
                "/oauth/token",
                post(async move |State(api): State<Arc<Notes>>, Form(form)| token(&api, &known, &form)),
            )
            .layer(from_fn(move |request: Request, next: Next| {
                let mut sent = of_all.lock().expect("nobody panics here");
                *sent += 1;
                if *sent % WEARS_OUT == 0 {
                    api.end_sessions();
                }
                drop(sent);
                next.run(request)
            }))
    });
    let identities = PEOPLE.map(renewed_by).into();
    let ran = run(Campaign { identities, ..campaign(&document::notes(), service) });
    ran.nothing_found().reached_all_but(&["POST /login"]).is("authz-object-read", "GET /notes/{id}", "held");
    assert!(ran.report.identities.iter().all(|identity| identity.granted > 0 && identity.alive_at_end));
    let current = current.lock().expect("nobody panics here");
    assert!(PEOPLE.iter().all(|name| current.get(*name).is_some_and(|number| *number > 3)), "{current:?}");
}
