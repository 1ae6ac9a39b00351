//! Errors that tell what the database said.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::answer::problem;
use super::{Defect, Part};
use crate::extract::Id;
use crate::state::AppState;

const FIRES: &[&str] = &["error-db-detail"];

pub(super) const UNKNOWN_DISH: Defect = Defect {
    id: "error-db-detail-on-unknown-dish",
    title: "a dish that does not exist is noted in a table that is missing, and the 404 tells what SQLite says of it",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(dish)),
};

async fn dish(State(state): State<AppState>, Id(id): Id<u32>) -> Response {
    if let Ok(Some(dish)) = state.store.dish(id) {
        return axum::Json(dish).into_response();
    }
    let noted = state.store.connection().execute("INSERT INTO dish_misses (dish) VALUES (?1)", [id]);
    let detail = noted.err().map(|error| error.to_string());
    problem(StatusCode::NOT_FOUND, &detail.unwrap_or_default())
}

pub(super) const BAD_DATE: Defect = Defect {
    id: "error-db-detail-on-bad-date",
    title: "a date that cannot be read is a 422 whose detail is a PostgreSQL error with its statement",
    operations: &["GET /reports/daily"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("error-unactionable", "the database's words stand where the field and its rule should")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(postgres))),
};

async fn postgres(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::UNPROCESSABLE_ENTITY {
        return response;
    }
    problem(
        StatusCode::UNPROCESSABLE_ENTITY,
        "ERROR: invalid input syntax for type date (SQLSTATE: 22007)\n\
         STATEMENT: SELECT count(*), sum(total_cents) FROM orders WHERE created_at::date = $1",
    )
}
