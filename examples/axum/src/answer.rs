//! Errors in one shape (RFC 9457), and bodies that are what the document says.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// An error that says what the caller can do, and nothing about the inside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem(StatusCode, &'static str);

impl Problem {
    pub(crate) const UNAUTHORIZED: Self = Self(StatusCode::UNAUTHORIZED, "A valid token is needed.");
    pub(crate) const NOT_FOUND: Self = Self(StatusCode::NOT_FOUND, "There is no such thing.");
    pub(crate) const METHOD: Self =
        Self(StatusCode::METHOD_NOT_ALLOWED, "This method is not supported here.");
    pub(crate) const MEDIA_TYPE: Self =
        Self(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is application/json.");
    pub(crate) const TOO_LARGE: Self = Self(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
    pub(crate) const MALFORMED: Self = Self(StatusCode::BAD_REQUEST, "The body is no JSON object.");
    pub(crate) const INVALID: Self =
        Self(StatusCode::UNPROCESSABLE_ENTITY, "The request is not as documented.");
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, detail) = self;
        let body = json!({"title": status.canonical_reason(), "status": status.as_u16(), "detail": detail});
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A JSON body of the documented type.
pub(crate) fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Problem> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameter) = media_type.split_once(';').unwrap_or((media_type, ""));
    let utf8 = matches!(parameter.trim().to_ascii_lowercase().as_str(), "" | "charset=utf-8");
    if !essence.trim().eq_ignore_ascii_case("application/json")
        || !utf8
        || headers.contains_key(header::CONTENT_ENCODING)
    {
        return Err(Problem::MEDIA_TYPE);
    }
    let body = body.map_err(|_| Problem::TOO_LARGE)?;
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(json @ serde_json::Value::Object(_)) => serde_json::from_value(json).map_err(|_| Problem::INVALID),
        Ok(_) => Err(Problem::INVALID),
        Err(_) => Err(Problem::MALFORMED),
    }
}
