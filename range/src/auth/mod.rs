//! Who is asking: bearer tokens for people, an API key for the reports, HTTP Basic for the kitchen's screen.

mod api_key;
mod basic;
mod bearer;
mod password;
mod token;

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

pub(crate) use api_key::{ApiKey, ReportsReader};
pub(crate) use basic::{Basic, Kitchen};
pub(crate) use bearer::{Admin, Caller};
pub(crate) use password::PasswordHash;
pub(crate) use token::{Claims, Tokens, Verifier};

/// The value of a header that a request carries exactly once. Of two credentials, none counts: a proxy might have looked at the other one.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Compares two secrets in a time that tells nothing about where they differ, nor about how long they are.
fn same_secret(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(other.iter()).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}
