//! What could not be used, each said once.

use std::collections::HashSet;

use super::document::Problem;
use crate::surface::Broken;

/// Notes that are kept: a document that has more is not the one that somebody wanted to test.
const MAX_NOTES: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Notes {
    list: Vec<Broken>,
    seen: HashSet<Broken>,
}

impl Notes {
    pub(super) fn add(&mut self, problem: Problem) {
        let note = Broken { pointer: problem.pointer, reason: problem.reason };
        if self.list.len() < MAX_NOTES && self.seen.insert(note.clone()) {
            self.list.push(note);
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Broken> {
        if self.list.len() == MAX_NOTES {
            let reason = format!("more than {MAX_NOTES} parts cannot be used; the others are not listed");
            self.list.push(Broken { pointer: String::new(), reason });
        }
        self.list
    }

    /// Both, these first.
    pub(super) fn and(mut self, others: Self) -> Vec<Broken> {
        for note in others.list {
            self.add(Problem { pointer: note.pointer, reason: note.reason });
        }
        self.into_list()
    }
}
