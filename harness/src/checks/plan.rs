//! Plans: what a check asks the engine to do.

use super::verdict::Verdict;
use crate::case::{Case, Place};
use crate::trace::Trace;

/// What one cell is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The operation, as an index into the surface; absent at the target's grain.
    pub operation: Option<usize>,
    /// The identity that a cell is about, or that sends for it.
    pub identity: String,
    /// The input, at the input's grain.
    pub place: Option<Place>,
}

/// What to do next.
#[derive(Debug)]
pub enum Plan {
    /// Execute these cases and ask again.
    Run(Vec<Case>),
    /// Execute this one case, with all its controls, and take its verdict.
    Suspect(Box<Case>),
    /// The cell is done.
    Done(Verdict),
}

/// What the cases of one round showed, in their order.
#[derive(Debug)]
pub struct Round {
    /// Each case with its trace.
    pub cases: Vec<(Case, Trace)>,
}

impl Plan {
    /// Execute this one case, with all its controls, and take its verdict.
    pub fn suspect(case: Case) -> Self {
        Self::Suspect(Box::new(case))
    }

    /// The cell proves nothing.
    pub fn vacuous(why: impl Into<String>) -> Self {
        Self::Done(Verdict::vacuous(why))
    }
}
