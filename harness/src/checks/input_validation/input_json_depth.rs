//! # What it sends
//! In place of the JSON body, lists within lists: 100 deep, then 400, then 1,000, and no deeper. Beside each the same
//! number of brackets side by side, and the valid body before and after. After the first sign nothing deeper is sent;
//! the depth that gave it and the flat document follow in turn, eight times each, one at a time.
//!
//! # What must hold
//! Depth is refused or answered without harm. A failure (5xx, a connection that ends, no answer in time) counts if the
//! depth fails at least six times of eight and the flat document at most once; growth if every answer to the depth
//! takes half a second and ten times as long as the flat one does in the middle. Smallest effect: a depth of 1,000 or
//! less that fails each time, or that takes two seconds and twenty times as long each time.
//!
//! # Why it matters
//! Parsers that call themselves for each level run out of stack, which ends the whole process for everyone.
//!
//! # How to fix
//! Use a parser with a bound on depth (most have one: 32 to 128 suffices), and answer 400 beyond it.
//!
//! # References
//! CWE-674, CWE-400; OWASP API4:2023; RFC 8259 9.

use std::time::Duration;

use super::harm::{json_body, may_repeat};
use super::input_server_error::judges;
use crate::case::{Case, Dynamic, Edit, Nest, Place, Repeat, Role, Step, Value};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity,
    Subject, Verdict, Violation,
};
use crate::controls::{Failing, Fate, failed, failing, fate, in_turn, manner, turns};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// A depth of JSON that an operation cannot bear.
pub struct JsonDepth;

static ABOUT: About = About {
    id: "input-json-depth",
    title: "a depth of JSON that an operation cannot bear",
    practice: Practice::InputValidation,
    source: include_str!("input_json_depth.rs"),
    grain: Grain::Operation,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Alone,
    budget: 90,
    confirm: Confirm::AT_ONCE,
    severity: Severity::High,
    chance: 10,
    cwe: &[674, 400],
    owasp: &["API4:2023"],
    wfc: None,
    once: false,
};

/// The depths, in order: the deepest without leave for bombs is the last.
const DEPTHS: &[u32] = &[100, 400, 1_000];
/// What an answer takes at least to count as grown.
const LONG: Duration = Duration::from_millis(500);
/// How many times as long as the flat document.
const TIMES: u32 = 10;
/// The classes: how the depth is not borne.
const FAILS: &str = "fails";
const GROWS: &str = "grows";

impl Check for JsonDepth {
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
        // A sign is looked for twice at one depth before it counts.
        let (mut at, mut seen) = (0, false);
        let (mut judged, mut why) = (0, "the depth was refused before the operation saw it");
        for round in rounds {
            let (Some((case, trace)), Some(depth)) = (round.cases.first(), DEPTHS.get(at)) else { break };
            match sign(case, trace) {
                Ok(Some(class)) if seen => return Plan::suspect(witness(world, draft, *depth, class)),
                Ok(Some(_)) => {
                    seen = true;
                    continue;
                }
                Ok(None) => judged += usize::from(trace.of(case, "deep").is_some_and(judges)),
                Err(reason) => why = reason,
            }
            (at, seen) = (at + 1, false);
        }
        match DEPTHS.get(at) {
            Some(depth) => Plan::Run(vec![screening(world, draft, *depth)]),
            None if judged == DEPTHS.len() => Plan::Done(Verdict::Held),
            None => Plan::vacuous(why),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let Some((deep, flat)) = turns(case) else {
            return Verdict::vacuous("depth and breadth were not asked in turn");
        };
        let valid = ["valid-before", "valid-after"].iter().all(|name| is_valid(case, trace, name));
        if !valid {
            return Verdict::vacuous("the valid body was not granted before and after");
        }
        if !is_deep(deep) || !is_flat(flat, deep) {
            return Verdict::vacuous("the one is not deep, or the other is");
        }
        let answered = |exchange: &Exchange| {
            fate(exchange, None) == Fate::Answered && exchange.status().is_some_and(|s| s < 500)
        };
        let found = match (case.class.as_str(), failing(case, trace, answered)) {
            (FAILS, Failing::Proven) => violated(case, trace, FAILS),
            (GROWS, Failing::Answered) if grows(case, trace) => violated(case, trace, GROWS),
            (FAILS | GROWS, _) => None,
            _ => return Verdict::NotMine,
        };
        match (found, failing(case, trace, answered)) {
            (Some(violation), _) => violation.verdict(),
            (None, Failing::Answered) => Verdict::Held,
            (None, Failing::Flaky) => Verdict::vacuous("the operation fails on flat documents, too"),
            (None, Failing::Unproven(why)) => Verdict::vacuous(why),
            (None, Failing::Proven) => Verdict::vacuous("it fails, and grows no more"),
        }
    }
}

