//! Passive checks: they look at every exchange, whoever sent it.

use std::cell::OnceCell;

use serde_json::{Map, Value as Json};

use super::about::{About, Severity};
use super::verdict::{Cause, Confidence, Fact, Verdict, Violation};
use crate::case::{Base, Case, Edit, Excerpt, Place, Role, Step};
use crate::controls::{Reflections, was_sent};
use crate::identity::Wallet;
use crate::trace::{Exchange, Trace};

/// A check that looks at every exchange.
pub trait Passive: Send + Sync {
    /// What the check declares of itself.
    fn about(&self) -> &'static About;

    /// Which answers it looks at.
    fn interest(&self) -> Interest;

    /// What it sees in one answer.
    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting>;

    /// Whether an answer of its interest would show the weakness if it were there: what makes an operation held.
    fn is_telling(&self, seen: &Seen<'_>) -> bool {
        seen.status >= 400 && !seen.exchange.is_blocked()
    }

    /// Why an operation is vacuous that gave no such answer.
    fn unseen(&self) -> &'static str {
        "the operation never answered an error"
    }

    /// Whether it counts too what the answer to a harmless request shows: a header that is missing is missing, while
    /// a stack trace in a success that always shows it is data.
    fn counts_always(&self) -> bool {
        false
    }
}

/// Which answers a passive check looks at.
#[derive(Clone, Copy, Debug)]
pub struct Interest {
    /// The lowest status.
    pub from: u16,
    /// The highest status.
    pub to: u16,
    /// Bytes one of which the body must hold; empty for all answers. The engine looks for all checks' bytes at once.
    pub needles: &'static [&'static str],
    /// Answers without a body count, too.
    pub empty: bool,
}

impl Interest {
    /// Bodies of answers with such a status that hold one of these texts, or any body.
    pub const fn bodies(from: u16, to: u16, needles: &'static [&'static str]) -> Self {
        Self { from, to, needles, empty: false }
    }

    /// Whether it covers an answer, needles aside.
    pub(crate) fn covers(&self, exchange: &Exchange) -> bool {
        exchange.answer().is_some_and(|answer| {
            (self.from..=self.to).contains(&answer.status) && (self.empty || !answer.body.is_empty())
        })
    }
}

/// An answer, as passive checks see it.
pub struct Seen<'a> {
    /// The exchange.
    pub exchange: &'a Exchange,
    /// The status.
    pub status: u16,
    /// The case that it belongs to.
    pub case: &'a Case,
    /// All that happened in it.
    pub trace: &'a Trace,
    /// The documented schema of this answer: known while a run looks, not when a witness is judged.
    pub schema: Option<&'a Json>,
    /// The credentials of the run: known while a run looks, not when a witness is judged.
    pub wallet: Option<&'a Wallet>,
    text: OnceCell<String>,
}

impl<'a> Seen<'a> {
    /// An answer of a case; `None` when there is none.
    pub fn new(case: &'a Case, trace: &'a Trace, exchange: &'a Exchange) -> Option<Self> {
        let status = exchange.status()?;
        Some(Self { exchange, status, case, trace, schema: None, wallet: None, text: OnceCell::new() })
    }

    /// The body as text, without what the request brought in. Made once for all checks.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let body = self.exchange.answer().map(|answer| &answer.body[..]).unwrap_or_default();
            Reflections::of(self.exchange).strip(&String::from_utf8_lossy(body))
        })
    }

    /// The step that was answered.
    pub fn step(&self) -> Option<&'a Step> {
        self.case.steps.get(self.exchange.step)
    }

    /// Whether the request was a valid one as it stands, and provoked nothing.
    pub fn is_harmless(&self) -> bool {
        self.step().and_then(Step::request).is_some_and(|send| send.edits.is_empty())
    }

    /// The operation that answered; none, where the method is another than the operation's.
    pub fn operation(&self) -> Option<&'a str> {
        let step = self.step()?;
        let other = |edit: &Edit| *edit.place() == Place::Method;
        if step.request().is_some_and(|send| send.edits.iter().any(other)) {
            return None;
        }
        self.case.operation_of(step)
    }

    /// What the document says of the operation.
    pub fn declared(&self) -> Option<&'a Excerpt> {
        self.case.excerpt(self.operation()?)
    }

    /// Whether any request of the case sent this text, as it is.
    pub fn was_sent_by_anyone(&self, text: &str) -> bool {
        let holds = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
        self.trace.exchanges.iter().any(|exchange| {
            let request = &exchange.sent.request;
            holds(&request.target)
                || holds(&request.body)
                || exchange.sent.payloads.iter().any(|(_, payload)| holds(payload))
        })
    }
}

