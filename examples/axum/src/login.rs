//! Logging in, and who is logged in.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::json;

use crate::App;
use crate::answer::{Problem, read};
use crate::store::{digest, secret};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    name: String,
    password: String,
}

pub(crate) async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Credentials { name, password } = read(&headers, body)?;
    if name.is_empty() || name.len() > 40 || password.is_empty() || password.len() > 80 {
        return Err(Problem::INVALID);
    }
    let store = app.store.lock();
    let known = "SELECT name FROM members WHERE name = ?1 AND password = ?2";
    let member: Option<String> = store
        .query_row(known, params![name, digest(&name, &password)], |row| row.get(0))
        .optional()
        .expect("the statement is ours");
    let member = member.ok_or(Problem::UNAUTHORIZED)?;
    let token = secret();
    store
        .execute("INSERT INTO tokens VALUES (?1, ?2)", params![token, member])
        .expect("the statement is ours");
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(json!({"token": token}))).into_response())
}

/// The member whose token a request carries.
pub(crate) fn caller(app: &App, headers: &HeaderMap) -> Result<String, Problem> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Problem::UNAUTHORIZED)?;
    let member =
        app.store.lock().query_row("SELECT member FROM tokens WHERE token = ?1", [token], |row| row.get(0));
    member.optional().expect("the statement is ours").ok_or(Problem::UNAUTHORIZED)
}
