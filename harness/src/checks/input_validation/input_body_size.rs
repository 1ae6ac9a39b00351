//! # What it sends
//! The valid JSON body with spaces behind it: 1 MiB of them, then 10 MiB, and no more. Spaces mean nothing, so that
//! only the size tells; the valid body is sent before and after, and one that is no JSON beside it.
//!
//! # What must hold
//! The operation refuses (413, or any 4xx) before it has taken in all of it. Violated only if a body of 10 MiB is
//! granted what the valid one is granted, since nobody can grant what was not read to its end; what the transport did
//! not take whole does not count, and neither does an operation that grants what is no JSON, since it may read nothing.
//! Smallest effect: one operation.
//!
//! # Why it matters
//! A service that takes in whatever is sent can be made to run out of memory by a few callers at a time.
//!
//! # How to fix
//! Bound bodies where they are read, in the framework or in the proxy in front of it, to what the operation needs, and
//! answer 413 beyond that.
//!
//! # References
//! CWE-770, CWE-400; OWASP API4:2023; RFC 9110 15.5.14.

use super::harm::{json_body, may_repeat};
use crate::case::{Case, Dynamic, Edit, Place, Repeat, Role, Value};
use crate::checks::{
    About, CHECKS, Check, Confirm, Effect, Grain, Isolation, Kind, Phase, Plan, Practice, Round, Severity,
    Subject, Verdict, Violation,
};
use crate::controls::{Acceptance, Decision};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// An operation that reads bodies of any size.
pub struct BodySize;

static ABOUT: About = About {
    id: "input-body-size",
    title: "an operation that reads bodies of any size",
    practice: Practice::InputValidation,
    source: include_str!("input_body_size.rs"),
    grain: Grain::Operation,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Alone,
    budget: 30,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 20,
    cwe: &[770, 400],
    owasp: &["API4:2023"],
    wfc: None,
    once: true,
};

/// The sizes, in order, in bytes: the largest without leave for bombs is the last.
const SIZES: &[u32] = &[1 << 20, 10 << 20];
/// What no parser takes for JSON.
const BROKEN: &str = "{";
/// How many spaces one repetition has.
const CHUNK: u32 = 64;

impl Check for BodySize {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = at.operation.and_then(|operation| world.granted_draft(operation, &at.identity));
        let Some(draft) = draft.filter(|draft| json_body(draft).is_some()) else {
            return Plan::vacuous("no valid request with a JSON body was granted here");
        };
        if let Err(why) = may_repeat(world, draft) {
            return Plan::vacuous(why);
        }
        match rounds.last().and_then(|round| round.cases.first()).map(|(case, trace)| look(case, trace)) {
            None => Plan::Run(vec![padded(world, draft, SIZES[0])]),
            Some(Look::Refused) => Plan::Done(Verdict::Held),
            Some(Look::Nothing(why)) => Plan::vacuous(why),
            Some(Look::Granted) => Plan::suspect(padded(world, draft, SIZES[SIZES.len() - 1])),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let Some(attack) = trace.in_role(case, Role::Attack).next() else {
            return Verdict::vacuous("no large body was sent");
        };
        let largest = SIZES[SIZES.len() - 1] as usize;
        match look(case, trace) {
            Look::Refused => Verdict::Held,
            Look::Nothing(why) => Verdict::vacuous(why),
            Look::Granted if attack.sent.request.body.len() < largest => Verdict::vacuous("the body is not large"),
            Look::Granted if attack.delivery.written < attack.delivery.length => {
                Verdict::vacuous("the answer came before the body had been taken")
            }
            Look::Granted => Violation::new(
                attack.step,
                format!("{} reads bodies of any size", case.operation),
                format!(
                    "A valid body followed by {} MiB of spaces is read to its end and granted like the valid body alone.",
                    largest >> 20
                ),
            )
            .expected("413, before the body has been read", format!("{}, after all of it", attack.status().unwrap_or_default()))
            .falsified_by("an operation that is there to take bodies of this size")
            .cause("consumed", attack)
            .verdict(),
        }
    }
}

