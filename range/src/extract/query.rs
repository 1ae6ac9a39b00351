//! Query strings.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::error::{Invalid, Problem};

/// The parameters of a query, to be taken one by one. A parameter that nobody took, or that comes twice, is an error.
#[derive(Clone)]
pub(crate) struct QueryReader(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for QueryReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs: Result<Query<Vec<(String, String)>>, QueryRejection> =
            Query::from_request_parts(parts, state).await;
        match pairs {
            Ok(Query(pairs)) => Ok(Self(pairs)),
            Err(_) => Err(Invalid::query("", "must be form-encoded").into()),
        }
    }
}

impl QueryReader {
    /// Takes a parameter, read by `read`, which refuses by `None`; `rule` says what it wants.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        rule: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(at) = self.0.iter().position(|(given, _)| given == name) else { return Ok(None) };
        let (_, text) = self.0.remove(at);
        read(&text).map(Some).ok_or_else(|| Invalid::query(name, rule).into())
    }

    /// An integer within bounds, or what holds without one.
    pub(crate) fn integer(
        &mut self,
        name: &'static str,
        rule: &'static str,
        bounds: std::ops::RangeInclusive<u32>,
        otherwise: u32,
    ) -> Result<u32, Problem> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let read = |text: &str| text.parse().ok().filter(|value| digits(text) && bounds.contains(value));
        Ok(self.take(name, rule, read)?.unwrap_or(otherwise))
    }

    /// Refuses what is left.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some(_) => {
                Err(Invalid::query("*", "has a parameter that is not documented, or one given twice").into())
            }
        }
    }
}