fn violated(case: &Case, trace: &Trace, class: &str) -> Option<Violation> {
    let excerpt = case.excerpt(&case.operation);
    let shows = |exchange: &&Exchange| class == GROWS || fate(exchange, excerpt) == Fate::Failed;
    let first = trace.in_role(case, Role::Attack).find(shows)?;
    let how = if class == GROWS { "takes long".to_owned() } else { format!("fails ({})", manner(first)) };
    let seen = first.status().is_some() || first.panic.is_some();
    let violation = Violation::new(
        first.step,
        format!("{} cannot bear deep JSON", case.operation),
        format!("A document of lists within lists {how} each time; as many brackets side by side, in turn with it, do not."),
    )
    .expected("a refusal (400), or an answer as quick as to a flat document", first.delivery.outcome.to_string())
    .falsified_by("the flat document failing or waiting as often")
    .confidence(if seen { Confidence::Proven } else { Confidence::Likely });
    let detector = if class == GROWS { GROWS.to_owned() } else { manner(first) };
    Some(violation.cause(detector, first))
}

/// What one depth shows at first sight; the error says why it shows nothing.
fn sign(case: &Case, trace: &Trace) -> Result<Option<&'static str>, &'static str> {
    let (Some(deep), Some(flat)) = (trace.of(case, "deep"), trace.of(case, "flat")) else {
        return Err("nothing was sent");
    };
    if failed(case, trace, "deep").is_some() {
        return Ok(Some(FAILS));
    }
    if !["valid-before", "valid-after"].iter().all(|name| is_valid(case, trace, name)) {
        return Err("the valid body was not granted before and after");
    }
    let time = |exchange: &Exchange| exchange.delivery.timing.total;
    // One answer may take long by chance: the quickest of the others is enough for a suspicion.
    let others = ["valid-before", "valid-after"].into_iter().filter_map(|name| trace.of(case, name));
    let quick = others.map(time).fold(time(flat), Duration::min);
    let slow = time(deep) >= LONG && time(deep) >= quick * TIMES;
    Ok(slow.then_some(GROWS))
}

/// Whether every answer to the depth takes long, by itself and beside the flat document.
fn grows(case: &Case, trace: &Trace) -> bool {
    let time = |exchange: &Exchange| exchange.delivery.timing.total;
    let twins = trace.in_role(case, Role::Control).filter(|e| case.steps[e.step].name.starts_with("twin-"));
    let mut flat: Vec<_> = twins.map(time).collect();
    flat.sort_unstable();
    let Some(middle) = flat.get(flat.len() / 2).copied() else { return false };
    trace.in_role(case, Role::Attack).map(time).all(|deep| deep >= LONG && deep >= middle * TIMES)
}

fn is_valid(case: &Case, trace: &Trace, name: &str) -> bool {
    let plain = case.step(name).and_then(Step::request).is_some_and(|send| send.edits.is_empty());
    plain
        && trace.of(case, name).and_then(Exchange::status).is_some_and(|status| (200..300).contains(&status))
}

fn nested(edits: &[Edit]) -> Option<u32> {
    let [Edit::Set { at: Place::Body, value: Value::Dynamic(leaf), .. }] = edits else { return None };
    match &**leaf {
        Dynamic::Nest(nest) if nest.open == "[" && nest.close == "]" => Some(nest.depth),
        _ => None,
    }
}

