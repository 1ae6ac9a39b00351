//! Hints: what a value of a case was compared with, and would have to be to be equal to it.
//!
//! The idea is that of REDQUEEN (Aschermann et al., NDSS 2019), input-to-state correspondence: what a service compares
//! is often what was sent, or a part of it, as it stands. Here the parts are known: a case has fields, and no bytes.
//! Most of what looks so is chance. What was seen with several values of a field is not, and goes first.

mod colorize;
mod hint;
mod operand;
mod pairs;
#[cfg(test)]
pub(super) mod tests;

use std::collections::HashMap;

use super::compared::{each_number, each_text};
use crate::case::{Case, Value};
use crate::engine::campaign::Fnv;
use crate::generate::Source;
use crate::shrink::{Node, each_node};
use operand::Operands;
use pairs::Pairs;

pub(super) use colorize::{Colorized, colorized};
pub(super) use hint::Hint;
#[cfg(test)]
pub(super) use operand::whole;

/// Fields that hints are kept of, and hints of one field.
const FIELDS: usize = 1_024;
const MOST: usize = 256;
/// Hints of one execution that are looked at: a case may have one value a thousand times.
const LEARNED: usize = 4_096;
/// How often a hint was seen with other values that is likely.
const LIKELY: u32 = 4;
/// The longest text that is looked into, and that a hint makes, in bytes.
const LONGEST: usize = 4_096;

/// A hint with what is known of its worth.
#[derive(Clone, Debug)]
struct Known {
    hint: Hint,
    /// The value that was compared when it was seen last.
    own: u64,
    /// How often it was seen with another value than the last time.
    confirmed: u32,
    taken: u32,
}

impl Known {
    /// More for what was seen again and again, less for what was tried already: all have their turn, the likely ones
    /// a hundred times as often.
    fn worth(&self) -> u64 {
        let seen = u64::from((self.confirmed + 1).ilog2() + 1);
        ((seen * seen) << 32) / (u64::from(self.taken) + 1)
    }
}

/// What fields were compared with.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints(HashMap<u64, Vec<Known>>);

impl Hints {
    /// Learns from what was compared while this case ran. Calls `visit` with each value of which there is something to
    /// learn, and what.
    pub(super) fn learn(&mut self, case: &Case, visit: &mut dyn FnMut(&Node, &Value, &Hint)) {
        let mut leaves: Vec<(Node, &Value)> = Vec::new();
        each_node(case, &mut |node, value, _| {
            if matches!(value, Value::Number(_) | Value::Text(_)) {
                leaves.push((node, value));
            }
        });
        let mut learned = learned(&leaves);
        learned.truncate(LEARNED);
        learned.sort_unstable_by_key(|learned| learned.leaf);
        for learned in learned.chunk_by(|one, other| one.leaf == other.leaf) {
            let (node, value) = &leaves[learned[0].leaf];
            learned.iter().for_each(|learned| visit(node, value, &learned.hint));
            let Some(field) = field(node, case) else { continue };
            for Learned { own, hint, .. } in learned {
                self.keep(field, *own, hint);
            }
        }
    }

    fn keep(&mut self, field: u64, own: u64, hint: &Hint) {
        if self.0.len() >= FIELDS && !self.0.contains_key(&field) {
            return;
        }
        let all = self.0.entry(field).or_default();
        if let Some(known) = all.iter_mut().find(|known| known.hint == *hint) {
            known.confirmed += u32::from(known.own != own);
            known.own = own;
            return;
        }
        let new = Known { hint: hint.clone(), own, confirmed: 0, taken: 0 };
        if all.len() < MOST {
            all.push(new);
        } else if let Some(oldest) = (0..all.len()).min_by_key(|at| all[*at].confirmed) {
            all.remove(oldest);
            all.push(new);
        }
    }

