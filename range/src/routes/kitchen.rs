//! `GET /kitchen/tickets`

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::auth::Kitchen;
use crate::error::Problem;
use crate::extract::QueryReader;
use crate::state::AppState;
use crate::store::Ticket;

#[derive(Serialize)]
pub(crate) struct List {
    tickets: Vec<Ticket>,
}

pub(crate) async fn tickets(
    _: Kitchen,
    State(state): State<AppState>,
    mut query: QueryReader,
) -> Result<Json<List>, Problem> {
    let limit = query.integer("limit", "must be an integer from 1 to 50", 1..=50, 20)?;
    query.finish()?;
    Ok(Json(List { tickets: state.store.tickets(limit)? }))
}
