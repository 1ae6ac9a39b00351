//! # What it sends
//! The valid JSON body with one flaw at a time, from a grammar of named ones: cut off, a comma too many or too few,
//! quotes that are none, numbers that are none, comments, control characters, escapes that do not exist, two
//! documents, text behind the end. Beside it the valid body, and JSON of another type.
//!
//! # What must hold
//! What is not JSON is refused with 4xx (400, 415 or 422). It must never be granted what the valid body is granted,
//! and never make the operation fail. Each document is proven not to be JSON by reading back what was sent, and an
//! operation that grants JSON of another type as well does not look at its body: nothing is concluded there. Where
//! parsers may differ (a byte order mark, lone surrogates, bytes that are not UTF-8), any answer is fine. A failure is
//! concluded as `input-server-error` does. Smallest effect: one flaw that is granted, or that fails every time.
//!
//! # Why it matters
//! Two parsers that read one document differently let through what a check in front of the service has refused; a
//! parser that guesses stores what nobody sent.
//!
//! # How to fix
//! Read bodies with a strict parser (RFC 8259), to their end, and answer 400 when it fails.
//!
//! # References
//! CWE-20, CWE-248; OWASP API8:2023; RFC 8259; JSONTestSuite.

use serde_json::json;

use super::grammar::{Owed, flawed, is_malformed, owed};
use super::harm::{json_body, may_repeat};
use super::input_server_error::judges;
use crate::case::{Case, Edit, Place, Role, Step, Value};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity,
    Subject, Verdict, Violation,
};
use crate::controls::{Acceptance, Decision, Failing, Fate, failed, failing, fate, in_turn, manner, turns};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// An operation that takes a body which is not JSON.
pub struct JsonMalformed;

static ABOUT: About = About {
    id: "input-json-malformed",
    title: "an operation that takes a body which is not JSON",
    practice: Practice::InputValidation,
    source: include_str!("input_json_malformed.rs"),
    grain: Grain::Operation,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Alone,
    budget: 140,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 20,
    cwe: &[20, 248],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

/// The class of documents that make the operation fail.
const FAILS: &str = "server-error";
/// Controls: JSON of another type, and members of another type.
const OTHERS: [&str; 2] = ["other-type", "other-members"];

impl Check for JsonMalformed {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = at.operation.and_then(|operation| world.granted_draft(operation, &at.identity));
        let Some((draft, body)) = draft.and_then(|draft| Some((&**draft, json_body(draft)?))) else {
            return Plan::vacuous("no valid request with a JSON body was granted here");
        };
        if let Err(why) = may_repeat(world, draft) {
            return Plan::vacuous(why);
        }
        match rounds {
            [] => Plan::Run(vec![screening(world, draft, body, |_| true)]),
            [first, again @ ..] => conclude(first, again.first(), world, draft, body),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        if case.class == FAILS { fails(case, trace) } else { accepts(case, trace) }
    }
}

/// Whether a document that is no JSON was granted what the valid one is granted.
fn accepts(case: &Case, trace: &Trace) -> Verdict {
    if owed(&case.class) != Some(Owed::Refusal) {
        return Verdict::NotMine;
    }
    let oracle = match oracle(case, trace) {
        Ok(oracle) => oracle,
        Err(why) => return Verdict::vacuous(why),
    };
    let mut verdict = Verdict::vacuous("no document that is not JSON was sent");
    for attack in trace.in_role(case, Role::Attack) {
        let whole = case.class == "empty-body" || !attack.sent.request.body.trim_ascii().is_empty();
        if !whole || !is_malformed(&attack.sent.request.body) {
            continue;
        }
        match oracle.decide(attack) {
            Decision::Granted => return granted(case, attack),
            _ if judges(attack) => verdict = Verdict::Held,
            Decision::Refused => {}
            Decision::Unclear(why) => verdict = Verdict::vacuous(why),
        }
    }
    verdict
}

fn granted(case: &Case, attack: &Exchange) -> Verdict {
    let flaw = case.class.replace('-', " ");
    let status = attack.status().unwrap_or_default();
    Violation::new(
        attack.step,
        format!("{} takes a body that is not JSON ({flaw})", case.operation),
        "The document is not JSON by RFC 8259, read back as it was sent; it is granted like the valid one, while JSON of \
         another type is refused.",
    )
    .expected("a refusal: 400, 415 or 422", format!("{status}, as for the valid body"))
    .falsified_by("the operation granting whatever is sent to it, since it does not look at its body")
    .cause("malformed-granted", attack)
    .verdict()
}

/// What the valid body is granted, told apart from what JSON of another type is answered.
fn oracle(case: &Case, trace: &Trace) -> Result<Acceptance, &'static str> {
    let plain = |name: &str| {
        let step = case.step(name)?;
        step.request().filter(|send| send.edits.is_empty() && step.role == Role::Control)?;
        trace.of(case, name)
    };
    let (Some(before), Some(after)) = (plain("valid-before"), plain("valid-after")) else {
        return Err("the valid body was not sent before and after");
    };
    let mut why = "JSON of another type was not answered";
    for name in OTHERS {
        // What fails or is held back tells nothing of the body.
        let Some(other) = trace.of(case, name).filter(|other| judges(other)) else { continue };
        let valid = [&before.sent.request.body, &after.sent.request.body];
        if valid.contains(&&other.sent.request.body) || is_malformed(&other.sent.request.body) {
            continue;
        }
        match Acceptance::learn([before, after], [other]) {
            Ok(oracle) => return Ok(oracle),
            Err("whoever asks gets the same answer: the operation does not look at the credential") => {
                why = "the operation does not look at its body";
            }
            Err(other) => why = other,
        }
    }
    Err(why)
}

