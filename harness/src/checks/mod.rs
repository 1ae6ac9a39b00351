//! Checks: an attack paired with the invariant that must survive it. One file each, below its practice.

mod about;
pub mod authentication;
pub mod authorization;
pub mod content_type;
pub mod error_handling;
pub mod exposure;
pub mod input_validation;
mod invariant;
pub mod inventory;
mod observed;
mod passive;
mod plan;
pub mod rate_limiting;
mod registry;
mod set;
mod verdict;

pub use about::{About, Confirm, Effect, Grain, Isolation, Need, Phase, Practice, Severity};
pub(crate) use invariant::UNSEEN;
pub use invariant::{IntoJudged, Invariant, Judged};
pub use observed::{Observation, Observed};
pub use passive::{Interest, Passive, Seen, Sighting, look, witness};
pub use plan::{Plan, Round, Subject};
pub use registry::{CHECKS, Kind, by_id, judge};
pub use set::{CheckError, Checks};
pub use verdict::{Cause, Confidence, Fact, Verdict, Violation};

use crate::case::Case;
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An attack and the invariant that must survive it. Does no input or output: it plans cases and judges traces.
pub trait Check: Send + Sync {
    /// What the check declares of itself.
    fn about(&self) -> &'static About;

    /// What to do next about a subject, given the rounds so far.
    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], src: &mut dyn Source) -> Plan;

    /// What a trace of one of its cases proves. Pure: the same trace has the same verdict anywhere, any time.
    fn judge(&self, case: &Case, trace: &Trace) -> Verdict;
}
