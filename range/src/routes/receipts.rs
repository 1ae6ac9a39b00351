//! `GET /orders/{id}/receipt`

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::auth::Caller;
use crate::error::Problem;
use crate::extract::Id;
use crate::state::AppState;
use crate::store::{Line, Order};

#[derive(Serialize)]
pub(crate) struct Receipt {
    order: String,
    note: String,
    lines: Vec<Line>,
    total_cents: u32,
    /// Of the total, at 7 %.
    tax_cents: u32,
}

impl Receipt {
    pub(crate) fn new(order: Order, lines: Vec<Line>) -> Self {
        let tax_cents = order.total_cents * 7 / 107;
        Self { order: order.id, note: order.note, lines, total_cents: order.total_cents, tax_cents }
    }
}

pub(crate) async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<Json<Receipt>, Problem> {
    let order = state.store.order(&caller.name, &id)?.ok_or_else(Problem::not_found)?;
    let lines = state.store.lines(&caller.name, &id)?;
    Ok(Json(Receipt::new(order, lines)))
}