/// Whether a document makes the operation fail.
fn fails(case: &Case, trace: &Trace) -> Verdict {
    let Some((attack, twin)) = turns(case) else {
        return Verdict::vacuous("the document and the valid body were not asked in turn");
    };
    let malformed = |exchange: &Exchange| {
        is_malformed(&exchange.sent.request.body)
            || case.facts.get("flaw").and_then(serde_json::Value::as_str).and_then(owed) == Some(Owed::Answer)
    };
    let whole = attack.iter().any(|edit| *edit.place() == Place::Body);
    if !whole || !twin.is_empty() || !trace.in_role(case, Role::Attack).all(malformed) {
        return Verdict::vacuous("the attack is JSON, or the valid request is changed");
    }
    let fine = |exchange: &Exchange| exchange.status().is_some_and(|status| (200..300).contains(&status));
    match failing(case, trace, fine) {
        Failing::Answered => Verdict::Held,
        Failing::Flaky => Verdict::vacuous("the operation fails by itself"),
        Failing::Unproven(why) => Verdict::vacuous(why),
        Failing::Proven => {
            let excerpt = case.excerpt(&case.operation);
            let mut failed = trace.in_role(case, Role::Attack).filter(|e| fate(e, excerpt) == Fate::Failed);
            let Some(first) = failed.next() else { return Verdict::Held };
            Violation::new(
                first.step,
                format!("{} fails on a body that is not JSON", case.operation),
                format!(
                    "The operation fails ({}) each time; the valid body, in turn with it, is granted.",
                    manner(first)
                ),
            )
            .expected("a refusal: 400, 415 or 422", first.delivery.outcome.to_string())
            .falsified_by("the valid request failing as often")
            .confidence(if first.status().is_some() { Confidence::Proven } else { Confidence::Likely })
            .cause(manner(first), first)
            .verdict()
        }
    }
}

/// The controls: JSON of another type, and the members with values of another type.
fn others(draft: &Draft, body: &Value) -> Vec<Step> {
    let other = match body {
        Value::Object(_) => Value::List(vec![]),
        _ => Value::Object(vec![]),
    };
    let odd = || Value::List(vec![Value::List(vec![Value::Null])]);
    let members = match body {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let value = if matches!(value, Value::List(_)) { Value::Bool(true) } else { odd() };
                (name.clone(), value)
            });
            Value::Object(members.collect())
        }
        _ => odd(),
    };
    let edits = [other, members].into_iter().map(|value| vec![Edit::set(Place::Node(String::new()), value)]);
    let step = |(name, edits): (&str, Vec<Edit>)| draft.step(name, Role::Control, edits).retried(2);
    OTHERS.into_iter().zip(edits).map(step).collect()
}

/// Every flaw once, of those that are wanted.
fn screening(world: &World, draft: &Draft, body: &Value, wanted: impl Fn(&str) -> bool) -> Case {
    let optional = !world.operation(draft.operation).body_required;
    let flaws =
        flawed(body).into_iter().filter(|(name, _)| !(optional && *name == "empty-body") && wanted(name));
    let attack = |(name, edit)| draft.step(name, Role::Attack, vec![edit]).retried(2);
    case_of(world, draft, body, flaws.map(attack).collect())
}

/// Steps with the valid body and the controls around them.
fn case_of(world: &World, draft: &Draft, body: &Value, attacks: Vec<Step>) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.steps.push(draft.step("valid-before", Role::Control, vec![]).retried(2));
    case.steps.extend(others(draft, body));
    case.steps.extend(attacks);
    case.steps.push(draft.step("valid-after", Role::Control, vec![]).retried(2));
    case.note_identities(|name| world.role_of(name));
    case
}

/// The step of the first document that was granted although it is no JSON.
fn taken(round: &Round) -> Option<&Step> {
    let (case, trace) = round.cases.first()?;
    let oracle = oracle(case, trace).ok()?;
    let granted = trace.in_role(case, Role::Attack).find(|attack| {
        let refusable = owed(&case.steps[attack.step].name) == Some(Owed::Refusal);
        refusable && is_malformed(&attack.sent.request.body) && oracle.decide(attack) == Decision::Granted
    })?;
    Some(&case.steps[granted.step])
}

