//! Passive checks: they look at every exchange, whoever sent it.

use super::about::About;
use super::verdict::{Cause, Confidence, Fact, Verdict, Violation};
use crate::case::{Case, Role, Step};
use crate::controls::Reflections;
use crate::trace::{Exchange, Trace};

/// A check that looks at every exchange.
pub trait Passive: Send + Sync {
    /// What the check declares of itself.
    fn about(&self) -> &'static About;

    /// Which answers it looks at.
    fn interest(&self) -> Interest;

    /// What it sees in one answer.
    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting>;
}

/// Which answers a passive check looks at.
#[derive(Clone, Copy, Debug)]
pub struct Interest {
    /// The lowest status.
    pub from: u16,
    /// The highest status.
    pub to: u16,
    /// Bytes one of which the body must hold; empty for all bodies. The engine looks for all checks' bytes at once.
    pub needles: &'static [&'static str],
}

/// An answer, as passive checks see it.
pub struct Seen<'a> {
    /// The exchange.
    pub exchange: &'a Exchange,
    /// The status.
    pub status: u16,
    /// The body as text, without what the request brought in.
    pub text: &'a str,
}

/// What a passive check saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What detected it, such as `rust-panic`.
    pub detector: &'static str,
    /// What was seen, cut to the telling part.
    pub evidence: String,
    /// What it is, reads after "answers with".
    pub what: String,
    /// Facts that move the severity.
    pub facts: Vec<Fact>,
}

/// The witness of a sighting: what the exchange's step needs, the same request without edits as its control,
/// and the step.
pub(crate) fn witness(id: &str, case: &Case, exchange: &Exchange, sighting: &Sighting) -> Option<Case> {
    let step = case.steps.get(exchange.step)?;
    let operation = case.operation_of(step)?.to_owned();
    let mut witness = Case::new(id, operation);
    // Whichever input provokes it: one detector on one operation is one finding.
    sighting.detector.clone_into(&mut witness.class);
    witness.operations.clone_from(&case.operations);
    let needed = |other: &&Step| other.role == Role::Setup && other.name != step.name;
    witness.steps.extend(case.steps[..exchange.step].iter().filter(needed).cloned());
    let send = step.request()?;
    if !send.edits.is_empty() {
        let mut control = step.clone();
        control.name = "control".to_owned();
        control.role = Role::Control;
        control.copies = 1;
        control.retry = 2;
        control.request_mut()?.edits.clear();
        witness.steps.push(control);
    }
    let mut attack = step.clone();
    attack.name = "attack".to_owned();
    attack.role = Role::Attack;
    attack.copies = 1;
    attack.retry = 2;
    witness.steps.push(attack);
    let used = |base: &&crate::case::Base| {
        witness.steps.iter().any(|step| step.request().is_some_and(|send| send.base == base.name))
    };
    witness.bases = case.bases.iter().filter(used).cloned().collect();
    witness.note_identities(|name| case.identities.iter().find(|need| need.name == name)?.role.clone());
    Some(witness)
}

/// Judges a passive check's witness: the attack's answer shows it, and no control answer of the same status
/// class does (P7).
pub(super) fn judge(check: &dyn Passive, case: &Case, trace: &Trace) -> Verdict {
    let about = check.about();
    let Some(attack) = trace.in_role(case, Role::Attack).next() else {
        return Verdict::vacuous("nothing was attacked");
    };
    if attack.is_blocked() {
        return Verdict::vacuous("nobody answered for the operation");
    }
    let Some(sighting) = look(check, attack).filter(|sighting| sighting.detector == case.class) else {
        return Verdict::Held;
    };
    // A success that always shows it is the operation's own data.
    let class = attack.status().unwrap_or_default() / 100;
    let controls = trace
        .in_role(case, Role::Control)
        .filter(|control| control.status().is_some_and(|s| s / 100 == class));
    let controls: Vec<_> = controls.collect();
    if class < 4 && controls.is_empty() && case.steps.iter().any(|step| step.role == Role::Control) {
        return Verdict::vacuous("no harmless request was answered to compare with");
    }
    let data = class < 4 && !crate::controls::absent_from(controls, |control| look(check, control).is_some());
    if data {
        return Verdict::Held;
    }
    let operation = &case.operation;
    let status = attack.status().unwrap_or_default();
    let mut violation = Violation::new(
        attack.step,
        format!("{operation} answers with {}", sighting.what),
        format!("The answer {status} holds {}: {}", sighting.what, sighting.evidence),
    )
    .expected("an answer that tells nothing of how the service is built", sighting.evidence.clone())
    .falsified_by("the same text in the answer to a harmless request, or in what the request itself sent")
    .confidence(Confidence::Proven)
    .facts(sighting.facts);
    violation.cause = Cause {
        outcome: Some(status.to_string()),
        detector: Some(sighting.detector.to_owned()),
        shape: None,
        panic: attack.panic.as_ref().and_then(|panic| panic.location.clone()),
    };
    debug_assert!(!about.id.is_empty());
    violation.verdict()
}

/// What the check sees in an exchange, reflections stripped.
pub(crate) fn look(check: &dyn Passive, exchange: &Exchange) -> Option<Sighting> {
    let answer = exchange.answer()?;
    let interest = check.interest();
    if answer.status < interest.from || answer.status > interest.to || answer.body.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(&answer.body);
    let text = Reflections::of(exchange).strip(&text);
    check.inspect(&Seen { exchange, status: answer.status, text: &text })
}