/// What the answer to a large body says.
enum Look {
    Granted,
    Refused,
    Nothing(&'static str),
}

fn look(case: &Case, trace: &Trace) -> Look {
    let plain = |name: &str| {
        let step = case.step(name)?;
        step.request().filter(|send| send.edits.is_empty() && step.role == Role::Control)?;
        trace.of(case, name)
    };
    let (Some(before), Some(after)) = (plain("valid-before"), plain("valid-after")) else {
        return Look::Nothing("the valid body was not sent before and after");
    };
    let Some(attack) = trace.in_role(case, Role::Attack).next() else {
        return Look::Nothing("no large body was sent");
    };
    let acceptance = match Acceptance::learn([before, after], []) {
        Ok(acceptance) => acceptance,
        Err(why) => return Look::Nothing(why),
    };
    match (acceptance.decide(attack), attack.status()) {
        (Decision::Granted, _) if !reads(case, trace, &acceptance) => {
            Look::Nothing("what is no JSON is granted alike: nobody says that the body is read")
        }
        (Decision::Granted, _) => Look::Granted,
        (_, Some(400 | 405..=428 | 430..=499)) => Look::Refused,
        // Some servers end the connection on what is too large, without a word.
        (_, None) if is_cut(attack) => Look::Refused,
        (Decision::Refused, _) => Look::Nothing("somebody in front refused the body"),
        (Decision::Unclear(why), _) => Look::Nothing(why),
    }
}

/// Whether a body that is no JSON is refused.
fn reads(case: &Case, trace: &Trace, acceptance: &Acceptance) -> bool {
    let broken = |edit: &Edit| edit.place() == &Place::Body && edit.value() == Some(&Value::text(BROKEN));
    let is_broken = |step: &crate::case::Step| {
        step.role == Role::Control && step.request().is_some_and(|send| send.edits.iter().any(broken))
    };
    let answer = case.steps.iter().position(is_broken).and_then(|step| trace.of_index(step));
    answer.is_some_and(|answer| {
        let refused = answer.status().is_some_and(|status| (400..500).contains(&status) && status != 429);
        refused || acceptance.decide(answer) == Decision::Refused
    })
}

/// Whether the other side ended the connection before it had the whole body.
fn is_cut(exchange: &Exchange) -> bool {
    use crate::message::Outcome;
    let ended = matches!(exchange.delivery.outcome, Outcome::Reset { .. } | Outcome::Closed { .. });
    ended && exchange.delivery.written < exchange.delivery.length
}

/// The valid body, the same with so many spaces behind it, and the valid body again.
fn padded(world: &World, draft: &Draft, bytes: u32) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    let spaces = Repeat { value: Value::text(" ".repeat(CHUNK as usize)), times: bytes / CHUNK };
    let padding = Edit::append(Place::Body, Value::dynamic(Dynamic::Repeat(spaces)));
    let valid = |name: &str| draft.step(name, Role::Control, vec![]).retried(2);
    let mut attack = draft.step("attack", Role::Attack, vec![padding]).retried(1);
    // Megabytes of spaces are nothing to look for leaks in.
    attack.mute = passive();
    let broken = Edit::set(Place::Body, Value::text(BROKEN));
    let broken = draft.step("no-json", Role::Control, vec![broken]).retried(2);
    case.steps.extend([valid("valid-before"), attack, broken, valid("valid-after")]);
    case.note_identities(|name| world.role_of(name));
    case
}

fn passive() -> Vec<String> {
    let passive = CHECKS.iter().filter(|kind| matches!(kind, Kind::Passive(_)));
    passive.map(|kind| kind.about().id.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::case::Step;
    use crate::controls::tests_support::answer;
    use crate::trace::Sent;

    fn judged(attack: u16, bytes: usize, taken: u64) -> Verdict {
        judged_beside(400, attack, bytes, taken)
    }

    fn judged_beside(broken: u16, attack: u16, bytes: usize, taken: u64) -> Verdict {
        let mut case = Case::new(ABOUT.id, "POST /a");
        let mut trace = Trace::default();
        for (name, role, status) in [
            ("valid-before", Role::Control, 201),
            ("attack", Role::Attack, attack),
            ("no-json", Role::Control, broken),
            ("valid-after", Role::Control, 201),
        ] {
            let body = if status < 300 { r#"{"id": 1}"# } else { r#"{"error": "no"}"# };
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            if role == Role::Attack {
                let request = crate::message::Outgoing::new("POST", "/a").body(vec![b' '; bytes]);
                exchange.sent = Arc::new(Sent { request, ..Sent::default() });
                exchange.delivery.length = bytes as u64;
                exchange.delivery.written = taken;
            }
            trace.exchanges.push(exchange);
            let edits = vec![Edit::set(Place::Body, Value::text(BROKEN))];
            let edits = if name == "no-json" { edits } else { Vec::new() };
            case.steps.push(Step::send(name, role, "alice", "target", edits));
        }
        BodySize.judge(&case, &trace)
    }

    #[test]
    fn only_what_was_read_to_its_end_counts() {
        let large = 10 << 20;
        assert!(judged(201, large, large as u64).violation().is_some());
        assert!(matches!(judged(201, large, 4_096), Verdict::Vacuous(_)), "it was not taken whole");
        assert!(matches!(judged(201, 4_096, 4_096), Verdict::Vacuous(_)), "it is not large");
        assert_eq!(judged(413, large, 4_096), Verdict::Held);
        let unread = judged_beside(201, 201, large, large as u64);
        assert!(matches!(unread, Verdict::Vacuous(_)), "nobody reads it");
        assert!(matches!(judged(503, large, large as u64), Verdict::Vacuous(_)));
        assert!(matches!(judged(403, large, large as u64), Verdict::Vacuous(_)));
    }
}
