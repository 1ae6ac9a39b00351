//! SQL put together from text. SQLite evaluates it; its errors are answered with a problem that says nothing, so that only the rows tell.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::{Defect, Part};
use crate::error::{Invalid, Problem};
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
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(search)),
};

pub(super) const NUMBER: Defect = Defect {
    id: "input-sqli-boolean-in-dish-number",
    title: "the id of a dish is spliced into the statement as a number",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNPARSED, ("input-sqli-expression", "arithmetic in the id is computed")],
    build: |plan| plan.replace(&get(dish)),
};

pub(super) const CATEGORY: Defect = Defect {
    id: "input-sqli-boolean-in-category",
    title: "the category is spliced into a comparison of strings",
    operations: &["GET /menu"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNPARSED],
    build: |plan| plan.replace(&get(category)),
};

pub(super) const SORT: Defect = Defect {
    id: "input-sqli-boolean-in-sort",
    title: "the sort key is spliced into ORDER BY",
    operations: &["GET /menu"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNPARSED, ("input-sqli-expression", "arithmetic in the key is computed")],
    build: |plan| plan.replace(&get(sort)),
};

async fn search(State(state): State<AppState>, query: QueryReader) -> Result<Response, Problem> {
    let filter = menu::filter(query)?;
    let name = filter.q.map_or("1".to_owned(), |q| format!("name LIKE '%{q}%'"));
    let category = filter.category.map_or("1".to_owned(), |category| format!("category = '{category}'"));
    let order = column(filter.sort);
    let condition = format!("{name} AND {category} ORDER BY {order}, id LIMIT {}", filter.limit);
    list(&state, &condition, Invalid::query("q", "is not understood"))
}

async fn category(State(state): State<AppState>, mut query: QueryReader) -> Result<Response, Problem> {
    let category = query.take("category", "", |text| Some(text.to_owned()))?;
    let filter = menu::filter(query)?;
    let category = category.map_or("1".to_owned(), |category| format!("category = '{category}'"));
    let (name, order) = (contains(filter.q), column(filter.sort));
    let condition = format!("{name} AND {category} ORDER BY {order}, id LIMIT {}", filter.limit);
    list(&state, &condition, Invalid::query("category", "is not understood"))
}

async fn sort(State(state): State<AppState>, mut query: QueryReader) -> Result<Response, Problem> {
    let sort = query.take("sort", "", |text| Some(text.to_owned()))?.unwrap_or_else(|| "id".to_owned());
    let filter = menu::filter(query)?;
    let sort = if sort == "price" { "price_cents" } else { &sort };
    let name = contains(filter.q);
    let category = filter.category.map_or("1".to_owned(), |category| format!("category = '{category}'"));
    let condition = format!("{name} AND {category} ORDER BY {sort} LIMIT {}", filter.limit);
    list(&state, &condition, Invalid::query("sort", "is not understood"))
}

async fn dish(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Dish>, Problem> {
    let invalid = || Invalid::path("id", "must be an integer from 1 to 100000");
    if id.parse().is_ok_and(|number: i64| !(1..=100_000).contains(&number)) {
        return Err(invalid().into());
    }
    let mut found = dishes(&state, &format!("id = {id}")).map_err(|_| invalid())?;
    if found.is_empty() { Err(Problem::not_found()) } else { Ok(Json(found.swap_remove(0))) }
}

/// The dishes; or, when SQLite does not understand, a problem that says no more than that of the hardened range.
fn list(state: &AppState, condition: &str, otherwise: Invalid) -> Result<Response, Problem> {
    let dishes = dishes(state, condition).map_err(|_| otherwise)?;
    Ok(Json(json!({"dishes": dishes})).into_response())
}

fn dishes(state: &AppState, condition: &str) -> rusqlite::Result<Vec<Dish>> {
    let connection = state.store.connection();
    let sql = format!("SELECT id, name, category, description, price_cents FROM dishes WHERE {condition}");
    connection.prepare(&sql)?.query_map([], Dish::read)?.collect()
}

fn column(sort: Sort) -> &'static str {
    match sort {
        Sort::Id => "id",
        Sort::Name => "name",
        Sort::Price => "price_cents",
    }
}

/// A search that is properly quoted: what these defects are not about stays sound.
fn contains(q: Option<String>) -> String {
    q.map_or("1".to_owned(), |q| format!("instr(lower(name), lower('{}')) > 0", q.replace('\'', "''")))
}
