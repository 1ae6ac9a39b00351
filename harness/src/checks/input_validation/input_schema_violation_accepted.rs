//! # What it sends
//! The valid JSON body with one member that the document's schema rules out: of another type, not one of the
//! enumeration, out of bounds, too short or too long. Beside it the valid body, and a read of what was stored, where an
//! operation for that is known.
//!
//! # What must hold
//! The value is refused, or is not kept: cut, clamped and converted values are valid again. Violated only if the
//! operation grants the request and shows the value as it was sent, in its answer or in a later read, where it shows
//! the valid value of the valid request. What was sent is read back and held against the schema before anything is
//! claimed. Formats, patterns, unknown members, parameters of path and query, batches, merge patches, read-only
//! members and answers 202 are left alone. Smallest effect: one member of one operation.
//!
//! # Why it matters
//! Whoever reads the data relies on the document: what does not fit in breaks a page, a report or a total later, far
//! from the request that brought it in.
//!
//! # How to fix
//! Check bodies against the documented schema before they are used, and answer 422 that names member and rule.
//!
//! # References
//! CWE-20, CWE-1284; OWASP API8:2023; ASVS 5.0 2.2.1.

use serde_json::{Value as Json, json};

use super::harm::{json_body, may_repeat};
use super::input_server_error::judges;
use super::violations::{CLAIMED, candidates, shown};
use crate::case::{Base, Case, Edit, Place, Role, Step, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::{Acceptance, Decision};
use crate::generate::{Draft, Source, World};
use crate::surface::Schema;
use crate::trace::{Exchange, Trace};

/// A value that the document rules out, and that is kept.
pub struct SchemaViolationAccepted;

static ABOUT: About = About {
    id: "input-schema-violation-accepted",
    title: "a value that the document rules out, and that is kept",
    practice: Practice::InputValidation,
    source: include_str!("input_schema_violation_accepted.rs"),
    grain: Grain::Operation,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 120,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 40,
    cwe: &[20, 1284],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

/// How many values are looked at more closely.
const CLOSER: usize = 8;

impl Check for SchemaViolationAccepted {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let drafts = at.operation.map(|operation| drafts(world, operation, &at.identity)).unwrap_or_default();
        let Some(draft) = drafts.first() else {
            return Plan::vacuous("no valid request with a JSON body and a schema was granted here");
        };
        if let Err(why) = may_repeat(world, draft).and_then(|()| is_claimable(world, draft)) {
            return Plan::vacuous(why);
        }
        let Some(schema) = schema(world, draft) else {
            return Plan::vacuous("the body has no usable schema");
        };
        match rounds {
            [] => {
                let cases: Vec<_> =
                    drafts.iter().filter_map(|draft| screening(world, draft, &schema)).collect();
                if cases.is_empty() {
                    return Plan::vacuous("the schema rules nothing out that could be claimed");
                }
                Plan::Run(cases)
            }
            [first] => {
                let asked: Vec<_> =
                    drafts.iter().filter(|draft| screening(world, draft, &schema).is_some()).collect();
                look(first, world, &asked, &schema)
            }
            [.., last] => {
                let violated = |(case, trace): &&(Case, Trace)| self.judge(case, trace).violation().is_some();
                match last.cases.iter().find(violated) {
                    Some((case, _)) => Plan::suspect(case.clone()),
                    None => Plan::Done(
                        last.cases.first().map_or(Verdict::Held, |(case, trace)| self.judge(case, trace)),
                    ),
                }
            }
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let (Some(Place::Node(pointer)), Some(schema)) = (case.place.parse().ok(), case.facts.get("schema"))
        else {
            return Verdict::NotMine;
        };
        let (Some(before), Some(after), Some(attack)) =
            (plain(case, trace, "valid-before"), plain(case, trace, "valid-after"), trace.of(case, "attack"))
        else {
            return Verdict::vacuous("the value or the valid request was not sent");
        };
        let schema = Schema::new(schema.clone());
        let Some(value) = claimed(&schema, attack, &pointer).filter(|(_, keyword)| *keyword == case.class)
        else {
            return Verdict::vacuous("what was sent is valid, read back");
        };
        let acceptance = match Acceptance::learn([before, after], []) {
            Ok(acceptance) => acceptance,
            Err(why) => return Verdict::vacuous(why),
        };
        if attack.status() == Some(202) || before.status() == Some(202) {
            return Verdict::vacuous("the operation only promises to look at it later");
        }
        match acceptance.decide(attack) {
            Decision::Granted => {}
            _ if judges(attack) => return Verdict::Held,
            Decision::Refused => return Verdict::vacuous("somebody in front refused the value"),
            Decision::Unclear(why) => return Verdict::vacuous(why),
        }
        let echoed = kept(before, before, &pointer)
            .is_some_and(|(path, valid)| valid != value.0 && shown(attack, &path).as_ref() == Some(&value.0));
        let read = |name: &str| trace.of(case, name).filter(|read| read.status() == Some(200));
        let reread = read("read-valid").zip(read("read")).is_some_and(|(valid, read)| {
            kept(before, valid, &pointer)
                .is_some_and(|(path, own)| own != value.0 && shown(read, &path).as_ref() == Some(&value.0))
        });
        if !echoed && !reread {
            return Verdict::Held;
        }
        violated(case, attack, &pointer, reread && !echoed)
    }
}

fn violated(case: &Case, attack: &Exchange, pointer: &str, reread: bool) -> Verdict {
    let how = if reread { "a later read shows it" } else { "the answer shows it" };
    let rule = &case.class;
    Violation::new(
        attack.step,
        format!("{} keeps a value of {pointer} that its schema rules out", case.operation),
        format!("The value breaks `{rule}` of the documented schema, read back as it was sent. The request is granted, and {how} as it was sent."),
    )
    .expected("a refusal: 400 or 422", format!("{}, and the value is kept", attack.status().unwrap_or_default()))
    .falsified_by("a schema in the document that is stricter than what the operation is meant to take")
    .cause(format!("kept-{rule}"), attack)
    .verdict()
}

/// The draft with everything optional, or the plain one. A change is asked for one member at a time, each of an object
/// of its own: a member may end what the others change.
fn drafts(world: &World, operation: usize, identity: &str) -> Vec<Draft> {
    let access = world.access(operation, identity).filter(|access| access.granted);
    let Some(whole) = access.and_then(|access| access.full.as_ref().or(access.draft.as_ref())) else {
        return Vec::new();
    };
    let Some(body) = json_body(whole) else { return Vec::new() };
    if world.operation(operation).method != "PATCH" || !matches!(body, Value::Object(_)) {
        return vec![(**whole).clone()];
    }
    let mut names: Vec<&str> = Vec::new();
    let mut singles = Vec::new();
    // What the whole body cannot hold beside others was granted in a body of its own.
    let variants = access.iter().flat_map(|access| access.variants.values()).map(|draft| &**draft);
    for draft in std::iter::once(&**whole).chain(variants) {
        for (name, _) in draft.members() {
            if !names.contains(&name.as_str()) {
                names.push(name);
                singles.extend(draft.with_member_alone(name));
            }
        }
    }
    singles
}

/// What the field knows to be something else: batches, patches of members.
fn is_claimable(world: &World, draft: &Draft) -> Result<(), &'static str> {
    let operation = world.operation(draft.operation);
    let media =
        draft.request().body.as_ref().map(|body| body.media_type.to_ascii_lowercase()).unwrap_or_default();
    let batch = operation.path.to_ascii_lowercase();
    if operation.inferred {
        return Err("the schema was inferred from samples and promises nothing");
    }
    if media.contains("patch") {
        return Err("the body is a patch, not the thing itself");
    }
    if batch.contains("batch") || batch.contains("bulk") || matches!(json_body(draft), Some(Value::List(_))) {
        return Err("a batch answers for each of its parts");
    }
    Ok(())
}

fn schema(world: &World, draft: &Draft) -> Option<Schema> {
    let media = &draft.request().body.as_ref()?.media_type;
    let body = world.operation(draft.operation).bodies.iter().find(|body| body.media_type == *media)?;
    body.schema.validator().is_ok().then(|| body.schema.clone())
}

fn plain<'t>(case: &Case, trace: &'t Trace, name: &str) -> Option<&'t Exchange> {
    let step = case.step(name)?;
    step.request().filter(|send| send.edits.is_empty() && step.role == Role::Control)?;
    trace.of(case, name)
}

