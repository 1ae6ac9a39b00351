//! # What it sends
//! The valid request of an operation, sixteen times, one at a time; after a failure forty times.
//!
//! # What must hold
//! A valid request is answered as it was before. An answer 5xx, a connection that ends without an answer, or no answer
//! in time is a failure; what is asked again with success (502 to 504, a closed connection) is none, and neither are
//! documented outages. Concluded only if at least five of forty fail and at least five are granted. Smallest effect: an
//! operation that fails by itself two times of five.
//!
//! # Why it matters
//! An operation that fails by itself hides failures that callers cause, and is one that nobody looks after.
//!
//! # How to fix
//! Look in the log for what the failures have in common: a broken connection of a pool, a race, one instance of
//! several that is not as the others.
//!
//! # References
//! CWE-755; OWASP API8:2023; RFC 9110 15.6.

use super::harm::may_repeat;
use crate::case::{Case, Role};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity,
    Subject, Verdict, Violation,
};
use crate::controls::{Fate, fate, manner};
use crate::generate::{Draft, Source, World};
use crate::trace::Trace;

/// An operation that fails by itself.
pub struct FlakyOperation;

static ABOUT: About = About {
    id: "input-flaky-operation",
    title: "an operation that fails by itself",
    practice: Practice::InputValidation,
    source: include_str!("input_flaky_operation.rs"),
    grain: Grain::Operation,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Alone,
    budget: 180,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 5,
    cwe: &[755],
    owasp: &["API8:2023"],
    wfc: None,
    once: true,
};

/// How often the valid request is asked to look.
const LOOKS: usize = 16;
/// How often it is asked to conclude.
const CALLS: usize = 40;
/// So many failures of these are no chance.
const OFTEN: usize = 5;

impl Check for FlakyOperation {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = at.operation.and_then(|operation| world.granted_draft(operation, &at.identity));
        let Some(draft) = draft else { return Plan::vacuous("no valid request was granted here") };
        if let Err(why) = may_repeat(world, draft) {
            return Plan::vacuous(why);
        }
        let Some((case, trace)) = rounds.first().and_then(|round| round.cases.first()) else {
            return Plan::Run(vec![calls(world, draft, LOOKS)]);
        };
        let (granted, failed) = counts(case, trace);
        match (granted, failed) {
            (LOOKS.., 0) => Plan::Done(Verdict::Held),
            (_, 0) => Plan::vacuous("the valid request was not granted each time"),
            _ => Plan::suspect(calls(world, draft, CALLS)),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let plain = |step: &crate::case::Step| step.request().is_some_and(|send| send.edits.is_empty());
        let asked: Vec<_> = case.steps.iter().filter(|step| step.role == Role::Control).collect();
        if asked.len() < CALLS || !asked.iter().all(|step| plain(step)) {
            return Verdict::vacuous("the valid request was not asked often enough");
        }
        let (granted, failed) = counts(case, trace);
        if failed < OFTEN {
            let held = granted + failed >= CALLS;
            return if held {
                Verdict::Held
            } else {
                Verdict::vacuous("the valid request was not granted each time")
            };
        }
        if granted < OFTEN {
            return Verdict::vacuous("the valid request is hardly ever granted");
        }
        let excerpt = case.excerpt(&case.operation);
        let mut failures =
            trace.in_role(case, Role::Control).filter(|exchange| fate(exchange, excerpt) == Fate::Failed);
        let Some(first) = failures.next() else { return Verdict::Held };
        Violation::new(
            first.step,
            format!("{} fails by itself", case.operation),
            format!(
                "The same valid request, one at a time: {granted} were granted, {failed} failed ({}).",
                manner(first)
            ),
        )
        .expected("every valid request granted", format!("{failed} of {CALLS} failed"))
        .falsified_by("a load of others at the same time, or a deployment that was under way")
        .confidence(if first.status().is_some() { Confidence::Proven } else { Confidence::Likely })
        .cause(manner(first), first)
        .verdict()
    }
}

/// The valid request so often.
fn calls(world: &World, draft: &Draft, times: usize) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    for call in 1..=times {
        case.steps.push(draft.step(&format!("call-{call}"), Role::Control, vec![]).retried(2));
    }
    case.note_identities(|name| world.role_of(name));
    case
}

/// How many were granted, and how many failed.
fn counts(case: &Case, trace: &Trace) -> (usize, usize) {
    let excerpt = case.excerpt(&case.operation);
    let asked: Vec<_> = trace.in_role(case, Role::Control).collect();
    let granted =
        asked.iter().filter(|e| e.status().is_some_and(|status| (200..300).contains(&status))).count();
    let failed = asked.iter().filter(|exchange| fate(exchange, excerpt) == Fate::Failed).count();
    (granted, failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Step;
    use crate::controls::tests_support::answer;

    fn judged(times: usize, status: impl Fn(usize) -> u16) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /a");
        let mut trace = Trace::default();
        for at in 0..times {
            case.steps.push(Step::send(format!("call-{at}"), Role::Control, "alice", "target", vec![]));
            let mut exchange = answer(status(at), "{}");
            exchange.step = at;
            trace.exchanges.push(exchange);
        }
        FlakyOperation.judge(&case, &trace)
    }

    #[test]
    fn five_of_forty_tell_and_fewer_do_not() {
        assert!(judged(40, |at| if at % 8 == 0 { 500 } else { 200 }).violation().is_some());
        assert_eq!(judged(40, |at| if at % 10 == 0 { 500 } else { 200 }), Verdict::Held);
        assert!(matches!(judged(39, |at| if at % 3 == 0 { 500 } else { 200 }), Verdict::Vacuous(_)));
        assert!(matches!(judged(40, |_| 500), Verdict::Vacuous(_)), "it was never granted");
        assert!(matches!(judged(40, |_| 429), Verdict::Vacuous(_)));
    }
}
