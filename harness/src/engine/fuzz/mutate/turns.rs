//! Turns: an input that the mutator has not met yet becomes what the service would compare it with, hint by hint, before
//! chance has its way. What is on the way to something rare is seldom chosen, and chance would take long.

use std::collections::{HashSet, VecDeque};

use super::{fill, unplanned, written};
use crate::case::{Case, Value};
use crate::engine::fuzz::hints::Hints;
use crate::generate::{Source, World};
use crate::shrink::Node;

/// Inputs that are remembered.
const KNOWN: usize = 1 << 16;
/// Turns that wait.
const WAITING: usize = 2_048;
/// Values of one input that have turns.
const VALUES: usize = 8;

/// Which inputs were met, and what waits for its turn.
#[derive(Debug, Default)]
pub(in crate::engine::fuzz) struct Turns {
    known: HashSet<u64>,
    waiting: VecDeque<Turn>,
}

#[derive(Debug)]
struct Turn {
    case: std::rc::Rc<Case>,
    node: Node,
    value: Value,
}

impl Turns {
    /// Meets an input, whose bytes have this key; now and then again, since more is known by then.
    pub(in crate::engine::fuzz) fn meet(
        &mut self,
        key: u64,
        case: &Case,
        hints: &Hints,
        world: &World,
        src: &mut dyn Source,
    ) {
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        let is_turn = self.known.insert(key) || src.ratio(1, 32);
        if !is_turn || self.waiting.len() >= WAITING {
            return;
        }
        let mut case = case.clone();
        unplanned(&mut case);
        // What is left out is what nothing was compared with.
        if src.ratio(1, 2) {
            (0..case.bases.len().min(4)).for_each(|_| fill::change(&mut case, world, src));
        }
        let likely = hints.likely(&case, VALUES, src);
        let case = std::rc::Rc::new(case);
        let turns =
            likely.into_iter().map(|(node, value)| Turn { case: std::rc::Rc::clone(&case), node, value });
        self.waiting.extend(turns);
    }

    /// The next turn with its bytes, if one waits and fits.
    pub(in crate::engine::fuzz) fn next(
        &mut self,
        room: usize,
        waiting_is_free: bool,
    ) -> Option<(Case, Vec<u8>)> {
        let Turn { case, node, value } = self.waiting.pop_front()?;
        let mut case = std::rc::Rc::unwrap_or_clone(case);
        node.change(&mut case, |old| *old = value);
        let json = written(&case, room, waiting_is_free)?;
        Some((case, json))
    }
}
