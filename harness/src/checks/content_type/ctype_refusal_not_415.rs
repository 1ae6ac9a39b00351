//! # What it sends
//! To every operation that takes a body, a valid one under a type that nobody documents, between valid requests.
//!
//! # What must hold
//! A type that is not taken is refused with 415. Any other refusal (400, 406, 422) protects as well, and is one low finding a
//! run, whatever the number of operations; with `gate.strict = ["media-type"]` it is medium. What is taken, or refused for another reason, says nothing here.
//! Smallest effect: one operation.
//!
//! # Why it matters
//! Clients that read 400 or 422 look for the mistake in their data; only 415 says that it is the type.
//!
//! # How to fix
//! Compare the type with the documented ones before the body is read, and answer 415, with the documented types in
//! `Accept-Post` or `Accept-Patch`.
//!
//! # References
//! CWE-20; OWASP API8:2023; RFC 9110 section 15.5.16.

use super::typed;
use crate::case::{ANONYMOUS, Case, Edit, Place, Role};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::generate::{Source, Strict, World};
use crate::trace::{Exchange, Trace};

/// An operation that refuses a bad media type with something other than 415.
pub struct RefusalNot415;

static ABOUT: About = About {
    id: "ctype-refusal-not-415",
    title: "an operation that refuses a bad media type with something other than 415",
    practice: Practice::ContentType,
    source: include_str!("ctype_refusal_not_415.rs"),
    grain: Grain::Target,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 400,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 40,
    cwe: &[20],
    owasp: &["API8:2023"],
    wfc: None,
    once: true,
};

/// A type that nobody documents.
const NOBODYS: &str = "application/x-proofhouse";

impl Check for RefusalNot415 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, _at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some(round) = rounds.first() else {
            let operations = 0..world.surface.operations.len();
            let cases: Vec<_> = operations.filter_map(|operation| case(world, operation)).collect();
            return if cases.is_empty() {
                Plan::vacuous("no operation that takes a body was granted")
            } else {
                Plan::Run(cases)
            };
        };
        let verdicts = || round.cases.iter().map(|(case, trace)| (case, self.judge(case, trace)));
        if let Some((case, _)) = verdicts().find(|(_, verdict)| verdict.violation().is_some()) {
            return Plan::suspect(case.clone());
        }
        if verdicts().any(|(_, verdict)| verdict == Verdict::Held) {
            return Plan::Done(Verdict::Held);
        }
        let why = verdicts().map(|(_, verdict)| verdict).next();
        Plan::Done(why.unwrap_or_else(|| Verdict::vacuous("nothing was sent")))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let granted = |name: &str| {
            let status = trace.of(case, name).and_then(Exchange::status);
            status.is_some_and(|status| (200..300).contains(&status))
        };
        if !granted("valid-before") || !granted("valid-after") {
            return Verdict::vacuous("the valid request was not granted before and after");
        }
        let Some(attack) = trace.in_role(case, Role::Attack).next() else {
            return Verdict::vacuous("nothing was attacked");
        };
        let other = typed::sent_type(attack).is_some_and(|kind| {
            let documented = typed::documented(case);
            // Any other may be no media type at all, and refused for that.
            kind == NOBODYS && !documented.is_empty() && !documented.contains(&typed::family(&kind))
        });
        if !other || attack.sent.request.body.is_empty() {
            return Verdict::vacuous("what is sent as an attack has a documented type");
        }
        match attack.status() {
            Some(415) => Verdict::Held,
            Some(status @ (400 | 406 | 422)) => {
                let operation = case.operation_of(&case.steps[attack.step]).unwrap_or("?");
                let severity = if is_strict(case) { Severity::Medium } else { ABOUT.severity };
                Violation::new(
                    attack.step,
                    format!("{operation} refuses a bad media type with {status} instead of 415"),
                    format!("A valid body under {NOBODYS} is refused with {status}, the same body under its own type is granted."),
                )
                .expected("415 Unsupported Media Type", status.to_string())
                .falsified_by("a refusal that the body earns under its own type, too")
                .cause("not-415", attack)
                .severity(severity)
                .verdict()
            }
            Some(status) => Verdict::vacuous(format!("the answer {status} is no refusal of a type")),
            None => Verdict::vacuous("nobody answered for the operation"),
        }
    }
}

/// The fact of a case whose run takes the practice by its letter.
const STRICT: &str = "strict";

fn is_strict(case: &Case) -> bool {
    case.facts.get(STRICT).is_some_and(|strict| strict == true)
}

/// A valid body under a type that nobody documents, between valid requests.
fn case(world: &World, operation: usize) -> Option<Case> {
    let identity = world.entitled(operation).unwrap_or(ANONYMOUS).to_owned();
    let at = Subject { operation: Some(operation), identity, place: None };
    let target = typed::target_of(&at, world).ok()?;
    if target.most_attacks() == 0 {
        return None;
    }
    let edit = Edit::set(Place::MediaType, NOBODYS).labelled("undocumented type");
    let attack = target.draft.step("attack", Role::Attack, vec![edit]).retried(2);
    let mut case = target.frame(ABOUT.id, "not-415", vec![], vec![], vec![attack]);
    if world.settings.strict.contains(&Strict::MediaType) {
        case.facts.insert(STRICT.to_owned(), true.into());
    }
    // The garbled twin is of no use here.
    case.steps.retain(|step| step.name != "garbled");
    Some(case)
}
