//! Turns: an input that the mutator has not met yet becomes what the service would compare it with, hint by hint, before
//! chance has its way. What is on the way to something rare is seldom chosen, and chance would take long.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use super::{fill, unplanned, written};
use crate::case::{Case, Value};
use crate::engine::fuzz::hints::{Colorized, Hint, Hints, colorized};
use crate::engine::fuzz::kept::key_of;
use crate::generate::{Source, World};
use crate::shrink::Node;

/// Inputs that are remembered.
const KNOWN: usize = 1 << 16;
/// Turns that wait.
const WAITING: usize = 2_048;
/// Values of one input that have turns.
const VALUES: usize = 8;
/// Turns of one input with other values, for what is learned by them.
const LOOKS: usize = 2;
/// What one look makes turns of, at most: a service may compare with each row of a table.
const HEARD: usize = 64;

/// Which inputs were met, and what waits for its turn.
#[derive(Debug, Default)]
pub(in crate::engine::fuzz) struct Turns {
    known: HashSet<u64>,
    waiting: VecDeque<Turn>,
    looked: Option<Looked>,
}

#[derive(Debug)]
enum Turn {
    /// A value becomes another.
    Change { case: Rc<Case>, node: Node, value: Value },
    /// What the values at these nodes are compared with makes more turns.
    Look(Colorized),
}