/// The value at this place as it was sent, and the keyword that rules it out: nothing else may be wrong.
fn claimed(schema: &Schema, sent: &Exchange, pointer: &str) -> Option<(Json, String)> {
    let body: Json = serde_json::from_slice(&sent.sent.request.body).ok()?;
    let value = body.pointer(pointer)?.clone();
    let invalid = schema.validator().ok()?.check(&body).err()?;
    (invalid.pointer == pointer && CLAIMED.contains(&invalid.keyword.as_str()))
        .then_some((value, invalid.keyword))
}

/// Where an answer shows the value that a request sent at this place, and that value.
fn kept(request: &Exchange, answer: &Exchange, pointer: &str) -> Option<(String, Json)> {
    let body: Json = serde_json::from_slice(&request.sent.request.body).ok()?;
    let value = body.pointer(pointer)?.clone();
    let path = super::violations::places(answer, pointer)
        .into_iter()
        .find(|path| shown(answer, path).as_ref() == Some(&value))?;
    Some((path, value))
}

/// Every value once.
fn screening(world: &World, draft: &Draft, schema: &Schema) -> Option<Case> {
    let body = json_body(draft)?;
    let mut case = draft.open(ABOUT.id, world);
    case.steps.push(draft.step("valid-before", Role::Control, vec![]).retried(2));
    for (index, edit) in candidates(body, schema).into_iter().enumerate() {
        case.steps.push(draft.step(&format!("value-{index}"), Role::Attack, vec![edit]).retried(2));
    }
    case.steps.push(draft.step("valid-after", Role::Control, vec![]).retried(2));
    case.note_identities(|name| world.role_of(name));
    case.steps.iter().any(|step| step.role == Role::Attack).then_some(case)
}

