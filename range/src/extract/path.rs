//! Identifiers in paths.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::error::{Invalid, Problem};

/// Something that can be an `{id}` in a path.
pub(crate) trait Identifier: Sized {
    const RULE: &'static str;
    fn read(text: &str) -> Option<Self>;
}

/// An order: 32 lower-case hexadecimal digits.
impl Identifier for String {
    const RULE: &'static str = "must be 32 lower-case hexadecimal digits";

    fn read(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(hex)).then(|| text.to_owned())
    }
}

/// A dish: a small positive number in plain decimal digits.
impl Identifier for u32 {
    const RULE: &'static str = "must be an integer from 1 to 100000";

    fn read(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|id| plain && (1..=100_000).contains(id))
    }
}

/// The `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Identifier, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        text.ok()
            .and_then(|Path(text)| T::read(&text))
            .map(Self)
            .ok_or_else(|| Invalid::path("id", T::RULE).into())
    }
}
