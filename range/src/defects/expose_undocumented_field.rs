//! Answers with more in them than the document says.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{Defect, Part};
use crate::auth::Admin;
use crate::error::Problem;
use crate::extract::Id;
use crate::state::AppState;

const FIRES: &[&str] = &["expose-undocumented-field"];

pub(super) const PURCHASE: Defect = Defect {
    id: "expose-undocumented-field-purchase-price",
    title: "a dish shows what it costs the canteen",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(dish)),
};

async fn dish(State(state): State<AppState>, Id(id): Id<u32>) -> Result<Response, Problem> {
    let dish = state.store.dish(id)?.ok_or_else(Problem::not_found)?;
    let mut shown = json!(dish);
    shown["purchase_cents"] = json!(shown["price_cents"].as_u64().unwrap_or_default() / 3);
    Ok(Json(shown).into_response())
}

pub(super) const PASSWORD_HASH: Defect = Defect {
    id: "expose-undocumented-field-password-hash",
    title: "the list of accounts shows whole rows, with the hashes of the passwords",
    operations: &["GET /admin/accounts"],
    part: Part::Answer,
    fires: FIRES,
    also: &[
        ("expose-password-hash", "the member is a password's hash"),
        ("expose-sensitive-name", "the member is called one"),
    ],
    build: |plan| plan.replace(&get(accounts)),
};

async fn accounts(_: Admin, State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let connection = state.store.connection();
    let mut rows = connection
        .prepare_cached("SELECT name, display_name, role, lower(hex(hash)) FROM accounts ORDER BY name")?;
    let accounts = rows.query_map([], |row| {
        let text = |at| row.get::<_, String>(at);
        Ok(json!({"name": text(0)?, "display_name": text(1)?, "role": text(2)?, "password_hash": text(3)?}))
    })?;
    Ok(Json(json!({"accounts": accounts.collect::<Result<Vec<_>, _>>()?})))
}
