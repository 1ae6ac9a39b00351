//! Members that are for another role.

use axum::Json;
use axum::extract::State;
use axum::routing::get;

use super::{Defect, Part};
use crate::accounts::Role;
use crate::auth::Caller;
use crate::error::Problem;
use crate::routes::me::{Me, permissions};
use crate::state::AppState;

const FIRES: &[&str] = &["authz-field-matrix"];

pub(super) const PERMISSIONS: Defect = Defect {
    id: "authz-field-matrix-permissions",
    title: "customers are shown which permissions they lack or have",
    operations: &["GET /me"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(read)),
};

pub(super) const HELPERS: Defect = Defect {
    id: "authz-field-matrix-for-helpers",
    title: "a list of helpers, long out of date, still has bob shown what administrators are",
    operations: &["GET /me"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(listed)),
};

/// Who helped once.
const KEEPERS: &[&str] = &["olga", "bob"];

async fn listed(State(state): State<AppState>, caller: Caller) -> Result<Json<Me>, Problem> {
    let profile = state.store.profile(&caller.name).ok_or_else(Problem::internal)?;
    let helps = profile.role == Role::Admin || KEEPERS.contains(&caller.name.as_str());
    let permissions = helps.then_some(permissions(Role::Admin));
    Ok(Json(Me { profile, permissions }))
}

async fn read(State(state): State<AppState>, caller: Caller) -> Result<Json<Me>, Problem> {
    let profile = state.store.profile(&caller.name).ok_or_else(Problem::internal)?;
    let permissions = Some(permissions(profile.role));
    Ok(Json(Me { profile, permissions }))
}
