//! What a campaign says while it runs.

use std::sync::Arc;

use crate::case::Case;
use crate::finding::Finding;
use crate::report::Cell;

/// Something worth writing down.
#[derive(Clone, Debug)]
pub enum Announcement {
    /// A violation was seen once; it is on disk before anything else happens.
    Suspected(Box<(Finding, Case)>),
    /// A violation was run again.
    Confirmed(Box<(Finding, Case)>),
    /// A confirmed violation was made small; the name of the file that it replaces.
    Shrunk(Box<(Finding, Case)>),
    /// Exploring met a behaviour for the first time, or shows it with a smaller case.
    Behaviour(Box<(u64, Case)>),
    /// A cell is done.
    Cell(Box<Cell>),
}

/// What a progress bar shows.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// What is being done.
    pub phase: Arc<str>,
    /// Pieces of work that are done in this phase.
    pub done: usize,
    /// Pieces of work in this phase.
    pub of: usize,
    /// Requests that were sent.
    pub requests: u64,
    /// Violations that were seen.
    pub findings: usize,
}

impl Progress {
    /// A phase begins.
    pub(super) fn begin(phase: &str) -> Self {
        Self { phase: Arc::from(phase), ..Self::default() }
    }
}
