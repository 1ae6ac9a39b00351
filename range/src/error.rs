//! Every error of this API, in one shape: problem details (RFC 9457), which say what a client can act on and nothing about the inside.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An error, ready to be answered.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: &'static str,
    errors: Vec<Invalid>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// One part of a request that is not as documented: where it is, and the rule. Never the value.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Invalid {
    #[serde(rename = "in")]
    place: &'static str,
    name: String,
    rule: Cow<'static, str>,
}

impl Invalid {
    pub(crate) fn body(name: impl Into<String>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self { place: "body", name: name.into(), rule: rule.into() }
    }

    pub(crate) fn query(name: impl Into<String>, rule: &'static str) -> Self {
        Self { place: "query", name: name.into(), rule: rule.into() }
    }

    pub(crate) fn path(name: &'static str, rule: &'static str) -> Self {
        Self { place: "path", name: name.to_owned(), rule: rule.into() }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::unprocessable(vec![invalid])
    }
}

impl Problem {
    fn new(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail, errors: Vec::new(), header: None }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// 400: not JSON at all.
    pub(crate) fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The body is not well-formed JSON.")
    }

    /// 401, with the challenge that RFC 9110, 11.6.1 asks for.
    pub(crate) fn unauthorized(challenge: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Valid credentials are needed.")
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// 403: known, and not allowed.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "This account may not do that.")
    }

    /// 404: for what does not exist and for what is another's alike.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such resource.")
    }

    /// 405. The router adds `Allow`.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "The resource does not support this method.")
    }

    /// 409: the order has left the state in which it can be changed.
    pub(crate) fn conflict() -> Self {
        Self::new(StatusCode::CONFLICT, "The resource is not in a state that allows this.")
    }

    /// 413.
    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 65536 bytes.")
    }

    /// 415.
    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be application/json, UTF-8, not encoded.",
        )
    }

    /// 422: well-formed, and not what the document asks for.
    pub(crate) fn unprocessable(errors: Vec<Invalid>) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "The request is not as documented.");
        Self { errors, ..problem }
    }

    /// 429.
    pub(crate) fn too_many_requests(seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests; wait as long as Retry-After says.")
            .with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 500: the cause is for the log, not for the client.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The request could not be answered.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            r#type: &'static str,
            title: &'static str,
            status: u16,
            detail: &'static str,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            errors: Vec<Invalid>,
        }
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(_: rusqlite::Error) -> Self {
        Self::internal()
    }
}
