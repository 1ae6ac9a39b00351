//! `GET /menu`, `GET /menu/{id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::error::Problem;
use crate::extract::{Id, QueryReader, plain_text};
use crate::state::AppState;
use crate::store::{Dish, Filter, Sort};

#[derive(Serialize)]
pub(crate) struct List {
    pub(crate) dishes: Vec<Dish>,
}

pub(crate) async fn list(State(state): State<AppState>, query: QueryReader) -> Result<Json<List>, Problem> {
    Ok(Json(List { dishes: state.store.dishes(&filter(query)?)? }))
}

pub(crate) fn filter(mut query: QueryReader) -> Result<Filter, Problem> {
    let filter = Filter {
        q: query.take("q", "must have 1 to 64 characters, none of them control", |text| {
            plain_text(text, 1, 64).then(|| text.to_owned())
        })?,
        category: query.take("category", "must be starter, main, dessert or drink", |text| {
            matches!(text, "starter" | "main" | "dessert" | "drink").then(|| text.to_owned())
        })?,
        sort: query
            .take("sort", "must be id, name or price", |text| match text {
                "id" => Some(Sort::Id),
                "name" => Some(Sort::Name),
                "price" => Some(Sort::Price),
                _ => None,
            })?
            .unwrap_or(Sort::Id),
        limit: query.integer("limit", "must be an integer from 1 to 50", 1..=50, 50)?,
    };
    query.finish()?;
    Ok(filter)
}

pub(crate) async fn read(State(state): State<AppState>, Id(id): Id<u32>) -> Result<Json<Dish>, Problem> {
    state.store.dish(id)?.map(Json).ok_or_else(Problem::not_found)
}