    /// Takes a hint for one of the values, if there is one: which value it is, and what it becomes.
    pub(super) fn take(&mut self, case: &Case, src: &mut dyn Source) -> Option<(Node, Value)> {
        let mut nodes = self.nodes(case);
        let at = (!nodes.is_empty()).then(|| src.index(nodes.len()))?;
        let (node, value, field) = nodes.swap_remove(at);
        let near = if src.ratio(1, 2) { src.int(0..=4).cast_signed() - 2 } else { 0 };
        let all = self.0.get_mut(&field)?;
        let known = all.iter_mut().max_by_key(|known| known.worth())?;
        known.taken = known.taken.saturating_add(1);
        let new = known.hint.applied(value, near)?;
        Some((node, new))
    }

    /// What the likeliest hints make of some of the values, a little more and less included.
    pub(super) fn likely(&self, case: &Case, values: usize, src: &mut dyn Source) -> Vec<(Node, Value)> {
        let mut nodes = self.nodes(case);
        while nodes.len() > values {
            nodes.swap_remove(src.index(nodes.len()));
        }
        let mut all = Vec::new();
        for (node, value, field) in nodes {
            let mut known: Vec<&Known> = self.0.get(&field).into_iter().flatten().collect();
            known.retain(|known| known.confirmed >= LIKELY);
            known.sort_unstable_by_key(|known| std::cmp::Reverse(known.confirmed));
            for known in known.into_iter().take(3) {
                let near = [0, -1, 1].into_iter().filter_map(|near| known.hint.applied(value, near));
                all.extend(near.map(|new| (node.clone(), new)));
            }
        }
        all
    }

    /// The values of which something is known, and their fields.
    fn nodes<'a>(&self, case: &'a Case) -> Vec<(Node, &'a Value, u64)> {
        let mut nodes = Vec::new();
        each_node(case, &mut |node, value, _| {
            if matches!(value, Value::Number(_) | Value::Text(_)) {
                let field = field(&node, case).filter(|field| self.0.contains_key(field));
                nodes.extend(field.map(|field| (node, value, field)));
            }
        });
        nodes
    }
}

/// What is called alike in two cases is one field; edits have no names.
fn field(node: &Node, case: &Case) -> Option<u64> {
    let mut hash = Fnv::default();
    let mut has_name = false;
    node.each_name(case, &mut |name| {
        hash.text(name);
        has_name = true;
    });
    has_name.then_some(hash.0)
}

/// A hint for one of the leaves, and which value it was compared as.
struct Learned {
    leaf: usize,
    own: u64,
    hint: Hint,
}

/// What the comparisons of the last execution say of these leaves.
fn learned(leaves: &[(Node, &Value)]) -> Vec<Learned> {
    let operands = Operands::of(leaves.iter().map(|(_, value)| *value));
    let texts = leaves.iter().enumerate().filter_map(|(leaf, (_, value))| Some((leaf, value.as_text()?)));
    let texts: Vec<(usize, &str)> = texts.filter(|(_, text)| text.len() <= LONGEST).collect();
    let pairs = Pairs::of(texts.iter().map(|(_, text)| text.as_bytes()));
    let mut all = Vec::new();
    let parts = |own: u64, old: &[u8], new: &[u8], all: &mut Vec<Learned>| {
        if pairs.may_hold(old) {
            let hints = texts.iter().filter_map(|(leaf, text)| Some((*leaf, Hint::part(text, old, new)?)));
            all.extend(hints.map(|(leaf, hint)| Learned { leaf, own, hint }));
        }
    };
    each_number(&mut |seen| {
        let [one, other] = seen.sides;
        for (own, wanted) in [(one, other), (other, one)] {
            operands
                .each_hint(own, wanted, seen.width, &mut |leaf, hint| all.push(Learned { leaf, own, hint }));
            // Short texts are compared as numbers.
            let (old, new) = (own.to_le_bytes(), wanted.to_le_bytes());
            let (old, new) = (&old[..usize::from(seen.width)], &new[..usize::from(seen.width)]);
            if is_plain(old) && is_plain(new) {
                parts(own, old, new, &mut all);
            }
        }
    });
    each_text(&mut |seen| {
        let [one, other] = seen.sides();
        parts(0, one, other, &mut all);
        parts(0, other, one, &mut all);
    });
    all
}

fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}
