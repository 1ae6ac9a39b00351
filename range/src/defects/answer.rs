//! Answers that defects give.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A problem like those of the hardened range, with a detail of one's own.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason();
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The same answer with another body: status and all other headers stay.
pub(super) fn with_body(response: Response, media: &'static str, body: String) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    Response::from_parts(parts, Body::from(body))
}

/// Makes the type of a request's body JSON, whatever it said.
pub(super) fn announce_json(request: &mut Request) {
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
}
