//! Taking units away: in chunks that get smaller, then one by one, going on from where something went.

use super::node::deepest;
use super::unit::Kind;
use crate::case::Case;

/// One pass over the units of a kind.
#[derive(Clone, Debug)]
pub(super) struct Remove {
    kind: Kind,
    /// Whether the first chunk is large.
    first: bool,
    /// How deep the nodes are that it is about.
    depth: usize,
    /// How many units go at once; 0 before the first look.
    chunk: usize,
    at: usize,
    way: usize,
}

impl Remove {
    pub(super) fn new(kind: Kind, first: bool) -> Self {
        Self { kind, first, depth: usize::from(kind == Kind::Nodes), chunk: 0, at: 0, way: 0 }
    }

    /// The next candidate; `None` when the pass is over.
    pub(super) fn next(&mut self, best: &Case) -> Option<Case> {
        loop {
            let units = self.kind.units(best, self.depth);
            if self.chunk == 0 {
                self.chunk = self.largest(units.len());
            }
            if self.at < units.len() {
                let end = units.len().min(self.at + self.chunk);
                let without = self.kind.without(best, &units[self.at..end], self.way);
                if without.is_some() {
                    return without;
                }
                self.answer(false);
                continue;
            }
            self.at = 0;
            if self.chunk > 1 && !units.is_empty() {
                self.chunk = (self.chunk / 2).min(units.len());
            } else if self.kind == Kind::Nodes && self.depth < deepest(best) {
                (self.depth, self.chunk) = (self.depth + 1, 0);
            } else {
                return None;
            }
        }
    }

    pub(super) fn answer(&mut self, success: bool) {
        if !success && self.way + 1 < self.kind.ways(self.chunk) {
            self.way += 1;
            return;
        }
        self.way = 0;
        if !success {
            self.at += self.chunk;
        }
    }

    fn largest(&self, units: usize) -> usize {
        match self.kind {
            _ if !self.first => 1,
            // A case without any of its steps shows nothing.
            Kind::Steps => (units / 2).max(1),
            Kind::Claims => 1,
            _ => units.max(1),
        }
    }
}
