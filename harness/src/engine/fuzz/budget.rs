//! What one input may cost: a fuzzer gives an input to whatever is large, slow and new.

use crate::case::{Act, Case, expansion};

/// Steps of one input.
pub(super) const STEPS: usize = 8;
/// Copies of all steps together.
const COPIES: u32 = 64;
/// Edits of one step.
pub(super) const EDITS: usize = 8;
/// What all values together may become, in bytes.
const BYTES: u64 = 256 << 10;

/// Whether an input may be run: read from a file, or made by the mutator. Waiting is free on a virtual clock only.
pub(super) fn affordable(case: &Case, waiting_is_free: bool) -> bool {
    let copies = case.steps.iter().map(|step| step.copies).fold(0, u32::saturating_add);
    let waits = case.steps.iter().any(|step| matches!(step.act, Act::Wait(_)));
    let edits = case.steps.iter().filter_map(|step| step.request()).map(|send| send.edits.len()).max();
    let mut bytes: u64 = 0;
    case.each_value(&mut |value| bytes = bytes.saturating_add(expansion(value)));
    (1..=STEPS).contains(&case.steps.len())
        && copies <= COPIES
        && edits.unwrap_or(0) <= EDITS
        && bytes <= BYTES
        && (waiting_is_free || !waits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Dynamic, Edit, Place, Repeat, Role, Step, Value, Wait};

    fn case(step: Step) -> Case {
        let mut case = Case::new("explore", "GET /");
        case.steps.push(step);
        case
    }

    #[test]
    fn what_costs_too_much_is_not_run() {
        let plain = Step::send("a", Role::Attack, "alice", "base", Vec::new());
        assert!(affordable(&case(plain.clone()), false));
        assert!(!affordable(&Case::new("explore", "GET /"), false), "nothing is sent");
        assert!(!affordable(&case(plain.clone().copied(65)), false));
        let value = Value::dynamic(Dynamic::Repeat(Repeat { value: Value::text("aaaa"), times: 1 << 20 }));
        let large = Step::send("a", Role::Attack, "alice", "base", vec![Edit::set(Place::Body, value)]);
        assert!(!affordable(&case(large), false));
        let waits = Step::wait("w", Wait { millis: 1, retry_after: None, at_most: 1 });
        assert!(!affordable(&case(waits.clone()), false) && affordable(&case(waits), true));
        let many = (0..=STEPS).map(|_| plain.clone()).collect();
        assert!(!affordable(&Case { steps: many, ..Case::new("explore", "GET /") }, true));
    }
}
