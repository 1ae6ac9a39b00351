//! Orders that are shown to whoever knows their id.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use rusqlite::OptionalExtension;

use super::{Defect, Part};
use crate::auth::Caller;
use crate::error::Problem;
use crate::extract::{Id, QueryReader};
use crate::routes::orders::{Shown, wants_lines};
use crate::routes::receipts::Receipt;
use crate::state::AppState;
use crate::store::{Line, Order, Store, lines};

const FIRES: &[&str] = &["authz-object-read"];
const UNEVEN: (&str, &str) = ("authz-inconsistent-verbs", "other operations on the same order still refuse");

pub(super) const ORDER: Defect = Defect {
    id: "authz-object-read-of-order",
    title: "any customer reads any order",
    operations: &["GET /orders/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNEVEN],
    build: |plan| plan.replace(&get(order)),
};

pub(super) const RECEIPT: Defect = Defect {
    id: "authz-object-read-of-receipt",
    title: "any customer reads the receipt of any order; the order itself is refused",
    operations: &["GET /orders/{id}/receipt"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNEVEN],
    build: |plan| plan.replace(&get(receipt)),
};

pub(super) const FULL_VIEW: Defect = Defect {
    id: "authz-object-read-in-full-view",
    title: "any customer reads any order with view=full; the summary is refused",
    operations: &["GET /orders/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNEVEN],
    build: |plan| plan.replace(&get(full_view)),
};

/// An order, whosever it is.
fn anyones(store: &Store, id: &str) -> rusqlite::Result<Option<(Order, Vec<Line>)>> {
    let connection = store.connection();
    let order = connection
        .prepare_cached(concat!(include_str!("../store/orders.sql"), "WHERE id = ?1"))?
        .query_row([id], Order::read)
        .optional()?;
    order.map(|order| Ok((order, lines(&connection, id)?))).transpose()
}

async fn order(
    State(state): State<AppState>,
    _: Caller,
    Id(id): Id<String>,
    mut query: QueryReader,
) -> Result<Json<Shown>, Problem> {
    let full = wants_lines(&mut query)?;
    query.finish()?;
    let (order, lines) = anyones(&state.store, &id)?.ok_or_else(Problem::not_found)?;
    Ok(Json(Shown { order, lines: full.then_some(lines) }))
}

async fn receipt(
    State(state): State<AppState>,
    _: Caller,
    Id(id): Id<String>,
) -> Result<Json<Receipt>, Problem> {
    let (order, lines) = anyones(&state.store, &id)?.ok_or_else(Problem::not_found)?;
    Ok(Json(Receipt::new(order, lines)))
}

async fn full_view(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
    mut query: QueryReader,
) -> Result<Json<Shown>, Problem> {
    let full = wants_lines(&mut query)?;
    query.finish()?;
    if full {
        let (order, lines) = anyones(&state.store, &id)?.ok_or_else(Problem::not_found)?;
        return Ok(Json(Shown { order, lines: Some(lines) }));
    }
    let order = state.store.order(&caller.name, &id)?.ok_or_else(Problem::not_found)?;
    Ok(Json(Shown { order, lines: None }))
}
