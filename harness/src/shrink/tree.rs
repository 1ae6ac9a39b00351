//! proptest's view of the shrinker.

use proptest::strategy::ValueTree;

use super::Shrinker;
use crate::case::Case;

/// A case that proptest makes smaller.
///
/// proptest says what it saw by what it asks for next: to simplify means that the current case failed, to
/// complicate that it passed. When either answers no, the current case is the last one that failed.
#[derive(Clone, Debug)]
pub struct Tree(Shrinker);

impl Tree {
    /// A tree that begins from this case.
    pub fn new(case: Case) -> Self {
        Self(Shrinker::new(case))
    }
}

impl ValueTree for Tree {
    type Value = Case;

    fn current(&self) -> Case {
        self.0.candidate.as_ref().unwrap_or(self.0.best()).clone()
    }

    fn simplify(&mut self) -> bool {
        self.0.answer(true);
        self.0.candidate().is_some()
    }

    fn complicate(&mut self) -> bool {
        self.0.answer(false);
        self.0.candidate().is_some()
    }
}
