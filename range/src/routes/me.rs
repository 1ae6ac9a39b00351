//! `GET /me`

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::accounts::Role;
use crate::auth::Caller;
use crate::error::Problem;
use crate::state::AppState;
use crate::store::Profile;

/// What an account is shown of itself. What it may do beyond a customer's rights is for administrators to see.
#[derive(Serialize)]
pub(crate) struct Me {
    #[serde(flatten)]
    pub(crate) profile: Profile,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) permissions: Option<&'static [&'static str]>,
}

pub(crate) async fn read(State(state): State<AppState>, caller: Caller) -> Result<Json<Me>, Problem> {
    let profile = state.store.profile(&caller.name).ok_or_else(Problem::internal)?;
    let permissions = (profile.role == Role::Admin).then_some(permissions(Role::Admin));
    Ok(Json(Me { profile, permissions }))
}

/// What a role may do beside ordering.
pub(crate) fn permissions(role: Role) -> &'static [&'static str] {
    match role {
        Role::Customer => &[],
        Role::Admin => &["accounts:list"],
    }
}