/// A case that is looked at when it has run.
#[derive(Debug)]
struct Looked {
    key: u64,
    case: Rc<Case>,
    nodes: Vec<Node>,
    /// What made turns already: a loop compares the same again and again.
    heard: Vec<(Node, Hint)>,
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
        // The small values of a case tell nothing: what they are compared with is seen when they are larger.
        self.waiting.extend((0..LOOKS).filter_map(|_| colorized(&case, src)).map(Turn::Look));
        let likely = hints.likely(&case, VALUES, src);
        let case = Rc::new(case);
        self.extend(&case, likely);
    }

    /// Hears what one value of the case with this key was compared with, which is the input that has just run.
    pub(in crate::engine::fuzz) fn hear(&mut self, key: u64, node: &Node, value: &Value, hint: &Hint) {
        let Some(looked) = &mut self.looked else { return };
        if looked.key != key || !looked.nodes.contains(node) || looked.heard.len() >= HEARD {
            return;
        }
        if self.waiting.len() >= WAITING || looked.heard.iter().any(|(at, known)| at == node && known == hint)
        {
            return;
        }
        looked.heard.push((node.clone(), hint.clone()));
        let case = Rc::clone(&looked.case);
        let near = [0, -1, 1].into_iter().filter_map(|near| hint.applied(value, near));
        self.extend(&case, near.map(|new| (node.clone(), new)));
    }

    fn extend(&mut self, case: &Rc<Case>, changes: impl IntoIterator<Item = (Node, Value)>) {
        let turns = changes.into_iter();
        self.waiting.extend(turns.map(|(node, value)| Turn::Change { case: Rc::clone(case), node, value }));
    }

    /// The next turn with its bytes, if one waits and fits.
    pub(in crate::engine::fuzz) fn next(
        &mut self,
        room: usize,
        waiting_is_free: bool,
    ) -> Option<(Case, Vec<u8>)> {
        match self.waiting.pop_front()? {
            Turn::Change { case, node, value } => {
                let mut case = Rc::unwrap_or_clone(case);
                node.change(&mut case, |old| *old = value);
                let json = written(&case, room, waiting_is_free)?;
                Some((case, json))
            }
            Turn::Look(Colorized { case, nodes }) => {
                let json = written(&case, room, waiting_is_free)?;
                self.looked =
                    Some(Looked { key: key_of(&json), case: Rc::clone(&case), nodes, heard: Vec::new() });
                Some((Rc::unwrap_or_clone(case), json))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fuzz::compared::{compared, listening};
    use crate::engine::fuzz::hints::tests::{case, number};
    use crate::engine::fuzz::hints::whole;
    use crate::engine::fuzz::mutate::tests::Lab;
    use crate::generate::Seeded;
    use crate::shrink::each_node;

    /// A case that sends a number, and where.
    fn sending(lab: &Lab) -> (Case, Node) {
        let spot = |case: &Case| {
            let mut spot = None;
            each_node(case, &mut |node, value, _| {
                if matches!(value, Value::Number(_)) {
                    spot = Some(node);
                }
            });
            spot
        };
        let drawn = (1..).map(|seed| lab.draw(seed)).find_map(|case| Some((spot(&case)?, case)));
        let (spot, case) = drawn.expect("some draw sends a number");
        (case, spot)
    }

    fn put(case: &mut Case, spot: &Node, number: u64) {
        spot.change(case, |value| *value = Value::Number(number.into()));
    }

    fn holds(case: &Case, number: u64) -> bool {
        let (wanted, mut holds) = (Value::Number(number.into()), false);
        each_node(case, &mut |_, value, _| holds |= *value == wanted);
        holds
    }

    /// All turns that wait.
    fn taken(turns: &mut Turns) -> Vec<Case> {
        let mut all = Vec::new();
        while let Some((turn, json)) = turns.next(1 << 20, false) {
            assert_eq!(Case::from_json(&json).expect("a case"), turn);
            all.push(turn);
        }
        all
    }

    #[test]
    fn an_input_has_turns_when_it_is_met_and_then_seldom() {
        let lab = Lab::new();
        let (mut case, spot) = sending(&lab);
        let mut hints = Hints::default();
        for sent in 1_000..1_020_u64 {
            put(&mut case, &spot, sent);
            listening(|| compared(8, sent, 77_777));
            hints.learn(&case, &mut |_, _, _| {});
        }
        let (mut turns, mut src) = (Turns::default(), Seeded::new(1));
        turns.meet(1, &case, &hints, &lab.world, &mut src);
        let all = taken(&mut turns);
        for near in [77_776_u64, 77_777, 77_778] {
            assert!(all.iter().any(|turn| holds(turn, near)), "{near}: {all:?}");
        }
        let again = (0..320).filter(|_| {
            turns.meet(1, &case, &hints, &lab.world, &mut src);
            !taken(&mut turns).is_empty()
        });
        let again = again.count();
        assert!((3..=25).contains(&again), "one time in 32: {again}");
    }

    #[test]
    fn what_a_small_value_was_compared_with_is_tried_at_once() {
        let lab = Lab::new();
        let sent = case(vec![("few", number(1)), ("many", number(4_711))]);
        let numbers = |case: &Case| {
            let mut all = Vec::new();
            each_node(case, &mut |node, value, _| all.extend(whole(value).map(|whole| (node, whole))));
            all
        };
        for seed in 0..8 {
            let (mut turns, mut hints) = (Turns::default(), Hints::default());
            turns.meet(1, &sent, &hints, &lab.world, &mut Seeded::new(seed));
            assert_eq!(turns.waiting.len(), LOOKS, "nothing else is known yet");
            let (look, json) = turns.next(1 << 20, false).expect("a look");
            let [(_, few), (_, 4_711)] = numbers(&look)[..] else { panic!("{look:?}") };
            listening(|| {
                compared(8, few, 77_777);
                compared(8, 4_711, 55_555);
            });
            hints.learn(&look, &mut |node, value, hint| {
                turns.hear(key_of(b"another input"), node, value, hint);
                (0..2).for_each(|_| turns.hear(key_of(&json), node, value, hint));
            });
            let tried: Vec<u64> =
                taken(&mut turns).iter().skip(LOOKS - 1).map(|turn| numbers(turn)[0].1).collect();
            assert_eq!(tried, [77_777, 77_776, 77_778], "and nothing of what is told anyway");
        }
    }

    #[test]
    fn a_service_that_compares_with_everything_does_not_take_all_turns() {
        let (lab, sent) = (Lab::new(), case(vec![("few", number(1))]));
        let (mut turns, mut hints) = (Turns::default(), Hints::default());
        turns.meet(1, &sent, &hints, &lab.world, &mut Seeded::new(1));
        let (look, json) = turns.next(1 << 20, false).expect("a look");
        let mut few = None;
        each_node(&look, &mut |_, value, _| few = few.or(whole(value)));
        listening(|| (0..1_000).for_each(|row| compared(8, few.expect("a number"), 100_000 + row)));
        hints.learn(&look, &mut |node, value, hint| turns.hear(key_of(&json), node, value, hint));
        assert_eq!(turns.waiting.len(), LOOKS - 1 + 3 * HEARD);
    }
}
