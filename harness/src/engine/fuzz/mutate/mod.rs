//! The mutator: a valid case in, another valid case out.
//!
//! Most of the time one leaf goes through libFuzzer's own mutator, so that its dictionary works on a field and never on
//! JSON's braces, or becomes what the service compared it with. The rest changes what bytes cannot: steps, edits, nodes, who
//! sends. What comes out is a case of no check: an attack was planned with its controls, and a change of it proves
//! nothing. Invariants and passive checks look at every case.

mod cross;
mod edits;
mod fill;
mod leaf;
mod nodes;
mod order;
mod steps;
mod turns;

use super::budget::affordable;
use super::hints::Hints;
use super::words::Words;
use crate::case::{Case, Role};
use crate::generate::{Source, World};

pub(super) use cross::cross;
pub(super) use leaf::stretched;
pub(super) use turns::Turns;

/// How often something else is tried when a change came to nothing.
const TRIES: usize = 8;
/// Changes at once.
const MOST: usize = 4;

/// Changes `data[..size]` within `max_size` and gives the new size: libFuzzer's own mutator, or one for tests.
pub(super) type Bytes<'a> = dyn FnMut(&mut [u8], usize, usize) -> usize + 'a;

/// Draws a case from the generator.
pub(super) type Draw<'a> = dyn Fn(&mut dyn Source) -> Option<Case> + 'a;

/// What a mutation needs.
pub(super) struct Mutator<'a> {
    pub(super) world: &'a World,
    pub(super) words: &'a Words,
    pub(super) hints: &'a mut Hints,
    pub(super) draw: &'a Draw<'a>,
    pub(super) bytes: &'a mut Bytes<'a>,
    /// On a virtual clock.
    pub(super) waiting_is_free: bool,
}

impl Mutator<'_> {
    /// Another case with its bytes, at most so many; `None` when nothing fits.
    pub(super) fn mutate(
        &mut self,
        case: &Case,
        room: usize,
        src: &mut dyn Source,
    ) -> Option<(Case, Vec<u8>)> {
        let mut plain = case.clone();
        unplanned(&mut plain);
        for _ in 0..TRIES {
            let mut changed = plain.clone();
            self.change(&mut changed, src);
            // Two changes that show nothing new apart may do so together.
            for _ in 1..MOST {
                if !src.ratio(2, 5) {
                    break;
                }
                self.change(&mut changed, src);
            }
            if changed == plain {
                continue;
            }
            if let Some(json) = written(&changed, room, self.waiting_is_free) {
                return Some((changed, json));
            }
        }
        None
    }

    /// A case from the generator with its bytes: where there is none to begin with.
    pub(super) fn begin(&mut self, room: usize, src: &mut dyn Source) -> Option<(Case, Vec<u8>)> {
        for _ in 0..TRIES {
            let case = (self.draw)(src);
            let written = case.and_then(|case| Some((written(&case, room, self.waiting_is_free)?, case)));
            if let Some((json, case)) = written {
                return Some((case, json));
            }
        }
        None
    }

    fn change(&mut self, case: &mut Case, src: &mut dyn Source) {
        match src.int(0..=99) {
            0..=24 if leaf::hinted(case, self.hints, src) => {}
            0..=69 => leaf::change(case, self.words, self.bytes, src),
            70..=73 => fill::change(case, self.world, src),
            74..=76 => nodes::change(case, self.words, src),
            77..=79 => edits::change(case, self.world, self.words, src),
            80..=97 => steps::change(case, self.world, self.draw, src),
            _ => {
                if let Some(drawn) = (self.draw)(src) {
                    *case = drawn;
                }
            }
        }
    }
}

/// The bytes of a case that may be run; `None` when there are too many, or it may not be.
pub(super) fn written(case: &Case, room: usize, waiting_is_free: bool) -> Option<Vec<u8>> {
    let may_run = affordable(case, waiting_is_free) && order::is_bound(case) && case.check_bounds().is_ok();
    let json = serde_json::to_vec(case).ok().filter(|_| may_run)?;
    (json.len() <= room).then_some(json)
}

/// The case as one of no check.
fn unplanned(case: &mut Case) {
    if case.check != "explore" {
        "explore".clone_into(&mut case.check);
        (case.place, case.class) = (String::new(), String::new());
        case.facts.clear();
    }
    case.steps.iter_mut().filter(|step| step.role == Role::Control).for_each(|step| step.role = Role::Setup);
}

#[cfg(test)]
pub(super) mod tests;
