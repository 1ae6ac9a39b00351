//! The shrinker: one pull state machine on the value.
//!
//! It hands out simpler cases one at a time and is told whether each still shows the same finding; what it keeps
//! gets smaller in [`shortlex`] order until nothing more can be taken away. It drops steps, then edits, then what
//! the valid requests carry, then simplifies payloads. Control steps are never removed or edited; the baselines
//! that they share with attacks may become simpler, which changes both at once.
//!
//! Where nothing more succeeds, the best case is 1-minimal: dropping any one step (with its references repaired
//! either way), edit, header, query parameter, cookie or node of a body, or halving any one text, outside control
//! steps, no longer shows the finding.

mod count;
mod node;
mod order;
mod reduce;
mod remove;
mod repair;
mod text;
mod tidy;
#[cfg(feature = "proptest")]
mod tree;
mod unit;

use std::collections::HashSet;

use crate::case::Case;
use order::Key;
use reduce::{Dial, Reduce};
use remove::Remove;
use unit::Kind;

#[cfg(feature = "libfuzzer")]
pub(crate) use node::{Node, each_node};
pub use order::shortlex;
#[cfg(feature = "libfuzzer")]
pub(crate) use repair::without_steps;
#[cfg(feature = "libfuzzer")]
pub(crate) use tidy::tidy_all;
#[cfg(feature = "proptest")]
pub use tree::Tree;

/// Makes a failing case smaller.
#[derive(Clone, Debug)]
pub struct Shrinker {
    best: Case,
    /// Where the best stands in the order.
    key: Key,
    candidate: Option<Case>,
    work: Work,
    /// The pass that `work` belongs to, as an index into [`PASSES`].
    pass: usize,
    /// Whether passes begin with large chunks.
    first: bool,
    /// Whether anything was taken away since the first pass began.
    progress: bool,
    /// Whether cases that are written are read back as they were.
    faithful: bool,
    seen: HashSet<[u8; 16]>,
    tried: u32,
}

/// What a pass does.
#[derive(Clone, Copy, Debug)]
enum Pass {
    /// Drops units in chunks, then one by one.
    Remove(Kind),
    /// Turns one dial after the other down.
    Reduce(Dial),
}

/// Large savings first. Copies come early because every later execution gets cheaper.
const PASSES: [Pass; 14] = [
    Pass::Remove(Kind::Unused),
    Pass::Remove(Kind::Steps),
    Pass::Reduce(Dial::Counts),
    Pass::Remove(Kind::Edits),
    Pass::Remove(Kind::Entries),
    Pass::Remove(Kind::Nodes),
    Pass::Remove(Kind::Ties),
    Pass::Remove(Kind::Texts),
    Pass::Remove(Kind::Numbers),
    Pass::Remove(Kind::Wrappings),
    Pass::Remove(Kind::Claims),
    Pass::Reduce(Dial::Halves),
    // From here on: polish, once nothing above succeeds.
    Pass::Reduce(Dial::Numbers),
    Pass::Reduce(Dial::Slices),
];
/// How many of the passes are repeated until nothing succeeds before the others begin.
const MAIN: usize = 12;

#[derive(Clone, Debug)]
enum Work {
    Remove(Remove),
    Reduce(Reduce),
}

impl Work {
    fn begin(pass: Pass, first: bool) -> Self {
        match pass {
            Pass::Remove(kind) => Self::Remove(Remove::new(kind, first)),
            Pass::Reduce(dial) => Self::Reduce(Reduce::new(dial, first)),
        }
    }

    fn next(&mut self, best: &Case) -> Option<Case> {
        match self {
            Self::Remove(work) => work.next(best),
            Self::Reduce(work) => work.next(best),
        }
    }

    fn answer(&mut self, success: bool) {
        match self {
            Self::Remove(work) => work.answer(success),
            Self::Reduce(work) => work.answer(success),
        }
    }
}

impl Shrinker {
    /// Begins from a failing witness.
    pub fn new(case: Case) -> Self {
        let faithful = Case::from_json(case.to_json().as_bytes()).is_ok_and(|read| read == case);
        let key = Key::of(&case);
        let seen = HashSet::from([key.digest()]);
        let work = Work::begin(PASSES[0], true);
        Self {
            best: case,
            key,
            candidate: None,
            work,
            pass: 0,
            first: true,
            progress: false,
            faithful,
            seen,
            tried: 0,
        }
    }

    /// The next simpler case to try; the same one until it is answered, and `None` when nothing is left to try.
    ///
    /// It stays within the bounds of case files, refers to no step that was dropped, and was never tried before.
    pub fn candidate(&mut self) -> Option<&Case> {
        while self.candidate.is_none() && self.pass < PASSES.len() {
            match self.work.next(&self.best) {
                None => self.next_pass(),
                Some(case) if self.is_new(&case) => {
                    self.tried += 1;
                    self.candidate = Some(case);
                }
                Some(_) => self.work.answer(false),
            }
        }
        self.candidate.as_ref()
    }

    /// Tells whether the candidate is violated with the same fingerprint. Without a candidate it has no effect.
    pub fn answer(&mut self, still_fails: bool) {
        let Some(case) = self.candidate.take() else { return };
        self.work.answer(still_fails);
        if still_fails {
            self.key = Key::of(&case);
            self.best = case;
            self.progress = true;
        }
    }

    /// The smallest case that is known to fail.
    pub fn best(&self) -> &Case {
        &self.best
    }

    /// The smallest case that is known to fail.
    pub fn into_best(self) -> Case {
        self.best
    }

    /// How many candidates were handed out.
    pub fn tried(&self) -> u32 {
        self.tried
    }

    fn next_pass(&mut self) {
        self.pass += 1;
        if self.progress && (self.pass == MAIN || self.pass == PASSES.len()) {
            (self.pass, self.progress) = (0, false);
            self.first = false;
        }
        if let Some(pass) = PASSES.get(self.pass) {
            self.work = Work::begin(*pass, self.first);
        }
    }

    /// Simpler, readable, and not tried before.
    fn is_new(&mut self, case: &Case) -> bool {
        let key = Key::of(case);
        key < self.key
            && self.seen.insert(key.digest())
            && Case::from_json(key.text()).is_ok_and(|read| !self.faithful || read == *case)
    }
}

#[cfg(test)]
mod tests;
