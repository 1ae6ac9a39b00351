//! Layers that read a body before its handler does.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::error::Problem;

/// The body of a request, of at most so many bytes.
pub(super) async fn read(request: Request, most: usize) -> Result<(Parts, Bytes), Response> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, most).await.map_err(|_| Problem::too_large().into_response())?;
    Ok((parts, bytes))
}

/// The request with this body.
pub(super) fn with(mut parts: Parts, body: Bytes) -> Request {
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    Request::from_parts(parts, Body::from(body))
}

/// What a layer reads at most that is not about size.
pub(super) const MOST: usize = 64 * 1024;
