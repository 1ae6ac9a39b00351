//! The reports' reader, by a key in a header.

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;

use super::{only, same_secret};
use crate::error::Problem;
use crate::state::AppState;

static HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// The one key that is good.
pub(crate) struct ApiKey(String);

impl ApiKey {
    pub(crate) fn new(key: &str) -> Self {
        Self(key.to_owned())
    }
}

/// Whoever may read the reports is asking.
pub(crate) struct ReportsReader;

impl FromRequestParts<AppState> for ReportsReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match only(&parts.headers, &HEADER) {
            Some(key) if same_secret(key.as_bytes(), state.reports.0.as_bytes()) => Ok(Self),
            _ => Err(Problem::unauthorized(r#"ApiKey realm="reports""#)),
        }
    }
}
