//! `GET /me`

use axum::Json;
use axum::extract::State;

use crate::auth::Caller;
use crate::error::Problem;
use crate::state::AppState;
use crate::store::Profile;

pub(crate) async fn read(State(state): State<AppState>, caller: Caller) -> Result<Json<Profile>, Problem> {
    state.store.profile(&caller.name).map(Json).ok_or_else(Problem::internal)
}
