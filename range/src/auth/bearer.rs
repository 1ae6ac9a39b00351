//! People, by their access tokens.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::only;
use crate::accounts::Role;
use crate::error::Problem;
use crate::state::AppState;

/// Whoever the bearer token names. The account still exists, and its role is still the one that the token was issued for.
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Err(Problem::unauthorized(r#"Bearer realm="canteen""#));
        }
        let invalid = || Problem::unauthorized(r#"Bearer realm="canteen", error="invalid_token""#);
        let token = only(&parts.headers, &AUTHORIZATION).and_then(bearer).ok_or_else(invalid)?;
        let claims = state.verifier.verify(token).ok_or_else(invalid)?;
        match state.store.role(&claims.sub) {
            Some(role) if role == claims.role => Ok(Self { name: claims.sub, role }),
            _ => Err(invalid()),
        }
    }
}

/// The token of `Bearer <token>`. The scheme is case-insensitive (RFC 9110, 11.1); between the two there is one space.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// A caller who is an admin.
pub(crate) struct Admin;

impl FromRequestParts<AppState> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match Caller::from_request_parts(parts, state).await?.role {
            Role::Admin => Ok(Self),
            Role::Customer => Err(Problem::forbidden()),
        }
    }
}
