//! Reading bodies, and the two shapes of answers.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::Body;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) &'static str);

impl Refusal {
    /// An error in the one shape (RFC 9457).
    pub(crate) fn answer(self) -> Response<Body> {
        let Self(status, detail) = self;
        let title = status.canonical_reason();
        let body = serde_json::json!({"title": title, "status": status.as_u16(), "detail": detail});
        typed(status, "application/problem+json", &body)
    }
}

/// Reads a JSON body.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|_| Refusal(StatusCode::BAD_REQUEST, "the body is not what it has to be"))
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &Json) -> Response<Body> {
    typed(status, "application/json", body)
}

fn typed(status: StatusCode, media_type: &'static str, body: &Json) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