/// What a passive check saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// What detected it, such as `rust-panic`.
    pub detector: &'static str,
    /// What makes two sightings on one operation the same finding; the detector, unless said otherwise.
    pub class: String,
    /// What was seen, cut to the telling part.
    pub evidence: String,
    /// What it is, reads after "answers with".
    pub what: String,
    /// What should have come.
    pub expected: &'static str,
    /// What would show that this is no finding.
    pub falsified_by: &'static str,
    /// Facts that move the severity.
    pub facts: Vec<Fact>,
    /// How bad it is, where that is not as bad as the check's others.
    pub severity: Option<Severity>,
    /// One finding for all operations.
    pub once: bool,
    /// What the judge of the witness needs to know of the document.
    pub notes: Map<String, Json>,
    /// Steps that the witness needs before the answer, with the valid requests that they begin from.
    pub controls: Vec<(Option<Base>, Step)>,
}

impl Sighting {
    /// A sighting: what detected it, what it is, and what was seen.
    pub fn new(detector: &'static str, what: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self {
            detector,
            class: detector.to_owned(),
            evidence: evidence.into(),
            what: what.into(),
            expected: "an answer that tells nothing of how the service is built",
            falsified_by: "the same text in the answer to a harmless request, or in what the request itself sent",
            facts: Vec::new(),
            severity: None,
            once: false,
            notes: Map::new(),
            controls: Vec::new(),
        }
    }

    /// Facts that move the severity.
    pub fn facts(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.facts.extend(facts);
        self
    }

    /// What should have come, and what would show that this is no finding.
    pub fn because(mut self, expected: &'static str, falsified_by: &'static str) -> Self {
        (self.expected, self.falsified_by) = (expected, falsified_by);
        self
    }

    /// How bad it is.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// One finding for all operations.
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }
}

/// The witness of a sighting: what the exchange's step needs, the same request without edits as its control,
/// and the step.
pub fn witness(check: &dyn Passive, case: &Case, exchange: &Exchange, sighting: &Sighting) -> Option<Case> {
    let step = case.steps.get(exchange.step)?;
    let operation = if sighting.once { "*" } else { case.operation_of(step)? };
    let mut witness = Case::new(check.about().id, operation);
    // Whichever input provokes it: one class on one operation is one finding.
    witness.class.clone_from(&sighting.class);
    witness.operations.clone_from(&case.operations);
    witness.facts.clone_from(&sighting.notes);
    let needed = |other: &&Step| other.role == Role::Setup && other.name != step.name;
    witness.steps.extend(case.steps[..exchange.step].iter().filter(needed).cloned());
    let send = step.request()?;
    if !send.edits.is_empty() && !check.counts_always() {
        let mut control = step.clone();
        control.name = "control".to_owned();
        control.role = Role::Control;
        control.copies = 1;
        control.retry = 2;
        control.request_mut()?.edits.clear();
        witness.steps.push(control);
    }
    witness.steps.extend(sighting.controls.iter().map(|(_, step)| step.clone()));
    let mut attack = step.clone();
    attack.name = "attack".to_owned();
    attack.role = Role::Attack;
    attack.copies = 1;
    attack.retry = 2;
    witness.steps.push(attack);
    let used = |base: &&Base| {
        witness.steps.iter().any(|step| step.request().is_some_and(|send| send.base == base.name))
    };
    let controls = sighting.controls.iter().filter_map(|(base, _)| base.as_ref());
    witness.bases = case.bases.iter().filter(used).chain(controls).cloned().collect();
    witness.note_identities(|name| case.identities.iter().find(|need| need.name == name)?.role.clone());
    Some(witness)
}

