//! `GET /admin/accounts`

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::auth::Admin;
use crate::error::Problem;
use crate::state::AppState;
use crate::store::Profile;

#[derive(Serialize)]
pub(crate) struct List {
    accounts: Vec<Profile>,
}

pub(crate) async fn list(_: Admin, State(state): State<AppState>) -> Result<Json<List>, Problem> {
    Ok(Json(List { accounts: state.store.profiles()? }))
}