/// The values that were granted, each with a read of what was stored.
fn look(round: &Round, world: &World, drafts: &[&Draft], schema: &Schema) -> Plan {
    let mut closer = Vec::new();
    let (mut claims, mut judged) = (0, 0);
    let mut why = "nothing that was sent is ruled out, read back";
    for ((case, trace), draft) in round.cases.iter().zip(drafts) {
        let valid = ["valid-before", "valid-after"].map(|name| trace.of(case, name));
        let [Some(before), Some(after)] = valid else { continue };
        let acceptance = match Acceptance::learn([before, after], []) {
            Ok(acceptance) => acceptance,
            Err(reason) => {
                why = reason;
                continue;
            }
        };
        for attack in trace.in_role(case, Role::Attack) {
            let edits = case.steps[attack.step].request().map(|send| send.edits.as_slice());
            let Some([edit, ..]) = edits else { continue };
            let Place::Node(pointer) = edit.place() else { continue };
            let Some((_, keyword)) = claimed(schema, attack, pointer) else { continue };
            claims += 1;
            judged += usize::from(judges(attack));
            // What was answered by nobody is looked at again.
            let open = attack.is_blocked() || acceptance.decide(attack) == Decision::Granted;
            if open && closer.len() < CLOSER {
                closer.push(witness(world, draft, edit, &keyword, schema));
            }
        }
    }
    match (closer.is_empty(), claims, judged) {
        (false, ..) => Plan::Run(closer),
        (_, 0, _) => Plan::vacuous(why),
        (_, _, 0) => Plan::vacuous("every value was refused before the operation saw it"),
        _ => Plan::Done(Verdict::Held),
    }
}

/// One value between two valid requests, with reads of what they stored.
fn witness(world: &World, draft: &Draft, edit: &Edit, keyword: &str, schema: &Schema) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.place = edit.place().to_string();
    keyword.clone_into(&mut case.class);
    case.facts.insert("schema".to_owned(), json!(*schema.json));
    let control = |name: &str| draft.step(name, Role::Control, vec![]).retried(2);
    case.steps.push(control("valid-before"));
    case.steps.extend(read(world, draft, "valid-before", "read-valid", &mut case.bases));
    case.steps.push(draft.step("attack", Role::Attack, vec![edit.clone()]).retried(2));
    case.steps.extend(read(world, draft, "attack", "read", &mut case.bases));
    case.steps.push(control("valid-after"));
    for base in case.bases.clone() {
        if let Some((_, operation)) = world.surface.named(&base.operation) {
            case.note_operation(operation);
        }
    }
    case.note_identities(|name| world.role_of(name));
    case
}

