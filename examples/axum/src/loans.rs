//! Loans: everybody sees and ends their own.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::answer::{Problem, read as read_body};
use crate::login::caller;
use crate::store::secret;
use crate::{App, Bug};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    book: i64,
    days: i64,
    #[serde(default)]
    note: String,
}

#[derive(Serialize)]
pub(crate) struct Loan {
    id: String,
    book: i64,
    days: i64,
    /// In cents, for each day: two weeks are free, what is longer costs five euros in all.
    fee_per_day: i64,
    note: String,
}

const ONE: &str = "SELECT id, book, days, note, member FROM loans WHERE id = ?1";

fn loan(row: &Row<'_>) -> rusqlite::Result<Loan> {
    let days: i64 = row.get(2)?;
    Ok(Loan { id: row.get(0)?, book: row.get(1)?, days, fee_per_day: fee(days), note: row.get(3)? })
}

fn fee(days: i64) -> i64 {
    if (1..=14).contains(&days) { 0 } else { 500 / days }
}

pub(crate) async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Loan>), Problem> {
    let member = caller(&app, &headers)?;
    let Wish { book, days, note } = read_body(&headers, body)?;
    let days_are_right = (1..=60).contains(&days) || (app.has(Bug::NoDays) && days == 0);
    if !days_are_right || note.chars().count() > 80 {
        return Err(Problem::INVALID);
    }
    let store = app.store.lock();
    let there = store.query_row("SELECT 1 FROM books WHERE id = ?1", [book], |_| Ok(())).optional();
    there.expect("the statement is ours").ok_or(Problem::INVALID)?;
    let made = Loan { id: secret(), book, days, fee_per_day: fee(days), note };
    let row = params![made.id, member, book, days, made.note];
    store.execute("INSERT INTO loans VALUES (?1, ?2, ?3, ?4, ?5)", row).expect("the statement is ours");
    Ok((StatusCode::CREATED, Json(made)))
}

pub(crate) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Json<Vec<Loan>>, Problem> {
    let member = caller(&app, &headers)?;
    let store = app.store.lock();
    let sql = "SELECT id, book, days, note FROM loans WHERE member = ?1 ORDER BY rowid DESC LIMIT 20";
    let mut statement = store.prepare_cached(sql).expect("the statement is ours");
    Ok(Json(statement.query_map([member], loan).and_then(Iterator::collect).expect("the statement is ours")))
}

pub(crate) async fn read(
    State(app): State<App>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Loan>, Problem> {
    let member = caller(&app, &headers)?;
    let Path(id) = id.map_err(|_| Problem::NOT_FOUND)?;
    let found =
        app.store.lock().query_row(ONE, [id], |row| Ok((loan(row)?, row.get::<_, String>(4)?))).optional();
    match found.expect("the statement is ours") {
        Some((loan, owner)) if owner == member || app.has(Bug::LoanOfAnybody) => Ok(Json(loan)),
        _ => Err(Problem::NOT_FOUND),
    }
}

pub(crate) async fn give_back(
    State(app): State<App>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let member = match caller(&app, &headers) {
        Err(_) if app.has(Bug::ReturnWithoutToken) => None,
        caller => Some(caller?),
    };
    let Path(id) = id.map_err(|_| Problem::NOT_FOUND)?;
    let sql = "DELETE FROM loans WHERE id = ?1 AND (?2 IS NULL OR member = ?2)";
    match app.store.lock().execute(sql, params![id, member]).expect("the statement is ours") {
        0 => Err(Problem::NOT_FOUND),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
