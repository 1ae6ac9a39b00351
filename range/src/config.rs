//! What a range is built from.

use std::fmt;

use crate::accounts::Accounts;
use crate::defects::{Defect, defect};

/// How to build a range. The default is hardened, with secrets of its own.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who can log in, and the secrets.
    pub accounts: Accounts,
    /// The defects to build in; none: hardened.
    pub defects: Vec<&'static Defect>,
    /// How long an access token lives, in seconds.
    pub token_seconds: i64,
    /// Seeds the identifiers that a range hands out, so that two ranges with one seed hand out the same.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self::seeded(rand::random())
    }
}

impl Config {
    /// A hardened range whose secrets and identifiers follow from `seed`. For tests: whoever knows the seed knows the secrets.
    pub fn seeded(seed: u64) -> Self {
        Self { accounts: Accounts::generate(seed), defects: Vec::new(), token_seconds: 900, seed }
    }

    /// Adds the defect with this id.
    pub fn defect(mut self, id: &str) -> Result<Self, UnknownDefect> {
        self.defects.push(defect(id).ok_or_else(|| UnknownDefect { id: id.to_owned() })?);
        Ok(self)
    }
}

/// There is no defect with this id; [`defects`](crate::defects()) has them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDefect {
    /// The id that was asked for.
    pub id: String,
}

impl fmt::Display for UnknownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the range has no defect {:?}", self.id)
    }
}

impl std::error::Error for UnknownDefect {}
