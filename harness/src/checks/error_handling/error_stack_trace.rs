//! # What it sends
//! Nothing of its own: it looks at every answer of every other check and of the exploring phase.
//!
//! # What must hold
//! No answer holds a stack trace: two frames of one language's runtime, a frame with its header line, or a
//! pattern that nothing else prints. What the request itself brought in does not count, and neither does, in a
//! success, what the operation answers to a harmless request too. Smallest effect: two frames, or one
//! unmistakable line, anywhere in the first 256 KiB of one answer, escaped up to three times.
//!
//! # Why it matters
//! A trace names files, functions, libraries and their versions: a map for whoever looks for the next weakness.
//!
//! # How to fix
//! Answer every failure with one generic body and an id, and write the trace to the log under that id.
//! Turn the debug mode of the framework off.
//!
//! # References
//! CWE-209, CWE-497; OWASP API8:2023; ASVS 5.0 16.5.1; WFC 209.

use crate::checks::{
    About, Confirm, Effect, Fact, Grain, Interest, Isolation, Passive, Phase, Practice, Seen, Severity,
    Sighting,
};
use crate::signatures;

/// An answer that holds a stack trace.
pub struct StackTrace;

static ABOUT: About = About {
    id: "error-stack-trace",
    title: "an answer that holds a stack trace",
    practice: Practice::ErrorHandling,
    source: include_str!("error_stack_trace.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 20,
    cwe: &[209, 497],
    owasp: &["API8:2023"],
    wfc: Some(209),
    once: false,
};

impl Passive for StackTrace {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest::bodies(200, 599, signatures::NEEDLES)
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        let trace = signatures::stack_trace(seen.text())?;
        let what = format!("a stack trace ({})", trace.detector);
        Some(Sighting::new(trace.detector, what, trace.evidence).facts([Fact::InternalsShown]))
    }
}
