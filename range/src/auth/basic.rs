//! The kitchen's screen, by HTTP Basic (RFC 7617).

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{only, same_secret};
use crate::error::Problem;
use crate::state::AppState;

/// The one account that is let in.
pub(crate) struct Basic {
    credentials: String,
}

impl Basic {
    pub(crate) fn new(name: &str, password: &str) -> Self {
        Self { credentials: format!("{name}:{password}") }
    }

    fn admits(&self, value: &str) -> bool {
        let Some((scheme, encoded)) = value.split_once(' ') else { return false };
        let Ok(given) = STANDARD.decode(encoded) else { return false };
        scheme.eq_ignore_ascii_case("basic") && same_secret(&given, self.credentials.as_bytes())
    }
}

/// The kitchen's screen is asking.
pub(crate) struct Kitchen;

impl FromRequestParts<AppState> for Kitchen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match only(&parts.headers, &AUTHORIZATION) {
            Some(value) if state.kitchen.admits(value) => Ok(Self),
            _ => Err(Problem::unauthorized(r#"Basic realm="kitchen", charset="UTF-8""#)),
        }
    }
}
