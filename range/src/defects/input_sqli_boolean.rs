//! SQL put together from text. SQLite evaluates it; its errors are answered with a problem that says nothing, so that only the rows tell.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::Defect;
use super::answer::problem;
use crate::error::Problem;
use crate::extract::QueryReader;
use crate::routes::menu;
use crate::state::AppState;
use crate::store::{Dish, Sort};

const FIRES: &[&str] = &["input-sqli-boolean"];
const UNPARSED: (&str, &str) =
    ("input-schema-violation-accepted", "the text reaches the statement without being checked");

pub(super) const SEARCH: Defect = Defect {
    id: "input-sqli-boolean-in-search",
    title: "the search text is spliced into a LIKE pattern",
    operations: &["GET /menu"],
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(search)),
};

pub(super) const NUMBER: Defect = Defect {
    id: "input-sqli-boolean-in-dish-number",
    title: "the id of a dish is spliced into the statement as a number",
    operations: &["GET /menu/{id}"],
    fires: FIRES,
    also: &[UNPARSED, ("input-sqli-expression", "arithmetic in the id is computed")],
    build: |plan| plan.replace(&get(dish)),
};

pub(super) const CATEGORY: Defect = Defect {
    id: "input-sqli-boolean-in-category",
    title: "the category is spliced into a comparison of strings",
    operations: &["GET /menu"],
    fires: FIRES,
    also: &[UNPARSED],
    build: |plan| plan.replace(&get(category)),
};

pub(super) const SORT: Defect = Defect {
    id: "input-sqli-boolean-in-sort",
    title: "the sort key is spliced into ORDER BY",
    operations: &["GET /menu"],
    fires: FIRES,
    also: &[UNPARSED, ("input-sqli-expression", "arithmetic in the key is computed")],
    build: |plan| plan.replace(&get(sort)),
};

async fn search(State(state): State<AppState>, query: QueryReader) -> Result<Response, Problem> {
    let filter = menu::filter(query)?;
    let name = filter.q.map_or("1".to_owned(), |q| format!("name LIKE '%{q}%'"));
    let category = filter.category.map_or("1".to_owned(), |category| format!("category = '{category}'"));
    let order = column(filter.sort);
    Ok(list(&state, &format!("{name} AND {category} ORDER BY {order}, id LIMIT {}", filter.limit)))
}

async fn category(State(state): State<AppState>, mut query: QueryReader) -> Result<Response, Problem> {
    let category = query.take("category", "", |text| Some(text.to_owned()))?;
    let filter = menu::filter(query)?;
    let category = category.map_or("1".to_owned(), |category| format!("category = '{category}'"));
    let name = filter.q.map_or("1".to_owned(), |q| format!("instr(lower(name), lower({})) > 0", literal(&q)));
    let order = column(filter.sort);
    Ok(list(&state, &format!("{name} AND {category} ORDER BY {order}, id LIMIT {}", filter.limit)))
}

async fn sort(State(state): State<AppState>, mut query: QueryReader) -> Result<Response, Problem> {
    let sort = query.take("sort", "", |text| Some(text.to_owned()))?.unwrap_or_else(|| "id".to_owned());
    let filter = menu::filter(query)?;
    let sort = if sort == "price" { "price_cents" } else { &sort };
    let name = filter.q.map_or("1".to_owned(), |q| format!("instr(lower(name), lower({})) > 0", literal(&q)));
    let category = filter.category.map_or("1".to_owned(), |category| format!("category = '{category}'"));
    Ok(list(&state, &format!("{name} AND {category} ORDER BY {sort} LIMIT {}", filter.limit)))
}

async fn dish(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    match dishes(&state, &format!("id = {id}")).map(Vec::into_iter).map(|mut found| found.next()) {
        Ok(Some(dish)) => Json(dish).into_response(),
        Ok(None) => Problem::not_found().into_response(),
        Err(_) => unspecific(),
    }
}

fn list(state: &AppState, condition: &str) -> Response {
    match dishes(state, condition) {
        Ok(dishes) => Json(json!({"dishes": dishes})).into_response(),
        Err(_) => unspecific(),
    }
}

fn dishes(state: &AppState, condition: &str) -> rusqlite::Result<Vec<Dish>> {
    let connection = state.store.connection();
    let sql = format!("SELECT id, name, category, description, price_cents FROM dishes WHERE {condition}");
    connection.prepare(&sql)?.query_map([], Dish::read)?.collect()
}

fn unspecific() -> Response {
    problem(StatusCode::UNPROCESSABLE_ENTITY, "The request is not as documented.")
}

fn column(sort: Sort) -> &'static str {
    match sort {
        Sort::Id => "id",
        Sort::Name => "name",
        Sort::Price => "price_cents",
    }
}

/// A string literal, properly quoted: what this defect is not about stays sound.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