/// The steps of documents that failed.
fn failures(round: &Round) -> Vec<&Step> {
    let Some((case, trace)) = round.cases.first() else { return Vec::new() };
    let attacks = case.steps.iter().filter(|step| step.role == Role::Attack);
    attacks.filter(|step| failed(case, trace, &step.name).is_some()).collect()
}

fn conclude(first: &Round, again: Option<&Round>, world: &World, draft: &Draft, body: &Value) -> Plan {
    let Some((case, trace)) = first.cases.first() else { return Plan::vacuous("nothing was sent") };
    if let Some(step) = taken(first).or_else(|| taken(again?)) {
        let attack = Step { name: "attack".to_owned(), ..step.clone() };
        let mut witness = case_of(world, draft, body, vec![attack]);
        witness.class.clone_from(&step.name);
        return Plan::suspect(witness);
    }
    // What failed, or was answered by nobody, is asked again before anything is concluded.
    let mut open: Vec<&str> = failures(first).into_iter().map(|step| step.name.as_str()).collect();
    let blocked = trace.in_role(case, Role::Attack).filter(|attack| attack.is_blocked());
    open.extend(blocked.map(|attack| case.steps[attack.step].name.as_str()));
    match again {
        None if !open.is_empty() => {
            return Plan::Run(vec![screening(world, draft, body, |name| open.contains(&name))]);
        }
        Some(again) => {
            if let Some(step) = failures(again).first() {
                let mut witness = draft.open(ABOUT.id, world);
                FAILS.clone_into(&mut witness.class);
                witness.facts.insert("flaw".to_owned(), json!(step.name));
                let twin = draft.step("twin", Role::Control, vec![]).retried(2);
                witness.steps.extend(in_turn(&twin, step));
                witness.note_identities(|name| world.role_of(name));
                return Plan::suspect(witness);
            }
        }
        None => {}
    }
    let judged = trace.in_role(case, Role::Attack).filter(|attack| judges(attack)).count();
    let asked = case.steps.iter().filter(|step| step.role == Role::Attack).count();
    match oracle(case, trace) {
        Err(why) => Plan::vacuous(why),
        Ok(_) if judged * 2 > asked => Plan::Done(Verdict::Held),
        Ok(_) => Plan::vacuous("most documents were refused before the operation saw them"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::controls::tests_support::answer;
    use crate::trace::Sent;

    const MADE: (u16, &str) = (201, r#"{"id": 1, "note": "a"}"#);
    const NO: (u16, &str) = (400, r#"{"error": "no"}"#);

    fn judged(attack: (u16, &str), body: &str, other: (u16, &str), after: (u16, &str)) -> Verdict {
        let mut case = Case::new(ABOUT.id, "POST /a");
        "trailing-comma-in-object".clone_into(&mut case.class);
        let mut trace = Trace::default();
        for (name, role, sent, (status, text)) in [
            ("valid-before", Role::Control, r#"{"note": "a"}"#, MADE),
            ("other-type", Role::Control, "[]", other),
            ("attack", Role::Attack, body, attack),
            ("valid-after", Role::Control, r#"{"note": "a"}"#, after),
        ] {
            let mut exchange = answer(status, text);
            exchange.step = case.steps.len();
            let request = crate::message::Outgoing::new("POST", "/a").body(sent.to_owned());
            exchange.sent = Arc::new(Sent { request, ..Sent::default() });
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(name, role, "alice", "target", vec![]));
        }
        JsonMalformed.judge(&case, &trace)
    }

    #[test]
    fn only_what_is_no_json_and_granted_is_violated() {
        let broken = r#"{"note": "a",}"#;
        assert!(judged(MADE, broken, NO, MADE).violation().is_some());
        assert_eq!(judged(NO, broken, NO, MADE), Verdict::Held);
        assert!(matches!(judged(MADE, r#"{"note": "a"}"#, NO, MADE), Verdict::Vacuous(_)), "it is JSON");
        assert!(matches!(judged(MADE, " ", NO, MADE), Verdict::Vacuous(_)), "there is nothing");
        assert!(matches!(judged(MADE, broken, MADE, MADE), Verdict::Vacuous(_)), "any body will do");
        assert!(matches!(judged(MADE, broken, (429, "{}"), MADE), Verdict::Vacuous(_)));
        assert!(
            matches!(judged(MADE, broken, NO, NO), Verdict::Vacuous(_)),
            "the valid one is refused after"
        );
        assert!(
            matches!(judged((403, "{}"), broken, NO, MADE), Verdict::Vacuous(_)),
            "somebody in front refused"
        );
        assert!(matches!(judged((500, "{}"), broken, NO, MADE), Verdict::Vacuous(_)));
    }
}
