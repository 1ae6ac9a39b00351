//! Counts: how often, how deep, from where.

use super::node::{Node, each_node};
use super::unit::free_steps;
use crate::case::{Case, Dynamic, Edit, Value};

/// A number that is no value itself.
#[derive(Clone, Debug)]
pub(super) enum Count {
    /// Copies of a step.
    Copies(usize),
    /// Repetitions or levels of a node.
    Node(Node),
    /// Where a splice begins.
    Offset(usize, usize),
    /// How much a splice deletes.
    Delete(usize, usize),
}

/// The counts of a case with what they are, those that cost most first.
pub(super) fn counts(case: &Case) -> Vec<(Count, u32)> {
    let mut counts: Vec<_> =
        free_steps(case).map(|(index, step)| (Count::Copies(index), step.copies)).collect();
    each_node(case, &mut |node, value, _| {
        if let Value::Dynamic(leaf) = value {
            match &**leaf {
                Dynamic::Repeat(repeat) => counts.push((Count::Node(node), repeat.times)),
                Dynamic::Nest(nest) => counts.push((Count::Node(node), nest.depth)),
                _ => {}
            }
        }
    });
    for (step, sends) in free_steps(case) {
        for (index, edit) in sends.request().into_iter().flat_map(|send| &send.edits).enumerate() {
            if let Edit::Splice { offset, delete, .. } = edit {
                counts.push((Count::Offset(step, index), *offset));
                counts.push((Count::Delete(step, index), *delete));
            }
        }
    }
    counts
}

impl Count {
    /// The smallest that makes sense.
    pub(super) fn least(&self) -> u32 {
        match self {
            Self::Copies(_) | Self::Node(_) => 1,
            Self::Offset(..) | Self::Delete(..) => 0,
        }
    }

    /// The case with another count.
    pub(super) fn with(&self, case: &Case, count: u32) -> Case {
        let mut case = case.clone();
        match self {
            Self::Copies(step) => case.steps[*step].copies = count,
            Self::Node(node) => node.change(&mut case, |value| {
                if let Value::Dynamic(leaf) = value {
                    match &mut **leaf {
                        Dynamic::Repeat(repeat) => repeat.times = count,
                        Dynamic::Nest(nest) => nest.depth = count,
                        _ => {}
                    }
                }
            }),
            Self::Offset(step, edit) | Self::Delete(step, edit) => {
                let edit = case.steps[*step].request_mut().and_then(|send| send.edits.get_mut(*edit));
                if let Some(Edit::Splice { offset, delete, .. }) = edit {
                    *(if matches!(self, Self::Offset(..)) { offset } else { delete }) = count;
                }
            }
        }
        case
    }
}
