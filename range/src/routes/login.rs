//! `POST /login`

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::auth::PasswordHash;
use crate::error::{Invalid, Problem};
use crate::extract::{Json, plain_text};
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

/// As OAuth names it (RFC 6749, 5.1).
#[derive(Serialize)]
#[expect(clippy::struct_field_names)]
pub(crate) struct Token {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
}

/// Exchanges a name and a password for a token. Attempts count against the account that is named, whether or not it exists and whether or not
/// they succeed; an account that does not exist takes as long, and is answered like, a wrong password.
pub(crate) async fn create(
    State(state): State<AppState>,
    Json(given): Json<Credentials>,
) -> Result<axum::Json<Token>, Problem> {
    if !account_name(&given.username) {
        return Err(Invalid::body("username", "must be 3 to 32 of a-z, 0-9 and _").into());
    }
    if !plain_text(&given.password, 1, 128) {
        return Err(Invalid::body("password", "must have 1 to 128 characters, none of them control").into());
    }
    state.logins.take(&given.username)?;
    let known = state.store.password(&given.username)?;
    let right = known.as_ref().unwrap_or(&PasswordHash::of_nobody()).matches(&given.password);
    match state.store.role(&given.username) {
        Some(role) if right => Ok(axum::Json(Token {
            access_token: state.tokens.issue(&given.username, role),
            token_type: "Bearer",
            expires_in: state.tokens.seconds,
        })),
        _ => Err(Problem::unauthorized(r#"Bearer realm="canteen""#)),
    }
}

fn account_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (3..=32).contains(&name.len()) && name.bytes().all(allowed)
}
