//! JSON bodies.

use std::fmt;
use std::marker::PhantomData;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
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

/// Parses a body, which is an object. serde_json stops at 128 levels of nesting, so depth is safe.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, cause) = (error.path().to_string(), error.inner());
        match cause.classify() {
            Category::Data => invalid(&path, &cause.to_string()).into(),
            _ => Problem::malformed(),
        }
    })?;
    json.end().map_err(|_| Problem::malformed())?;
    Ok(value)
}

/// Where and why, from what serde says; of its words, only the names of our own members get out.
fn invalid(path: &str, cause: &str) -> Invalid {
    let ours = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c);
    let path = if path.len() <= 40 && path.chars().all(ours) { path } else { "." };
    if let Some((name, _)) = cause.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        let name = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
        return Invalid::body(name, "is required");
    }
    // Our own words, which hold nothing of what was sent.
    if let Some((values, _)) =
        cause.strip_prefix("must be one of: ").and_then(|rest| rest.split_once(" at line "))
    {
        return Invalid::body(path, format!("must be one of: {values}"));
    }
    let rule = match cause {
        _ if cause.starts_with("unknown field") => "is not a documented member",
        _ if cause.starts_with("duplicate field") => "is given twice",
        _ => "must have the documented type and be one of the documented values",
    };
    Invalid::body(path, rule)
}

/// What serde derives for a struct also takes an array; this takes an object only.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }
        input.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// For a member that may be absent but not null: `#[serde(default, deserialize_with = "present")]`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}
