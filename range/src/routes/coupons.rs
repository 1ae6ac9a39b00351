//! `POST /coupons/check`

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::auth::Caller;
use crate::error::{Invalid, Problem};
use crate::extract;
use crate::state::AppState;

/// A caller who has not looked at too many coupons. Codes can be guessed, so every look counts, before the body is read.
pub(crate) struct Unhurried;

impl FromRequestParts<AppState> for Unhurried {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        state.coupons.take(&caller.name)?;
        Ok(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    code: String,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    valid: bool,
    percent: u32,
}

pub(crate) async fn check(
    State(state): State<AppState>,
    _: Unhurried,
    extract::Json(Question { code }): extract::Json<Question>,
) -> Result<Json<Answer>, Problem> {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if !(6..=12).contains(&code.len()) || !code.bytes().all(allowed) {
        return Err(Invalid::body("code", "must be 6 to 12 of A-Z and 0-9").into());
    }
    let percent = state.store.coupon(&code)?;
    Ok(Json(Answer { valid: percent.is_some(), percent: percent.unwrap_or(0) }))
}
