//! Running a case twice: a case whose answers differ from run to run proves less than it seems to.

use super::campaign::behaviour;
use crate::case::Case;
use crate::execute::{Session, execute};
use crate::message::Outcome;
use crate::trace::{Exchange, Trace};

/// A step that was answered in two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The step.
    pub step: String,
    /// What became of it the first time.
    pub first: String,
    /// What became of it the second time.
    pub second: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step `{}`: {}, and then {}", self.step, self.first, self.second)
    }
}

/// Runs a case in two sessions, which may be one, and compares how each step was answered: status, shape of the body
/// and names of the header fields. Values may differ: they do wherever something is new.
pub async fn twice(case: &Case, first: &Session, second: &Session) -> Vec<Difference> {
    let once = execute(case, first).await;
    let again = execute(case, second).await;
    differences(case, &once, &again)
}

/// What differs between two traces of a case, by step.
pub fn differences(case: &Case, once: &Trace, again: &Trace) -> Vec<Difference> {
    let differs = |(index, step): (usize, &crate::case::Step)| {
        let (first, second) = (last(once, index), last(again, index));
        let operation = case.operation_of(step).unwrap_or_default();
        let key = |exchange: Option<&Exchange>| exchange.and_then(|one| behaviour(operation, one));
        let (said, says) = (described(first), described(second));
        if said == says && key(first) == key(second) {
            return None;
        }
        let second = if said == says { "the same with other members".to_owned() } else { says };
        Some(Difference { step: step.name.clone(), first: said, second })
    };
    // Copies of a burst come in any order, and may be answered in any.
    case.steps.iter().enumerate().filter(|(_, step)| step.copies == 1).filter_map(differs).collect()
}

/// What a step came to in the end: earlier tries were turned away.
fn last(trace: &Trace, step: usize) -> Option<&Exchange> {
    trace.exchanges.iter().rev().find(|exchange| exchange.step == step)
}

fn described(exchange: Option<&Exchange>) -> String {
    let Some(exchange) = exchange else { return "not sent".to_owned() };
    match &exchange.delivery.outcome {
        Outcome::Answered(answer) => answer.status.to_string(),
        // The reason may name a port.
        Outcome::NotSent { .. } => "not sent".to_owned(),
        Outcome::Refused { .. } => "no connection".to_owned(),
        Outcome::TimedOut { .. } => "no answer in time".to_owned(),
        Outcome::Closed { .. } | Outcome::Reset { .. } => "a closed connection".to_owned(),
        Outcome::Garbled { .. } => "no HTTP".to_owned(),
    }
}
