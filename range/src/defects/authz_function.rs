//! The accounts, shown to those who are not their keepers.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use serde_json::{Value, json};

use super::{Defect, Part};
use crate::accounts::Role;
use crate::auth::Caller;
use crate::error::Problem;
use crate::state::AppState;

const FIRES: &[&str] = &["authz-function"];
const MATRIX: (&str, &str) = ("authz-matrix", "a role does what the policy does not give it");

pub(super) const EVERYBODY: Defect = Defect {
    id: "authz-function-for-everybody",
    title: "any customer lists the accounts",
    operations: &["GET /admin/accounts"],
    part: Part::Answer,
    fires: FIRES,
    also: &[MATRIX],
    build: |plan| plan.replace(&get(everybody)),
};

pub(super) const NAMED: Defect = Defect {
    id: "authz-function-by-name",
    title: "a list of names, long out of date, still lets bob list the accounts",
    operations: &["GET /admin/accounts"],
    part: Part::Answer,
    fires: FIRES,
    also: &[MATRIX],
    build: |plan| plan.replace(&get(named)),
};

/// Who kept the accounts once.
const KEEPERS: &[&str] = &["olga", "bob"];

async fn everybody(State(state): State<AppState>, _: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "accounts": state.store.profiles()? })))
}

async fn named(State(state): State<AppState>, caller: Caller) -> Result<Json<Value>, Problem> {
    if caller.role != Role::Admin && !KEEPERS.contains(&caller.name.as_str()) {
        return Err(Problem::forbidden());
    }
    Ok(Json(json!({ "accounts": state.store.profiles()? })))
}
