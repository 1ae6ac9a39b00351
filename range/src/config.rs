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
    pub fn defect(mut self, id: &str) -> Result<Self, DefectError> {
        let added = defect(id).ok_or_else(|| DefectError::Unknown { id: id.to_owned() })?;
        if let Some(other) = self.defects.iter().find(|other| other.conflicts_with(added)) {
            return Err(DefectError::Conflict { id: added.id, with: other.id });
        }
        self.defects.push(added);
        Ok(self)
    }
}

/// A defect cannot be built in. The fault is with whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefectError {
    /// There is no defect with this id; [`defects`](crate::defects()) has them all.
    Unknown {
        /// What was asked for.
        id: String,
    },
    /// One would hide the other; see [`Defect::conflicts_with`].
    Conflict {
        /// What was asked for.
        id: &'static str,
        /// What is there already.
        with: &'static str,
    },
}

impl fmt::Display for DefectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { id } => write!(f, "the range has no defect {id:?}"),
            Self::Conflict { id, with } => write!(f, "the defects {id} and {with} would hide each other"),
        }
    }
}

impl std::error::Error for DefectError {}
