//! SQL put together from text, whose errors are shown: SQLite says what it could not read.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::answer::problem;
use super::{Defect, Part};
use crate::auth::ReportsReader;
use crate::clock;
use crate::error::Problem;
use crate::extract::QueryReader;
use crate::routes::menu;
use crate::state::AppState;
use crate::store::Dish;

const FIRES: &[&str] = &["input-sqli-error"];
const EVALUATED: (&str, &str) = ("input-sqli-boolean", "a condition in the text is evaluated, too");
const SHOWN: (&str, &str) = ("error-db-detail", "the error names the statement and its columns");

pub(super) const SEARCH: Defect = Defect {
    id: "input-sqli-error-in-search",
    title: "the search text is spliced into a LIKE pattern, and SQLite's error is shown",
    operations: &["GET /menu"],
    part: Part::Answer,
    fires: FIRES,
    also: &[EVALUATED, SHOWN],
    build: |plan| plan.replace(&get(search)),
};

async fn search(State(state): State<AppState>, query: QueryReader) -> Result<Response, Problem> {
    let filter = menu::filter(query)?;
    let Some(q) = &filter.q else {
        return Ok(Json(json!({"dishes": state.store.dishes(&filter)?})).into_response());
    };
    let found = || {
        let connection = state.store.connection();
        let sql = format!(
            "SELECT id, name, category, description, price_cents FROM dishes WHERE name LIKE '%{q}%' ORDER BY id"
        );
        let found: Vec<Dish> =
            connection.prepare(&sql)?.query_map([], Dish::read)?.collect::<Result<_, _>>()?;
        Ok::<_, rusqlite::Error>(found)
    };
    let wanted = |dish: &Dish| filter.category.as_ref().is_none_or(|category| dish.category == *category);
    match found() {
        Ok(found) => {
            let dishes: Vec<_> = found.into_iter().filter(wanted).take(filter.limit as usize).collect();
            Ok(Json(json!({"dishes": dishes})).into_response())
        }
        Err(error) => Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())),
    }
}

pub(super) const DATE: Defect = Defect {
    id: "input-sqli-error-in-date",
    title: "the date of a report is spliced into a statement that keeps count, and SQLite's error is shown",
    operations: &["GET /reports/daily"],
    part: Part::Answer,
    fires: FIRES,
    also: &[SHOWN],
    build: |plan| plan.replace(&get(daily)),
};

async fn daily(
    _: ReportsReader,
    State(state): State<AppState>,
    mut query: QueryReader,
) -> Result<Response, Problem> {
    let date = query.take("date", "", |text| Some(text.to_owned()))?;
    query.finish()?;
    let date = date.unwrap_or_else(|| clock::today().to_string());
    // How often each day is asked for; nobody sees it here.
    let noted = || {
        let connection = state.store.connection();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS asked (date TEXT)")?;
        connection.execute(&format!("INSERT INTO asked (date) VALUES ('{date}')"), [])
    };
    Ok(match noted() {
        Ok(_) => Json(state.store.day(date)?).into_response(),
        Err(error) => problem(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    })
}
