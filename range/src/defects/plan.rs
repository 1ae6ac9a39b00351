//! The operations while defects are being built in.

use axum::routing::MethodRouter;

use crate::routes::Operation;
use crate::state::AppState;

type Wrap = Box<dyn FnOnce(MethodRouter<AppState>) -> MethodRouter<AppState>>;

/// The operations, and which of them the defect at hand says that it lives on.
pub(crate) struct Plan {
    operations: Vec<Operation>,
    /// Applied last, so that a wrapper also surrounds a handler that another defect has put there.
    wraps: Vec<(usize, Wrap)>,
    chosen: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(operations: Vec<Operation>) -> Self {
        Self { operations, wraps: Vec::new(), chosen: Vec::new() }
    }

    /// Chooses operations, by `METHOD path`.
    pub(crate) fn of(&mut self, names: &[&str]) -> &mut Self {
        let named = |operation: &Operation| {
            names.contains(&format!("{} {}", operation.method, operation.path).as_str())
        };
        self.chosen = (0..self.operations.len()).filter(|at| named(&self.operations[*at])).collect();
        assert_eq!(self.chosen.len(), names.len(), "a defect lives on operations that exist: {names:?}");
        self
    }

    /// Answers the chosen operations with another handler.
    pub(crate) fn replace(&mut self, handler: &MethodRouter<AppState>) {
        for at in &self.chosen {
            self.operations[*at].handler = handler.clone();
        }
    }

    /// Gives the chosen operations other services.
    pub(crate) fn equip(&mut self, change: impl Fn(&mut AppState)) {
        for at in &self.chosen {
            change(&mut self.operations[*at].state);
        }
    }

    /// Surrounds the chosen operations.
    pub(crate) fn wrap(
        &mut self,
        wrap: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState> + Clone + 'static,
    ) {
        for at in &self.chosen {
            self.wraps.push((*at, Box::new(wrap.clone())));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Operation> {
        for (at, wrap) in self.wraps {
            let handler = std::mem::take(&mut self.operations[at].handler);
            self.operations[at].handler = wrap(handler);
        }
        self.operations
    }
}
