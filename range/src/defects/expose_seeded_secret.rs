//! Answers that show somebody's password.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::answer::with_body;
use super::{Defect, Part};

const FIRES: &[&str] = &["expose-seeded-secret"];
const UNDOCUMENTED: (&str, &str) = ("expose-undocumented-field", "the document does not name the member");
const NAMED: (&str, &str) = ("expose-sensitive-name", "the member is called a password");

pub(super) const ACCOUNTS: Defect = Defect {
    id: "expose-seeded-secret-in-accounts",
    title: "passwords are kept as they come, and the list of accounts shows them",
    operations: &["POST /login", "GET /admin/accounts"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNDOCUMENTED, NAMED],
    build: |plan| {
        let kept = Kept {
            show: |accounts, kept| {
                for account in accounts["accounts"].as_array_mut().into_iter().flatten() {
                    let name = account["name"].as_str().unwrap_or_default();
                    if let Some(password) = kept.get(name) {
                        account["password"] = json!(password);
                    }
                }
            },
            passwords: Arc::default(),
        };
        plan.wrap(move |handler| handler.route_layer(from_fn_with_state(kept.clone(), keep)));
    },
};

pub(super) const PROFILE: Defect = Defect {
    id: "expose-seeded-secret-in-profile",
    title: "passwords are kept in base64, and whoever asks for the own profile is shown the own one",
    operations: &["POST /login", "GET /me"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNDOCUMENTED],
    build: |plan| {
        let kept = Kept {
            show: |profile, kept| {
                let name = profile["name"].as_str().unwrap_or_default();
                if let Some(password) = kept.get(name) {
                    profile["login_hint"] = json!(STANDARD.encode(password));
                }
            },
            passwords: Arc::default(),
        };
        plan.wrap(move |handler| handler.route_layer(from_fn_with_state(kept.clone(), keep)));
    },
};

/// Passwords by name, and how an answer shows them.
#[derive(Clone)]
struct Kept {
    passwords: Arc<Mutex<HashMap<String, String>>>,
    show: fn(&mut Value, &HashMap<String, String>),
}

impl Kept {
    fn all(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.passwords.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps what a login that succeeds was sent; shows it in successes of what reads.
async fn keep(State(kept): State<Kept>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 17).await.unwrap_or_default();
        let given: Value = serde_json::from_slice(&body).unwrap_or_default();
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        if let (true, Some(name), Some(password)) =
            (response.status().is_success(), given["username"].as_str(), given["password"].as_str())
        {
            kept.all().insert(name.to_owned(), password.to_owned());
        }
        return response;
    }
    let response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let mut shown: Value = serde_json::from_slice(&body).unwrap_or_default();
    (kept.show)(&mut shown, &kept.all());
    with_body(Response::from_parts(parts, Body::empty()), "application/json", shown.to_string())
}
