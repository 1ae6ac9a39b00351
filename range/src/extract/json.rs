//! JSON bodies.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::error::Category;

use crate::error::{Invalid, Problem};

/// The largest body that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// A body that is `application/json`, small enough, well-formed and of the right shape: checked in this order, so that nothing is parsed that need not be.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let headers = request.headers();
        if !is_json(headers) {
            return Err(Problem::unsupported_media_type());
        }
        if announced(headers).is_some_and(|length| length > LIMIT as u64) {
            return Err(Problem::too_large());
        }
        let body = to_bytes(request.into_body(), LIMIT).await.map_err(|_| Problem::too_large())?;
        parse(&body).map(Self)
    }
}

/// One `Content-Type`, `application/json`, with no parameter but `charset=utf-8` (RFC 8259 knows no other), and no content coding.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(only)), None) = (types.next().map(|value| value.to_str()), types.next()) else {
        return false;
    };
    let (essence, parameter) = only.split_once(';').unwrap_or((only, ""));
    let parameter = parameter.trim().to_ascii_lowercase();
    essence.trim().eq_ignore_ascii_case("application/json")
        && matches!(parameter.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
        && !headers.contains_key(header::CONTENT_ENCODING)
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Parses a body. serde_json stops at 128 levels of nesting, so depth is safe.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value =
        serde_path_to_error::deserialize(&mut json).map_err(|error| match error.inner().classify() {
            Category::Data => Invalid::body(readable(&error.path().to_string()), RULE).into(),
            _ => Problem::malformed(),
        })?;
    json.end().map_err(|_| Problem::malformed())?;
    Ok(value)
}

const RULE: &str = "must have the documented type and members";

/// Where in the body, unless the client chose the words.
fn readable(path: &str) -> String {
    let ours = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c);
    if path.len() <= 40 && path.chars().all(ours) { path.to_owned() } else { ".".to_owned() }
}

/// For a member that may be absent but not null: `#[serde(default, deserialize_with = "present")]`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}
