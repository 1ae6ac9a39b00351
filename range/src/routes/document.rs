//! `GET /openapi.json`

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

pub(crate) async fn read() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], crate::openapi())
}
