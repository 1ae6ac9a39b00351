//! What can be wrong with the range: one file for each check, each defect declared as data.
//!
//! A defect replaces or wraps operations of the hardened range, which knows nothing of it.

mod plan;

use std::fmt;

use plan::Plan;

use crate::routes::Operation;

/// One thing that can be wrong.
pub struct Defect {
    /// Its stable id, which contains the id of the check that it makes fire.
    pub id: &'static str,
    /// What is wrong, in one line.
    pub title: &'static str,
    /// The operations that it lives on, as `METHOD path`.
    pub operations: &'static [&'static str],
    /// The checks that must fire.
    pub fires: &'static [&'static str],
    /// The checks that may fire as well, each with the reason.
    pub also: &'static [(&'static str, &'static str)],
    pub(crate) build: fn(&mut Plan),
}

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Defect").field(&self.id).finish()
    }
}

/// All defects.
pub fn defects() -> &'static [Defect] {
    &[]
}

/// The defect with this id.
pub fn defect(id: &str) -> Option<&'static Defect> {
    defects().iter().find(|defect| defect.id == id)
}

/// Builds defects into the operations of the hardened range.
pub(crate) fn build_in(defects: &[&'static Defect], operations: Vec<Operation>) -> Vec<Operation> {
    let mut plan = Plan::new(operations);
    for defect in defects {
        (defect.build)(plan.of(defect.operations));
    }
    plan.finish()
}
