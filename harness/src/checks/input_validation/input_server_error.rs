//! # What it sends
//! Edge values in place of the valid value of one input: empty, null, of another type, zero, negative, huge, not a
//! number, NUL, bytes that are not UTF-8, long text. For a value that the operation fails on, that value and the
//! valid request in turn, eight times each, one at a time.
//!
//! # What must hold
//! Every value is answered: taken, or refused with 4xx. An answer 5xx, a connection that ends without an answer, or no
//! answer in time is a failure; documented outages (501, 503 and the like), 429 and pages of proxies are none.
//! Concluded only if the value fails at least six times of eight and the valid request at most once of eight: an
//! operation that fails by itself is `input-flaky-operation`. Smallest effect: a value that fails every time.
//!
//! # Why it matters
//! A failure that a caller can cause at will is unhandled: it may lose work, hold resources, stop a process, or tell
//! where something worse can be done.
//!
//! # How to fix
//! Check every input before it is used, and answer 400 or 422 for what is not as documented. Handle what libraries
//! refuse; never take for granted that a number fits or that a member is there.
//!
//! # References
//! CWE-248, CWE-755; OWASP API8:2023; RFC 9110 15.6.

use super::edges::edges;
use super::harm::may_edit;
use crate::case::{Case, Edit, Place, Role};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity,
    Subject, Verdict, Violation,
};
use crate::controls::{Failing, Fate, failed, failing, fate, in_turn, manner, turns};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// An input that makes an operation fail.
pub struct ServerError;

static ABOUT: About = About {
    id: "input-server-error",
    title: "an input that makes an operation fail",
    practice: Practice::InputValidation,
    source: include_str!("input_server_error.rs"),
    grain: Grain::Input,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Alone,
    budget: 100,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 30,
    cwe: &[248, 755],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

impl Check for ServerError {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some((draft, place)) = subject(at, world) else {
            return Plan::vacuous("no valid request reached the operation with this input");
        };
        if let Err(why) = may_edit(world, draft, &place) {
            return Plan::vacuous(why);
        }
        match rounds {
            [] => Plan::Run(vec![screening(world, draft, &place, edges(&place, own(draft, &place)))]),
            [first, again @ ..] => conclude(first, again.first(), world, draft, &place),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let (Ok(place), Some((attack, twin))) = (case.place.parse::<Place>(), turns(case)) else {
            return Verdict::vacuous("the value and the valid request were not asked in turn");
        };
        if !twin.is_empty() || attack.len() != 1 || attack[0].place() != &place || attack[0].value().is_none()
        {
            return Verdict::vacuous("the attack holds no value, or the valid request does");
        }
        match failing(case, trace, is_granted) {
            Failing::Answered => Verdict::Held,
            Failing::Flaky => Verdict::vacuous("the operation fails by itself"),
            Failing::Unproven(why) => Verdict::vacuous(why),
            Failing::Proven => violated(case, trace, &place),
        }
    }
}

fn violated(case: &Case, trace: &Trace, place: &Place) -> Verdict {
    let excerpt = case.excerpt(&case.operation);
    let mut failed =
        trace.in_role(case, Role::Attack).filter(|exchange| fate(exchange, excerpt) == Fate::Failed);
    let Some(first) = failed.next() else { return Verdict::Held };
    // A filter may cut a connection, too; an answer, or a panic that was seen, is the service's own.
    let seen = first.status().is_some() || first.panic.is_some();
    let confidence = if seen { Confidence::Proven } else { Confidence::Likely };
    Violation::new(
        first.step,
        format!("{} fails on {} in {place}", case.operation, case.class.replace('-', " ")),
        format!(
            "With this value the operation fails ({}) at least six times of eight; the valid request, asked in turn with \
             it, is granted.",
            manner(first)
        ),
    )
    .expected("the value taken, or refused with 400 or 422", first.delivery.outcome.to_string())
    .falsified_by("the valid request failing as often, or a proxy in front that made this answer")
    .confidence(confidence)
    .cause(manner(first), first)
    .verdict()
}

fn subject<'w>(at: &Subject, world: &'w World) -> Option<(&'w Draft, Place)> {
    let place = at.place.clone()?;
    let draft = world.draft_with(at.operation?, &at.identity, &place)?;
    Some((&**draft, place))
}

fn is_granted(exchange: &Exchange) -> bool {
    exchange.status().is_some_and(|status| (200..300).contains(&status))
}

/// Every value once, with the valid request before and after.
fn screening(world: &World, draft: &Draft, place: &Place, edges: Vec<(&str, Edit)>) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.place = place.to_string();
    case.steps.push(draft.step("valid-before", Role::Control, vec![]).retried(2));
    for (name, edit) in edges {
        case.steps.push(draft.step(name, Role::Attack, vec![edit]).retried(2));
    }
    case.steps.push(draft.step("valid-after", Role::Control, vec![]).retried(2));
    case.note_identities(|name| world.role_of(name));
    case
}

