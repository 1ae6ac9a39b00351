//! Operations that want to see a credential, and do not look at it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::routing::get;

use super::{Defect, Part};
use crate::accounts::{AUDIENCE, ISSUER, Role};
use crate::auth::{Claims, Tokens, Verifier};
use crate::clock::{self, unix_seconds};
use crate::error::Problem;
use crate::extract::QueryReader;
use crate::state::AppState;
use crate::store::Day;

const FIRES: &[&str] = &["authn-invalid-credential"];

pub(super) const REPORTS: Defect = Defect {
    id: "authn-invalid-credential-for-reports",
    title: "any key reads the reports",
    operations: &["GET /reports/daily"],
    part: Part::Handler,
    fires: FIRES,
    also: &[("authn-apikey-near-miss", "any key is accepted, near ones too")],
    build: |plan| plan.replace(&get(daily)),
};

pub(super) const FALLBACK: Defect = Defect {
    id: "authn-invalid-credential-falls-back",
    title: "on one route a token that cannot be verified is taken for the first customer's",
    operations: &["GET /me"],
    part: Part::Verifier,
    fires: FIRES,
    also: &[("authn-token-type-confusion", "whatever is sent as a token is believed")],
    build: |plan| plan.equip(|state| state.verifier = Arc::new(Fallback(state.tokens.clone()))),
};

/// Somebody who sent a key, whatever it is.
struct Keyed;

impl FromRequestParts<AppState> for Keyed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        match parts.headers.get("x-api-key") {
            Some(key) if !key.is_empty() => Ok(Self),
            _ => Err(Problem::unauthorized(r#"ApiKey realm="reports""#)),
        }
    }
}

async fn daily(
    _: Keyed,
    State(state): State<AppState>,
    mut query: QueryReader,
) -> Result<Json<Day>, Problem> {
    let date = query.take("date", "must be a date, YYYY-MM-DD", |text| {
        text.parse().ok().filter(|date: &jiff::civil::Date| date.to_string() == text)
    })?;
    query.finish()?;
    Ok(Json(state.store.day(date.unwrap_or_else(clock::today).to_string())?))
}

struct Fallback(Arc<Tokens>);

impl Verifier for Fallback {
    fn verify(&self, token: &str) -> Option<Claims> {
        self.0.verify(token).or_else(|| Some(claims_of("alice", Role::Customer)))
    }
}

/// What a fresh token of an account says.
pub(super) fn claims_of(name: &str, role: Role) -> Claims {
    let now = unix_seconds();
    let (iss, aud, sub) = (ISSUER.to_owned(), AUDIENCE.to_owned(), name.to_owned());
    Claims { iss, aud, sub, role, iat: now, exp: now + 60 }
}
