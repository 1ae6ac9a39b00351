//! Operations that do without a credential when none is sent.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::{delete, get};
use serde_json::{Value, json};

use super::{Defect, Part};
use crate::auth::Caller;
use crate::error::Problem;
use crate::extract::{Id, QueryReader};
use crate::state::AppState;
use crate::store::Order;

const FIRES: &[&str] = &["authn-missing-credential"];
const OBJECTS: (&str, &str) = ("authz-object-anon", "what is reached belongs to somebody");

pub(super) const LIST: Defect = Defect {
    id: "authn-missing-credential-on-list",
    title: "without a token, the list of orders is everybody's",
    operations: &["GET /orders"],
    part: Part::Handler,
    fires: FIRES,
    also: &[OBJECTS, ("authz-list-leak", "others' orders are listed")],
    build: |plan| plan.replace(&get(list)),
};

pub(super) const DELETION: Defect = Defect {
    id: "authn-missing-credential-on-deletion",
    title: "without a token, any order is deleted",
    operations: &["DELETE /orders/{id}"],
    part: Part::Handler,
    fires: FIRES,
    also: &[OBJECTS, ("authz-object-write", "anybody's order is deleted")],
    build: |plan| plan.replace(&delete(remove)),
};

/// Whoever sent a token must be known by it; whoever sent none is let in.
struct Anyone(Option<Caller>);

impl FromRequestParts<AppState> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(Self(None));
        }
        Caller::from_request_parts(parts, state).await.map(Some).map(Self)
    }
}

async fn list(
    State(state): State<AppState>,
    Anyone(caller): Anyone,
    mut query: QueryReader,
) -> Result<Json<Value>, Problem> {
    let limit = query.integer("limit", "must be an integer from 1 to 100", 1..=100, 20)?;
    query.finish()?;
    let orders = if let Some(caller) = caller {
        state.store.orders(&caller.name, limit)?
    } else {
        let connection = state.store.connection();
        let mut statement = connection
            .prepare_cached(concat!(include_str!("../store/orders.sql"), "ORDER BY number DESC LIMIT ?1"))?;
        statement.query_map([limit], Order::read)?.collect::<rusqlite::Result<Vec<_>>>()?
    };
    Ok(Json(json!({ "orders": orders })))
}

async fn remove(
    State(state): State<AppState>,
    Anyone(caller): Anyone,
    Id(id): Id<String>,
) -> Result<StatusCode, Problem> {
    let gone = match caller {
        Some(caller) => state.store.delete(&caller.name, &id)?,
        None => state.store.connection().execute("DELETE FROM orders WHERE id = ?1", [&id])? == 1,
    };
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
