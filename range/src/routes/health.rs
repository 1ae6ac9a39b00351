//! `GET /health`

use axum::Json;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

pub(crate) async fn read() -> Json<Health> {
    Json(Health { status: "ok" })
}
