//! Inputs that nobody expected.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{Defect, Part, intake};
use crate::auth::Kitchen;
use crate::error::Problem;
use crate::extract::QueryReader;
use crate::state::AppState;

const FIRES: &[&str] = &["input-server-error"];

pub(super) const ZERO: Defect = Defect {
    id: "input-server-error-on-zero",
    title: "a limit of zero is divided by",
    operations: &["GET /kitchen/tickets"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(tickets)),
};

const PLACES: u32 = 50;

/// The tickets, and how many boards of so many tickets the kitchen has room for.
async fn tickets(
    _: Kitchen,
    State(state): State<AppState>,
    mut query: QueryReader,
) -> Result<([(HeaderName, String); 1], Json<Value>), Problem> {
    let rule = "must be an integer from 1 to 50";
    let limit = query.integer("limit", rule, 0..=PLACES, 20)?;
    query.finish()?;
    let boards = PLACES / limit;
    let tickets = state.store.tickets(limit)?;
    Ok(([(HeaderName::from_static("x-boards"), boards.to_string())], Json(json!({"tickets": tickets}))))
}

pub(super) const NOT_TEXT: Defect = Defect {
    id: "input-server-error-on-note-that-is-no-text",
    title: "a layer that measures notes takes for granted that a note is text",
    operations: &["POST /orders"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(measured))),
};

async fn measured(request: Request, next: Next) -> Response {
    let (mut parts, body) = match intake::read(request, intake::MOST).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    if let Ok(order) = serde_json::from_slice::<Value>(&body)
        && let Some(note) = order.get("note")
    {
        let length = note.as_str().expect("a note is text").len();
        parts.extensions.insert(length);
    }
    next.run(intake::with(parts, body)).await
}