/// Judges a passive check's witness: the attack's answer shows it, and no control answer of the same status
/// class does (P7).
pub(super) fn judge(check: &dyn Passive, case: &Case, trace: &Trace) -> Verdict {
    let Some(attack) = trace.in_role(case, Role::Attack).next() else {
        return Verdict::vacuous("nothing was attacked");
    };
    if attack.is_blocked() {
        return Verdict::vacuous("nobody answered for the operation");
    }
    let sees = |exchange: &Exchange| look(check, &Seen::new(case, trace, exchange)?);
    let Some(sighting) = sees(attack).filter(|sighting| sighting.class == case.class) else {
        return Verdict::Held;
    };
    // A success that always shows it is the operation's own data.
    let class = attack.status().unwrap_or_default() / 100;
    if class < 4 && !check.counts_always() {
        let controls = trace
            .in_role(case, Role::Control)
            .filter(|control| control.status().is_some_and(|s| s / 100 == class));
        let controls: Vec<_> = controls.collect();
        if controls.is_empty() && case.steps.iter().any(|step| step.role == Role::Control) {
            return Verdict::vacuous("no harmless request was answered to compare with");
        }
        let shows = |exchange: &Exchange| {
            Seen::new(case, trace, exchange).is_some_and(|seen| check.inspect(&seen).is_some())
        };
        if !crate::controls::absent_from(controls, shows) {
            return Verdict::Held;
        }
    }
    let operation = case.operation_of(&case.steps[attack.step]).unwrap_or(&case.operation);
    let status = attack.status().unwrap_or_default();
    let mut violation = Violation::new(
        attack.step,
        format!("{operation} answers with {}", sighting.what),
        format!("The answer {status} holds {}: {}", sighting.what, sighting.evidence),
    )
    .expected(sighting.expected, sighting.evidence.clone())
    .falsified_by(sighting.falsified_by)
    .confidence(Confidence::Proven)
    .facts(sighting.facts);
    violation.severity = sighting.severity;
    violation.cause = Cause {
        // Whichever operation shows it first: one finding.
        outcome: (!sighting.once).then(|| status.to_string()),
        detector: Some(sighting.detector.to_owned()),
        shape: None,
        panic: attack.panic.as_ref().and_then(|panic| panic.location.clone()),
    };
    violation.verdict()
}

/// What the check sees in an answer.
pub fn look(check: &dyn Passive, seen: &Seen<'_>) -> Option<Sighting> {
    if !check.interest().covers(seen.exchange) {
        return None;
    }
    // What a valid request is granted is the operation's own data.
    if seen.status < 400 && !check.counts_always() && seen.is_harmless() {
        return None;
    }
    let sighting = check.inspect(seen)?;
    // What the strip does not know again: escaped twice and more.
    (!was_sent(&sighting.evidence, seen.exchange)).then_some(sighting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Edit, Place};
    use crate::checks::error_handling::StackTrace;
    use crate::controls::tests_support::answer;

    const TRACE: &str = "thread 'main' panicked at src/main.rs:7:5:\nspilled";

    fn judged(control: (u16, &str), attack: (u16, &str)) -> Verdict {
        let mut case = Case::new("error-stack-trace", "GET /");
        "rust-panic".clone_into(&mut case.class);
        let mut trace = Trace::default();
        for (name, role, (status, body)) in
            [("control", Role::Control, control), ("attack", Role::Attack, attack)]
        {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            let edits = if role == Role::Attack { vec![Edit::set(Place::Body, "x")] } else { vec![] };
            case.steps.push(Step::send(name, role, "alice", "target", edits));
        }
        judge(&StackTrace, &case, &trace)
    }

    #[test]
    fn a_success_is_judged_only_beside_a_harmless_one() {
        assert!(judged((200, "fine"), (200, TRACE)).violation().is_some());
        assert_eq!(judged((200, TRACE), (200, TRACE)), Verdict::Held, "it is what the operation is for");
        assert!(matches!(judged((503, "later"), (200, TRACE)), Verdict::Vacuous(_)));
        assert!(judged((503, "later"), (500, TRACE)).violation().is_some(), "an error needs none");
    }

    #[test]
    fn a_trace_that_was_sent_is_no_sighting_however_it_comes_back() {
        use crate::trace::Sent;
        let sent = "goroutine 616 [running]:\nmain.b(0xc000012345)\n\t/srv/v/main.go:782 +0x1d\nmain.main()\n\t/srv/v/main.go:616 +0x25";
        let url = crate::execute::percent(sent.as_bytes(), crate::execute::SEGMENT);
        let shown = crate::execute::percent(url.as_bytes(), b"-._~");
        let (case, trace) = (Case::new("error-stack-trace", "GET /"), Trace::default());
        let sees = |exchange: &Exchange| look(&StackTrace, &Seen::new(&case, &trace, exchange)?);
        for echo in [sent, &url, &shown] {
            let mut exchange = answer(404, &format!("no such item: {echo}"));
            assert!(sees(&exchange).is_some(), "{echo}");
            let payloads = vec![(Place::Path("id".to_owned()), sent.as_bytes().to_vec())];
            exchange.sent = std::sync::Arc::new(Sent { payloads, ..Sent::default() });
            assert_eq!(sees(&exchange), None, "{echo}");
        }
    }
}