fn is_deep(edits: &[Edit]) -> bool {
    nested(edits).is_some_and(|depth| depth >= 32)
}

/// As many brackets as the deep one has, side by side.
fn is_flat(edits: &[Edit], deep: &[Edit]) -> bool {
    nested(deep).is_some_and(|depth| edits == [flat(depth)])
}

fn deep(depth: u32) -> Edit {
    let nest = Nest { open: "[".to_owned(), inner: String::new(), close: "]".to_owned(), depth };
    Edit::set(Place::Body, Value::dynamic(Dynamic::Nest(nest)))
}

fn flat(depth: u32) -> Edit {
    let pair = Repeat { value: Value::text("[],"), times: depth.saturating_sub(2) };
    let parts = [Value::text("["), Value::dynamic(Dynamic::Repeat(pair)), Value::text("[]]")];
    Edit::set(Place::Body, Value::concat(parts))
}

fn valid(draft: &Draft, name: &str) -> Step {
    draft.step(name, Role::Control, vec![]).retried(2)
}

fn screening(world: &World, draft: &Draft, depth: u32) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.steps.push(valid(draft, "valid-before"));
    case.steps.push(draft.step("flat", Role::Control, vec![flat(depth)]).retried(2));
    case.steps.push(draft.step("deep", Role::Attack, vec![deep(depth)]).retried(1));
    case.steps.push(valid(draft, "valid-after"));
    case.note_identities(|name| world.role_of(name));
    case
}

fn witness(world: &World, draft: &Draft, depth: u32, class: &str) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    class.clone_into(&mut case.class);
    case.steps.push(valid(draft, "valid-before"));
    let twin = draft.step("twin", Role::Control, vec![flat(depth)]).retried(2);
    let attack = draft.step("attack", Role::Attack, vec![deep(depth)]).retried(1);
    case.steps.extend(in_turn(&twin, &attack));
    case.steps.push(valid(draft, "valid-after"));
    case.note_identities(|name| world.role_of(name));
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn judged(class: &str, deep: (u16, u64), flat: (u16, u64), valid: u16, depth: u32) -> Verdict {
        let mut case = Case::new(ABOUT.id, "POST /a");
        class.clone_into(&mut case.class);
        let send = |name: &str, role, edits| Step::send(name, role, "alice", "target", edits);
        case.steps.push(send("valid-before", Role::Control, vec![]));
        let twin = send("twin", Role::Control, vec![super::flat(depth)]);
        case.steps.extend(in_turn(&twin, &send("attack", Role::Attack, vec![super::deep(depth)])));
        case.steps.push(send("valid-after", Role::Control, vec![]));
        let mut trace = Trace::default();
        for (index, step) in case.steps.iter().enumerate() {
            let (status, millis) = match step.name.split('-').next() {
                Some("attack") => deep,
                Some("twin") => flat,
                _ => (valid, 5),
            };
            let mut exchange = answer(status, "{}");
            exchange.step = index;
            exchange.delivery.timing.total = Duration::from_millis(millis);
            trace.exchanges.push(exchange);
        }
        JsonDepth.judge(&case, &trace)
    }

    #[test]
    fn depth_that_fails_or_grows_is_violated() {
        assert!(judged(FAILS, (500, 5), (400, 5), 200, 400).violation().is_some());
        assert!(judged(GROWS, (400, 900), (400, 5), 200, 400).violation().is_some());
        assert_eq!(judged(FAILS, (400, 5), (422, 5), 200, 400), Verdict::Held);
        assert_eq!(judged(GROWS, (400, 900), (400, 400), 200, 400), Verdict::Held, "everything is slow");
        assert!(
            matches!(judged(FAILS, (500, 5), (500, 5), 200, 400), Verdict::Vacuous(_)),
            "flat fails, too"
        );
        assert!(matches!(judged(FAILS, (500, 5), (400, 5), 403, 400), Verdict::Vacuous(_)));
        assert!(matches!(judged(FAILS, (500, 5), (400, 5), 200, 3), Verdict::Vacuous(_)), "it is not deep");
    }
}
