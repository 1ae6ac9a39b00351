//! # What it sends
//! To up to eight operations that read: the valid request with a header of our own, and the same with the method TRACE.
//!
//! # What must hold
//! Nobody answers TRACE with the request: it is refused (405, 501, or whatever else), or answered without what it brought
//! in. A violation needs a success whose body begins with the traced request line and holds our header, while the answer to
//! the valid request does not hold it. Smallest effect: one operation that gives one header back.
//!
//! # Why it matters
//! What comes back holds the headers that proxies add on the way and cookies that scripts may not read.
//!
//! # How to fix
//! Switch TRACE off in the server and in the proxy in front of it (Apache: `TraceEnable off`), and route documented
//! methods only.
//!
//! # References
//! CWE-693; OWASP API8:2023; RFC 9110 section 9.3.8.

use crate::case::{Case, Edit, Place, Role};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::generate::{Source, World};
use crate::trace::{self, Exchange};

/// A request that TRACE gives back.
pub struct Trace;

static ABOUT: About = About {
    id: "inventory-trace",
    title: "a request that TRACE gives back",
    practice: Practice::Inventory,
    source: include_str!("inventory_trace.rs"),
    grain: Grain::Target,
    phase: Phase::Target,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 100,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 5,
    cwe: &[693],
    owasp: &["API8:2023"],
    wfc: None,
    once: true,
};

/// Operations that are tried.
const MOST: usize = 8;
/// The header that may come back.
const HEADER: &str = "X-Proofhouse-Echo";

impl Check for Trace {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, _at: &Subject, world: &World, rounds: &[Round], src: &mut dyn Source) -> Plan {
        let Some(round) = rounds.first() else {
            let safe = |index: &usize| world.operation(*index).is_safe();
            let operations = (0..world.surface.operations.len()).filter(safe);
            let cases: Vec<_> = operations.filter_map(|index| case(world, index, src)).take(MOST).collect();
            return if cases.is_empty() {
                Plan::vacuous("no operation that reads was granted")
            } else {
                Plan::Run(cases)
            };
        };
        let verdicts = || round.cases.iter().map(|(case, trace)| (case, self.judge(case, trace)));
        if let Some((case, _)) = verdicts().find(|(_, verdict)| verdict.violation().is_some()) {
            return Plan::suspect(case.clone());
        }
        let mut all: Vec<_> = verdicts().map(|(_, verdict)| verdict).collect();
        all.sort_by_key(|verdict| *verdict != Verdict::Held);
        Plan::Done(all.into_iter().next().unwrap_or_else(|| Verdict::vacuous("nothing was sent")))
    }

    fn judge(&self, case: &Case, trace: &trace::Trace) -> Verdict {
        let valid = trace.of(case, "valid").filter(|valid| valid.is_success());
        let Some(valid) = valid else { return Verdict::vacuous("the valid request was not granted") };
        let Some(attack) = trace.in_role(case, Role::Attack).next() else {
            return Verdict::vacuous("nothing was traced");
        };
        let request = &attack.sent.request;
        let header = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(HEADER.as_bytes()));
        let Some((_, canary)) = header.filter(|(_, canary)| canary.len() >= 12) else {
            return Verdict::vacuous("nothing was sent that could come back");
        };
        if &request.method[..] != b"TRACE" {
            return Verdict::vacuous("nothing was traced");
        }
        if attack.answer().is_none() || attack.is_blocked() {
            return Verdict::vacuous("nobody answered for the operation");
        }
        let holds = |exchange: &Exchange| {
            exchange.answer().is_some_and(|answer| memchr::memmem::find(&answer.body, canary).is_some())
        };
        if holds(valid) {
            return Verdict::vacuous("the operation gives every request back");
        }
        let begins = |body: &[u8]| body.trim_ascii_start().get(..6).is_some_and(|begin| begin == b"TRACE ");
        let echoed = attack.answer().is_some_and(|answer| begins(&answer.body)) && holds(attack);
        if !attack.is_success() || !echoed {
            return Verdict::Held;
        }
        let operation = case.operation_of(&case.steps[attack.step]).unwrap_or("?");
        let path = operation.split_once(' ').map_or(operation, |(_, path)| path);
        Violation::new(
            attack.step,
            format!("TRACE {path} gives the request back"),
            "The answer is the request itself, with a header that only this request had.",
        )
        .expected(
            "405 Method Not Allowed",
            format!("{}, and the request", attack.status().unwrap_or_default()),
        )
        .falsified_by("an operation that is there to show requests")
        .cause("trace-echo", attack)
        .verdict()
    }
}

/// A valid request with a header of our own, and the same traced.
fn case(world: &World, operation: usize, src: &mut dyn Source) -> Option<Case> {
    let draft = world.granted_draft(operation, world.entitled(operation)?)?;
    let canary = src.text_of(b"abcdefghijkmnpqrstuvwxyz23456789", 20);
    let header = || Edit::set(Place::Header(HEADER.to_owned()), canary.clone());
    let mut case = draft.open(ABOUT.id, world);
    "trace".clone_into(&mut case.class);
    "*".clone_into(&mut case.operation);
    case.steps.push(draft.step("valid", Role::Control, vec![header()]).retried(2));
    let traced = vec![header(), Edit::set(Place::Method, "TRACE")];
    case.steps.push(draft.step("attack", Role::Attack, traced).retried(2));
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Step;
    use crate::controls::tests_support::answer;
    use crate::message::Outgoing;

    const ECHO: &str = "TRACE /items HTTP/1.1\r\nHost: a\r\nX-Proofhouse-Echo: abcdefghijkmnpqrstuv\r\n";

    fn judge(valid: (u16, &str), attack: (u16, &str)) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /items");
        let mut exchanges = Vec::new();
        for (name, role, method, (status, body)) in
            [("valid", Role::Control, "GET", valid), ("attack", Role::Attack, "TRACE", attack)]
        {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            let request = Outgoing::new(method, "/items").header(HEADER, "abcdefghijkmnpqrstuv");
            exchange.sent = std::sync::Arc::new(trace::Sent { request, payloads: Vec::new() });
            exchanges.push(exchange);
            case.steps.push(Step::send(name, role, "alice", "target", vec![]));
        }
        Trace.judge(&case, &trace::Trace { exchanges, ..Default::default() })
    }

    #[test]
    fn only_the_request_itself_counts() {
        assert!(judge((200, "{}"), (200, ECHO)).violation().is_some());
        for held in [
            (405, ""),
            (200, ""),
            (200, "{}"),
            (404, ECHO),
            (200, "TRACE /items HTTP/1.1"),
            (200, "abcdefghijkmnpqrstuv"),
        ] {
            assert_eq!(judge((200, "{}"), held), Verdict::Held, "{held:?}");
        }
    }

    #[test]
    fn what_proves_nothing() {
        for (valid, attack) in [
            ((404, ""), (200, ECHO)),
            ((200, "abcdefghijkmnpqrstuv"), (200, ECHO)),
            ((200, "{}"), (503, ECHO)),
        ] {
            assert!(matches!(judge(valid, attack), Verdict::Vacuous(_)), "{valid:?} {attack:?}");
        }
    }
}