/// The values that failed, each with the attempt that shows it.
fn failures(round: &Round) -> Vec<(&str, &Exchange)> {
    let Some((case, trace)) = round.cases.first() else { return Vec::new() };
    let attacks = case.steps.iter().filter(|step| step.role == Role::Attack);
    attacks.filter_map(|step| Some((step.name.as_str(), failed(case, trace, &step.name)?))).collect()
}

/// A value that failed is asked again; one that fails both times is a suspect.
fn conclude(first: &Round, again: Option<&Round>, world: &World, draft: &Draft, place: &Place) -> Plan {
    let Some((case, trace)) = first.cases.first() else { return Plan::vacuous("nothing was sent") };
    let failed = failures(first);
    let edges = || edges(place, own(draft, place));
    match again {
        None if !failed.is_empty() => {
            let twice =
                edges().into_iter().filter(|(name, _)| failed.iter().any(|(failed, _)| failed == name));
            return Plan::Run(vec![screening(world, draft, place, twice.collect())]);
        }
        Some(again) => {
            if let Some((name, failed)) = failures(again).first() {
                let edit = edges().into_iter().find(|(edge, _)| edge == name);
                if let Some((name, edit)) = edit {
                    return Plan::suspect(witness(world, draft, place, name, edit, failed));
                }
            }
        }
        None => {}
    }
    let valid = ["valid-before", "valid-after"].map(|name| trace.of(case, name));
    if !valid.iter().all(|exchange| exchange.is_some_and(is_granted)) {
        return Plan::vacuous("the valid request was not granted before and after");
    }
    let judged = trace.in_role(case, Role::Attack).filter(|exchange| judges(exchange)).count();
    let asked = case.steps.iter().filter(|step| step.role == Role::Attack).count();
    if judged * 2 > asked {
        Plan::Done(Verdict::Held)
    } else {
        Plan::vacuous("most values were refused before the operation saw them")
    }
}

/// Whether the operation itself looked: no credential check, limiter or filter.
pub(super) fn judges(exchange: &Exchange) -> bool {
    matches!(exchange.status(), Some(200..=299 | 400 | 404..=428 | 430..=499))
}

/// The value and the valid request in turn. What did not answer is not asked again each time: it takes long, and what
/// ends a process ends it once more.
fn witness(world: &World, draft: &Draft, place: &Place, name: &str, edit: Edit, failed: &Exchange) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.place = place.to_string();
    name.clone_into(&mut case.class);
    let silent = failed.status().is_none();
    let twin = draft.step("twin", Role::Control, vec![]).retried(2);
    let attack = draft.step("attack", Role::Attack, vec![edit]).retried(if silent { 0 } else { 2 });
    case.steps.extend(in_turn(&twin, &attack));
    case.note_identities(|name| world.role_of(name));
    case
}

/// What the valid request has in a place of its body.
fn own<'d>(draft: &'d Draft, place: &Place) -> Option<&'d crate::case::Value> {
    match place {
        Place::Node(pointer) => super::harm::json_body(draft)?.pointer(pointer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Step, Value};
    use crate::controls::tests_support::answer;

    fn judged(attack: u16, twin: u16, edits: Vec<Edit>) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /a");
        case.place = "query:q".to_owned();
        let step = |role, edits| Step::send("step", role, "alice", "target", edits);
        case.steps = in_turn(&step(Role::Control, vec![]), &step(Role::Attack, edits));
        let mut trace = Trace::default();
        for (index, step) in case.steps.iter().enumerate() {
            let mut exchange = answer(if step.role == Role::Attack { attack } else { twin }, "{}");
            exchange.step = index;
            trace.exchanges.push(exchange);
        }
        ServerError.judge(&case, &trace)
    }

    #[test]
    fn a_value_that_fails_beside_a_valid_one_is_violated() {
        let edits = |place: &str| vec![Edit::set(place.parse().expect("a place"), Value::text("0"))];
        assert!(judged(500, 200, edits("query:q")).violation().is_some());
        assert_eq!(judged(422, 200, edits("query:q")), Verdict::Held);
        for (attack, twin, edits) in [
            (500, 500, edits("query:q")),
            (500, 403, edits("query:q")),
            (429, 200, edits("query:q")),
            (500, 200, edits("query:other")),
            (500, 200, vec![]),
        ] {
            assert!(matches!(judged(attack, twin, edits), Verdict::Vacuous(_)), "{attack} {twin}");
        }
    }
}
