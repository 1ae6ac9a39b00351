//! # What it sends
//! To one operation after the other, alone: valid requests, then values that careless code stumbles over (texts outside
//! ASCII, numbers beyond 32 and 64 bits, a NUL, bytes that are no UTF-8, broken JSON), then the valid requests again.
//! Where something seemed to break, the one value between four valid requests before and four after.
//!
//! # What must hold
//! A request that makes the service panic, fail or drop the connection harms itself alone: the valid request is granted as before.
//! A violation needs all four granted before, the failure, and all four failing after it (a 5xx or no answer,
//! each asked again as patience allows). A ban, a lock or a limit after it (4xx) proves nothing.
//! What never comes back can be confirmed only where each case has a service of its own, in process.
//! Smallest effect: an outage of one operation that lasts over four requests.
//!
//! # Why it matters
//! When one caller's bad request takes a process, a worker or a pooled connection with it, anybody can switch the service off for all.
//!
//! # How to fix
//! Catch panics where requests are dispatched, give connections back on every way out, let no lock stay poisoned, and
//! have a supervisor start what died.
//!
//! # References
//! CWE-248, CWE-400; OWASP API4:2023.

use crate::case::{Case, Content, Dynamic, Edit, Place, Repeat, Role, Step, Value, Wait};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// A failure of one request that others suffer from.
pub struct PanicSpreads;

static ABOUT: About = About {
    id: "error-panic-spreads",
    title: "a request whose failure takes others with it",
    practice: Practice::ErrorHandling,
    source: include_str!("error_panic_spreads.rs"),
    grain: Grain::Operation,
    phase: Phase::State,
    needs: &[],
    effect: Effect::Destroys,
    isolation: Isolation::Alone,
    budget: 60,
    confirm: Confirm { times: 3, pause: 2_000 },
    severity: Severity::High,
    chance: 10,
    cwe: &[248, 400],
    owasp: &["API4:2023"],
    wfc: None,
    once: false,
};

const BEFORE: [&str; 4] = ["before-1", "before-2", "before-3", "before-4"];
const AFTER: [&str; 4] = ["after-1", "after-2", "after-3", "after-4"];
/// The steps of the first look, which a witness has not.
const LOOK: [&str; 2] = ["look-before", "look-after"];
/// How long a service has to come to itself before a case, in milliseconds.
const REST: u64 = 1_000;
/// The most inputs that are tried, and the most provocations in all.
const INPUTS: usize = 4;
const PROVOCATIONS: usize = 28;

impl Check for PanicSpreads {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some(operation) = at.operation else { return Plan::Done(Verdict::NotMine) };
        let op = world.operation(operation);
        let forbidden = (world.settings.safe_only && !op.is_safe())
            || (op.method == "DELETE" && !world.settings.disposable_data);
        let Some(draft) = world.granted_draft(operation, &at.identity).filter(|_| !forbidden) else {
            return Plan::Done(Verdict::NotMine);
        };
        // The fullest valid request has the most inputs to stumble over.
        let full = world.access(operation, &at.identity).and_then(|access| access.full.as_ref());
        let draft = full.unwrap_or(draft);
        let open = |rest: bool| {
            let mut case = draft.open(ABOUT.id, world);
            "after-failure".clone_into(&mut case.class);
            if rest {
                let wait = Wait { millis: REST, retry_after: None, at_most: REST };
                case.steps.insert(0, Step::wait("rest", wait));
            }
            case
        };
        let Some((case, trace)) = rounds.last().and_then(|round| round.cases.first()) else {
            return Plan::Run(vec![look(open(false), draft, world)]);
        };
        let find = |name: &str| trace.of(case, name);
        if !find(LOOK[0]).is_some_and(is_granted) {
            // Somebody else's failure may last still: once more, after a rest.
            return if rounds.len() < 2 {
                Plan::Run(vec![look(open(true), draft, world)])
            } else {
                Plan::vacuous("the valid request was not granted")
            };
        }
        let failed = trace.in_role(case, Role::Attack).filter(|exchange| is_failure(exchange));
        // A panic tells more than a failure, and that more than silence; a gateway's 503 comes by itself.
        let failed = failed.min_by_key(|exchange| match (&exchange.panic, exchange.status()) {
            (Some(_), _) => 0,
            (None, Some(_)) if !exchange.is_blocked() => 1,
            (None, None) => 2,
            _ => 3,
        });
        let failed = failed.map(|exchange| &case.steps[exchange.step]);
        let Some(attack) = failed else {
            return Plan::Done(match find(LOOK[1]) {
                Some(after) if is_granted(after) => Verdict::Held,
                _ if op.method == "DELETE" => Verdict::NotMine,
                _ => Verdict::vacuous("the valid request was not granted again, though nothing failed"),
            });
        };
        let mut witness = open(true);
        let step = |name: &str| draft.step(name, Role::Control, vec![]).retried(2);
        witness.steps.extend(BEFORE.map(step));
        witness.steps.push(Step { name: "attack".to_owned(), ..attack.clone() });
        witness.steps.extend(AFTER.map(step));
        witness.note_identities(|name| world.role_of(name));
        Plan::suspect(witness)
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let all = |names: [&str; 4]| names.map(|name| trace.of(case, name));
        let (before, after) = (all(BEFORE), all(AFTER));
        if !before.iter().all(|exchange| exchange.is_some_and(is_granted)) {
            return Verdict::vacuous("the valid request was not granted before");
        }
        let Some(attack) = trace.in_role(case, Role::Attack).next() else {
            return Verdict::vacuous("nothing was attacked");
        };
        if after.iter().any(|exchange| exchange.is_some_and(is_granted)) {
            // What a gateway kept away broke nothing.
            return if attack.status().is_some() && attack.is_blocked() {
                Verdict::vacuous("nobody answered the request that provokes")
            } else {
                Verdict::Held
            };
        }
        if !is_failure(attack) {
            return Verdict::vacuous("the request that provokes did not fail");
        }
        if !after.iter().all(|exchange| exchange.is_some_and(is_failure)) {
            return Verdict::vacuous("the valid request was refused afterwards, which a ban or a limit does");
        }
        let tell = |exchange: &Exchange| match (exchange.status(), &exchange.panic) {
            (Some(status), None) => status.to_string(),
            (Some(status), Some(_)) => format!("{status} and a panic"),
            (None, Some(_)) => "a panic".to_owned(),
            (None, None) => exchange.delivery.outcome.to_string(),
        };
        let last = after[3].map(tell).unwrap_or_default();
        Violation::new(
            attack.step,
            format!("{} fails for everybody after one request that fails", case.operation),
            format!(
                "The valid request was granted four times. After one request that ended with {}, it failed four \
                 times in a row, the last time with {last}.",
                tell(attack)
            ),
        )
        .expected("the valid request granted as before", last.clone())
        .falsified_by("an outage or a restart of the service at just these moments, three times over")
        .cause("failure-spreads", attack)
        .verdict()
    }
}

