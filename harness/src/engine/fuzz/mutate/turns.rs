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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fuzz::compared::{compared, listening};
    use crate::engine::fuzz::mutate::tests::Lab;
    use crate::generate::Seeded;
    use crate::shrink::each_node;

    #[test]
    fn an_input_has_turns_when_it_is_met_and_then_seldom() {
        let lab = Lab::new();
        let is_number = |value: &Value| matches!(value, Value::Number(number) if number.as_u64() > Some(100));
        let numbers = |case: &Case| {
            let mut all = Vec::new();
            each_node(case, &mut |_, value, _| all.extend(Some(value.clone()).filter(is_number)));
            all
        };
        let (mut case, spot) = (1..)
            .find_map(|seed| {
                let (case, mut spot) = (lab.draw(seed), None);
                each_node(&case, &mut |node, value, _| {
                    if matches!(value, Value::Number(_)) {
                        spot = Some(node);
                    }
                });
                Some((case, spot?))
            })
            .expect("some draw sends a number");
        let mut hints = Hints::default();
        for sent in 1_000..1_020_u64 {
            spot.change(&mut case, |value| *value = Value::Number(sent.into()));
            listening(|| compared(8, sent, 77_777));
            hints.learn(&case);
        }
        let (mut turns, mut src) = (Turns::default(), Seeded::new(1));
        turns.meet(1, &case, &hints, &lab.world, &mut src);
        let mut seen = Vec::new();
        while let Some((turn, json)) = turns.next(1 << 20, false) {
            assert_eq!(Case::from_json(&json).expect("a case"), turn);
            seen.extend(numbers(&turn));
        }
        for near in [77_776_u64, 77_777, 77_778] {
            assert!(seen.contains(&Value::Number(near.into())), "{near}: {seen:?}");
        }
        (0..8).for_each(|_| turns.meet(1, &case, &hints, &lab.world, &mut src));
        assert!(turns.waiting.len() <= 2 * 3, "it was met before: {}", turns.waiting.len());
    }
}
