//! Searching books.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::answer::Problem;
use crate::{App, Bug};

#[derive(Deserialize)]
pub(crate) struct Search {
    title: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Book {
    id: i64,
    title: String,
    author: String,
}

pub(crate) async fn search(
    State(app): State<App>,
    query: Result<Query<Search>, QueryRejection>,
) -> Result<Json<Vec<Book>>, Problem> {
    let Query(Search { title }) = query.map_err(|_| Problem::INVALID)?;
    let title = title.unwrap_or_default();
    if title.chars().count() > 80 {
        return Err(Problem::INVALID);
    }
    let book = |row: &Row<'_>| Ok(Book { id: row.get(0)?, title: row.get(1)?, author: row.get(2)? });
    let store = app.store.lock();
    let found = if app.has(Bug::SearchInSql) {
        let sql = format!("SELECT id, title, author FROM books WHERE title LIKE '%{title}%' ORDER BY id");
        let books = store.prepare(&sql).and_then(|mut statement| statement.query_map([], book)?.collect());
        books.unwrap_or_default()
    } else {
        // What is asked for is text, and so are the signs that LIKE knows.
        let sql = "SELECT id, title, author FROM books WHERE instr(lower(title), lower(?1)) > 0 ORDER BY id";
        let mut statement = store.prepare_cached(sql).expect("the statement is ours");
        statement.query_map([title], book).and_then(Iterator::collect).expect("the statement is ours")
    };
    Ok(Json(found))
}