/// A read of what a step stored: by the same path, or below it by the id that the step's answer holds.
fn read(world: &World, draft: &Draft, of: &str, name: &str, bases: &mut Vec<Base>) -> Option<Step> {
    let operation = world.operation(draft.operation);
    let path = operation.path.trim_end_matches('/');
    let readers = world.surface.operations.iter().enumerate().filter(|(_, reader)| reader.method == "GET");
    let below = |reader: &str| {
        reader.strip_prefix(path).is_some_and(|rest| rest.starts_with("/{") && rest.matches('/').count() == 1)
    };
    let (reader, makes) = match operation.method.as_str() {
        "POST" => (readers.clone().find(|(_, reader)| below(&reader.path))?, true),
        _ => (readers.clone().find(|(_, reader)| reader.path == operation.path)?, false),
    };
    let mut request = world.granted_draft(reader.0, &draft.identity)?.request().clone();
    if makes {
        let producer = world
            .producer(path, &draft.identity)
            .filter(|producer| producer.makes && producer.is_answered())?;
        let (_, id) = request.path_params.0.last_mut()?;
        *id = Value::reference(of, &producer.take);
        let parents = draft.request().path_params.0.clone();
        for (name, value) in parents {
            request.path_params.set(&name, value);
        }
    } else {
        request.path_params = draft.request().path_params.clone();
    }
    bases.push(Base { name: name.to_owned(), operation: reader.1.name(), request });
    Some(Step::send(name, Role::Observe, &draft.identity, name, vec![]).retried(2))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::controls::tests_support::answer;
    use crate::trace::Sent;

    fn judged(sent: &str, attack: (u16, &str), read: Option<&str>) -> Verdict {
        let mut case = Case::new(ABOUT.id, "POST /a");
        case.place = "body:/note".to_owned();
        "maxLength".clone_into(&mut case.class);
        let schema = json!({"properties": {"note": {"type": "string", "maxLength": 3}}});
        case.facts.insert("schema".to_owned(), schema);
        let made = (201, r#"{"note": "a", "id": 1}"#);
        let mut steps = vec![("valid-before", Role::Control, r#"{"note": "a"}"#, made)];
        if let Some(read) = read {
            steps.extend([
                ("read-valid", Role::Observe, "", (200, r#"{"note": "a"}"#)),
                ("read", Role::Observe, "", (200, read)),
            ]);
        }
        steps.extend([
            ("attack", Role::Attack, sent, attack),
            ("valid-after", Role::Control, r#"{"note": "a"}"#, made),
        ]);
        let mut trace = Trace::default();
        for (name, role, body, (status, text)) in steps {
            let mut exchange = answer(status, text);
            exchange.step = case.steps.len();
            let request = crate::message::Outgoing::new("POST", "/a").body(body.to_owned());
            exchange.sent = Arc::new(Sent { request, ..Sent::default() });
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(name, role, "alice", "target", vec![]));
        }
        SchemaViolationAccepted.judge(&case, &trace)
    }

    #[test]
    fn only_a_value_that_is_kept_as_it_was_sent_is_violated() {
        let long = r#"{"note": "long"}"#;
        let echo = (201, r#"{"note": "long", "id": 2}"#);
        assert!(judged(long, echo, None).violation().is_some());
        let cut = (201, r#"{"note": "lon", "id": 2}"#);
        assert_eq!(judged(long, cut, None), Verdict::Held, "it was cut");
        assert!(
            judged(long, cut, Some(r#"{"note": "long"}"#)).violation().is_some(),
            "a later read shows it"
        );
        assert_eq!(judged(long, (422, r#"{"error": "note: long"}"#), None), Verdict::Held);
        assert!(matches!(judged(long, (403, r#"{"error": "no"}"#), None), Verdict::Vacuous(_)));
        assert!(matches!(judged(long, (429, "{}"), None), Verdict::Vacuous(_)));
        assert!(matches!(judged(r#"{"note": "abc"}"#, echo, None), Verdict::Vacuous(_)), "it is valid");
    }
}