fn is_granted(exchange: &Exchange) -> bool {
    exchange.status().is_some_and(|status| (200..300).contains(&status)) && exchange.panic.is_none()
}

/// A panic, a 5xx, or a connection that ended without an answer.
fn is_failure(exchange: &Exchange) -> bool {
    use crate::message::Outcome;
    let sent = !matches!(exchange.delivery.outcome, Outcome::NotSent { .. });
    sent && (exchange.panic.is_some() || exchange.status().is_none_or(|status| (500..600).contains(&status)))
}

/// Valid, provoking, valid.
fn look(mut case: Case, draft: &Draft, world: &World) -> Case {
    case.steps.push(draft.step(LOOK[0], Role::Control, vec![]).retried(2));
    for (index, edit) in provocations(draft).into_iter().enumerate() {
        case.steps.push(draft.step(&format!("provoke-{}", index + 1), Role::Attack, vec![edit]).retried(1));
    }
    case.steps.push(draft.step(LOOK[1], Role::Control, vec![]).retried(2));
    case.note_identities(|name| world.role_of(name));
    case
}

fn provocations(draft: &Draft) -> Vec<Edit> {
    let repeat =
        |text: &str, times| Value::dynamic(Dynamic::Repeat(Repeat { value: Value::text(text), times }));
    let mut edits = Vec::new();
    let inputs = draft.inputs();
    for place in inputs.iter().take(INPUTS) {
        let wide = [
            // Cut at a fixed byte, one of the two is cut within a character.
            Value::concat([Value::text("a"), repeat("€", 40)]),
            repeat("€", 40),
            Value::text("4294967296"),
            Value::text("9223372036854775808"),
            Value::text("-1"),
        ];
        edits.extend(wide.into_iter().map(|value| Edit::set(place.clone(), value)));
        if matches!(place, Place::Path(_) | Place::Query(_)) {
            let bytes = [vec![0], vec![0xff, 0xfe]];
            let bytes = bytes.into_iter().map(|bytes| Value::dynamic(Dynamic::Base64(bytes)));
            edits.extend(bytes.map(|value| Edit::set(place.clone(), value)));
        }
    }
    edits.truncate(PROVOCATIONS - 4);
    if matches!(draft.request().body.as_ref().map(|body| &body.content), Some(Content::Json(_))) {
        edits.extend(["{\"a\":", "[]", "\"€\"", "null"].map(|text| Edit::set(Place::Body, text)));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::{answer, exchange};
    use crate::message::Outcome;

    fn judged(before: u16, attack: Exchange, after: [u16; 4]) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /a");
        let mut trace = Trace::default();
        let mut add = |name: &str, role, mut exchange: Exchange| {
            exchange.step = case.steps.len();
            case.steps.push(Step::send(name, role, "alice", "target", vec![]));
            trace.exchanges.push(exchange);
        };
        BEFORE.iter().for_each(|name| add(name, Role::Control, answer(before, "{}")));
        add("attack", Role::Attack, attack);
        for (name, status) in AFTER.into_iter().zip(after) {
            add(name, Role::Control, answer(status, "{}"));
        }
        PanicSpreads.judge(&case, &trace)
    }

    #[test]
    fn only_a_failure_that_lasts_is_one() {
        let closed = || exchange(Outcome::Closed { received: 0, status: None });
        assert!(judged(200, closed(), [500; 4]).violation().is_some());
        assert!(judged(200, answer(500, "{}"), [503; 4]).violation().is_some(), "the process died");
        assert_eq!(judged(200, answer(500, "{}"), [500, 500, 500, 200]), Verdict::Held);
        for verdict in [
            judged(500, closed(), [500; 4]),
            judged(200, answer(422, "{}"), [500; 4]),
            judged(200, closed(), [403; 4]),
            judged(200, answer(503, "{}"), [200; 4]),
            judged(200, closed(), [500, 429, 500, 500]),
        ] {
            assert!(matches!(verdict, Verdict::Vacuous(_)), "{verdict:?}");
        }
    }
}
