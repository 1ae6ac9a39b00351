//! The checks of a run: those that ship, and the user's own.

use super::Check;
use super::about::About;
use super::invariant::Invariant;
use super::passive;
use super::registry::{CHECKS, Kind, by_id};
use super::verdict::Verdict;
use crate::case::Case;
use crate::trace::Trace;

/// The checks of a run: those that ship, and the user's own. Judges every case that names one of them.
#[derive(Clone, Default)]
pub struct Checks {
    own: Vec<Kind>,
}

/// Why a check is not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CheckError {
    /// A check of this id is there already.
    #[error("there is a check `{0}` already: give it another id")]
    Taken(String),
    /// An id is a name in files and on command lines.
    #[error("`{0}` is no id of a check: write lower-case words with hyphens, such as `balance-negative`")]
    Name(String),
}

impl Checks {
    /// The same with a check of the user's own.
    pub fn with(mut self, check: &'static dyn Check) -> Result<Self, CheckError> {
        self.add(Kind::Active(check))?;
        Ok(self)
    }

    /// The same with an invariant.
    pub fn with_invariant(mut self, invariant: &'static Invariant) -> Result<Self, CheckError> {
        self.add(Kind::Invariant(invariant))?;
        Ok(self)
    }

    fn add(&mut self, kind: Kind) -> Result<(), CheckError> {
        let id = kind.about().id;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > 80 || !id.chars().all(plain) || !id.starts_with(char::is_alphabetic) {
            return Err(CheckError::Name(id.to_owned()));
        }
        // Cases that nobody judges bear these names.
        if self.by_id(id).is_some() || matches!(id, "explore" | "pre-flight" | "login") {
            return Err(CheckError::Taken(id.to_owned()));
        }
        self.own.push(kind);
        Ok(())
    }

    /// Every check, the user's own last.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        CHECKS.iter().chain(&self.own)
    }

    /// What every check declares of itself.
    pub fn abouts(&self) -> impl Iterator<Item = &'static About> {
        self.iter().map(Kind::about)
    }

    /// The check of this id.
    pub fn by_id(&self, id: &str) -> Option<&Kind> {
        by_id(id).or_else(|| self.own.iter().find(|check| check.about().id == id))
    }

    /// Judges a trace by the check that its case names: the one judge of every engine.
    pub fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        if let Some(why) = &trace.stopped {
            return Verdict::vacuous(why.clone());
        }
        match self.by_id(&case.check) {
            None => Verdict::NotMine,
            Some(Kind::Active(check)) => check.judge(case, trace),
            Some(Kind::Passive(check)) => passive::judge(*check, case, trace),
            Some(Kind::Invariant(invariant)) => invariant.judge(case, trace),
        }
    }
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.abouts().map(|about| about.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_once_and_is_plain() {
        let leaked = |id: &str| -> &'static Invariant { Box::leak(Box::new(Invariant::new(id, |_| true))) };
        let checks = Checks::default().with_invariant(leaked("balance-negative")).expect("free");
        assert!(checks.by_id("balance-negative").is_some() && checks.by_id("jwt-alg-none").is_some());
        for id in ["balance-negative", "jwt-alg-none", "explore"] {
            let refused = checks.clone().with_invariant(leaked(id)).expect_err(id);
            assert_eq!(refused, CheckError::Taken(id.to_owned()));
        }
        for id in ["", "Balance", "a b", "../up", "7"] {
            let refused = checks.clone().with_invariant(leaked(id)).expect_err(id);
            assert_eq!(refused, CheckError::Name(id.to_owned()));
        }
    }
}
