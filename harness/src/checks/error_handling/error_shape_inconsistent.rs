//! # What it sends
//! To every operation what it must refuse: an id that nobody has, no credential, a body that is not JSON, a
//! media type that is not documented, a parameter of the wrong type.
//!
//! # What must hold
//! All errors of the API have one shape: one family of media types, and JSON members in common. One consistent
//! shape suffices, whether or not the document declares it; a layer in front (a gateway without a credential, a
//! framework and a body that it cannot read) may have one of its own for all operations. What servers and proxies
//! answer before any handler runs (405, 413, 414, 431, 501 to 505, 429) is not compared, and neither are the errors
//! that OAuth 2.0 prescribes. Smallest effect: one operation whose error has no JSON member in common with the errors
//! of at least two other operations, or another media type, where one of them answers the same provocation.
//!
//! # Why it matters
//! Clients that cannot read an error treat it as something else; an odd error is where a forgotten handler
//! answers by itself.
//!
//! # How to fix
//! Make every error in one place, for instance as problem details (RFC 9457), unknown routes included.
//!
//! # References
//! CWE-755; OWASP API8:2023; RFC 9457.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::case::{Case, Content, Edit, Place, Role, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Fact, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::media_family;
use crate::generate::{Source, World};
use crate::trace::{Exchange, Trace};

/// An operation whose errors have a shape of their own.
pub struct ShapeInconsistent;

static ABOUT: About = About {
    id: "error-shape-inconsistent",
    title: "an operation whose errors have a shape of their own",
    practice: Practice::ErrorHandling,
    source: include_str!("error_shape_inconsistent.rs"),
    grain: Grain::Target,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 2_000,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 40,
    cwe: &[755],
    owasp: &["API8:2023"],
    wfc: None,
    once: true,
};

/// The step that shows what a valid request is answered.
const VALID: &str = "valid";
/// Members that errors are told in.
const ERROR_WORDS: &[&str] =
    &["error", "errors", "message", "detail", "title", "code", "fault", "problem", "reason"];
/// How many exemplars of the usual shape a witness carries.
const EXEMPLARS: usize = 3;

/// The shape of an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Json(Vec<String>),
    /// A success that says that something went wrong.
    Disguised(Vec<String>),
    Other(String),
    Empty,
}

impl Shape {
    /// The shape of an answer in error; `None` when it is none, or no handler made it.
    fn of(exchange: &Exchange) -> Option<Self> {
        let answer = exchange.answer()?;
        let error =
            (400..=500).contains(&answer.status) && !matches!(answer.status, 405 | 413 | 414 | 429 | 431);
        if !error || answer.cut {
            return None;
        }
        Some(match exchange.json() {
            // The token endpoint's errors have a shape that its standard prescribes (RFC 6749 section 5.2).
            Some(serde_json::Value::Object(members)) if is_oauth_error(members) => return None,
            Some(serde_json::Value::Object(members)) => {
                let mut keys: Vec<_> = members.keys().cloned().collect();
                keys.sort_unstable();
                Self::Json(keys)
            }
            _ if answer.body.is_empty() => Self::Empty,
            Some(_) => Self::Other("JSON that is not an object".to_owned()),
            None => Self::Other(media_family(exchange.media_type().as_deref().unwrap_or("no media type"))),
        })
    }

    /// The shape of a refusal that came as a success: an object with a word of errors, and no member in common with
    /// what the operation answers to a valid request.
    fn disguised(exchange: &Exchange, valid: Option<&Exchange>) -> Option<Self> {
        let success =
            |exchange: &Exchange| exchange.status().is_some_and(|status| (200..300).contains(&status));
        let valid = valid.filter(|valid| success(valid))?.json()?.as_object()?;
        let members = exchange.json().filter(|_| success(exchange))?.as_object()?;
        let word = |key: &String| ERROR_WORDS.contains(&key.to_ascii_lowercase().as_str());
        if members.keys().any(|key| valid.contains_key(key)) || !members.keys().any(word) {
            return None;
        }
        Some(Self::Disguised(members.keys().cloned().collect()))
    }

    /// Members in common make one shape: details may come and go.
    fn is_compatible(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => {
                left == right || left.iter().any(|key| right.contains(key))
            }
            (left, right) => left == right,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Json(keys) => {
                format!("JSON with {}", if keys.is_empty() { "no members".into() } else { keys.join(", ") })
            }
            Self::Disguised(keys) => format!("a success with {}", keys.join(", ")),
            Self::Other(what) => what.clone(),
            Self::Empty => "an empty body".to_owned(),
        }
    }
}

fn is_oauth_error(members: &serde_json::Map<String, serde_json::Value>) -> bool {
    const CODES: &[&str] = &[
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_token",
        "insufficient_scope",
        "access_denied",
        "unsupported_response_type",
        "server_error",
        "temporarily_unavailable",
    ];
    members.get("error").and_then(serde_json::Value::as_str).is_some_and(|code| CODES.contains(&code))
}

impl Check for ShapeInconsistent {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, _at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some(round) = rounds.first() else {
            let cases: Vec<_> =
                (0..world.surface.operations.len()).filter_map(|op| provoke(world, op)).collect();
            return if cases.is_empty() {
                Plan::vacuous("no operation can be made to refuse anything")
            } else {
                Plan::Run(cases)
            };
        };
        conclude(round, world)
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let norm: Vec<_> = trace.in_role(case, Role::Control).collect();
        let shapes: Vec<_> = norm.iter().filter_map(|exchange| Shape::of(exchange)).collect();
        if shapes.len() < 2 {
            return Verdict::vacuous("the usual errors did not come");
        }
        if !shapes.iter().all(|shape| shape.is_compatible(&shapes[0])) {
            return Verdict::vacuous("the usual errors are not alike themselves");
        }
        let mut seen = 0;
        for odd in trace.in_role(case, Role::Attack) {
            let valid = trace.of(case, VALID);
            let Some(shape) = Shape::of(odd).or_else(|| Shape::disguised(odd, valid)) else { continue };
            seen += 1;
            if shapes.iter().any(|usual| usual.is_compatible(&shape)) {
                continue;
            }
            let operation = case.operation_of(&case.steps[odd.step]).unwrap_or("?");
            let status = odd.status().unwrap_or_default();
            return Violation::new(
                odd.step,
                format!("{operation} answers errors in a shape of its own"),
                format!(
                    "Its {status} is {}, while other operations answer with {}.",
                    shape.describe(),
                    shapes[0].describe()
                ),
            )
            .expected(shapes[0].describe(), shape.describe())
            .falsified_by(
                "a proxy or server in front that made this answer before the operation saw the request",
            )
            .facts([Fact::InternalsShown])
            .cause("error-shape", odd)
            .verdict();
        }
        if seen == 0 { Verdict::vacuous("the operation answered no error") } else { Verdict::Held }
    }
}

/// One case for an operation: everything that it must refuse.
fn provoke(world: &World, operation: usize) -> Option<Case> {
    let op = world.operation(operation);
    if world.settings.safe_only && !op.is_safe() {
        return None;
    }
    let identity = world.entitled(operation);
    let fallback =
        || world.access.iter().find(|((index, _), access)| *index == operation && access.draft.is_some());
    let draft = match identity {
        Some(identity) => world.granted_draft(operation, identity)?,
        None => fallback()?.1.draft.as_ref()?,
    };
    let mut case = draft.open(ABOUT.id, world);
    let request = draft.request();
    if identity.is_some() {
        case.steps.push(draft.step(VALID, Role::Observe, vec![]).retried(2));
    }
    let mut send =
        |name: &str, edits: Vec<Edit>| case.steps.push(draft.step(name, Role::Attack, edits).retried(2));
    if let Some((name, _)) = request.path_params.0.last() {
        send("unknown-id", vec![Edit::set(Place::Path(name.clone()), world.nobody(operation, name))]);
        send("odd-id", vec![Edit::set(Place::Path(name.clone()), "x-proofhouse")]);
    }
    if draft.identity != crate::case::ANONYMOUS {
        send("no-credential", vec![Edit::remove(Place::Credential)]);
    }
    if let Some(body) = &request.body {
        if matches!(body.content, Content::Json(_)) {
            send("not-json", vec![Edit::set(Place::Body, "{\"a\":")]);
            send("other-type", vec![Edit::set(Place::Body, "[]")]);
        }
        send("media-type", vec![Edit::set(Place::MediaType, "text/x-proofhouse")]);
    }
    for (name, value) in &request.query.0 {
        if matches!(value, Value::Number(_) | Value::Bool(_)) {
            send("wrong-type", vec![Edit::set(Place::Query(name.clone()), "x-proofhouse")]);
            break;
        }
    }
    let sends = case.steps.iter().any(|step| step.role == Role::Attack);
    case.note_identities(|name| world.role_of(name));
    sends.then_some(case)
}

/// What one operation answered to one provocation.
struct Sample<'r> {
    shape: Shape,
    case: &'r Case,
    step: usize,
}

impl Sample<'_> {
    fn operation(&self) -> &str {
        &self.case.operation
    }

    fn provocation(&self) -> &str {
        &self.case.steps[self.step].name
    }
}

fn operations<'r>(samples: impl IntoIterator<Item = &'r Sample<'r>>) -> usize {
    samples.into_iter().map(Sample::operation).collect::<BTreeSet<_>>().len()
}

/// The samples of the shape that most operations answer with, when that is more than half of them, and two at least.
fn majority<'r>(samples: &[&'r Sample<'r>]) -> Option<Vec<&'r Sample<'r>>> {
    let alike = |shape: &Shape| -> Vec<_> {
        samples.iter().copied().filter(|sample| sample.shape.is_compatible(shape)).collect()
    };
    let groups = samples.iter().map(|sample| alike(&sample.shape));
    let most = groups.max_by_key(|group| (operations(group.iter().copied()), group.len()))?;
    let (like, all) = (operations(most.iter().copied()), operations(samples.iter().copied()));
    (like >= 2 && like * 2 > all).then_some(most)
}

fn conclude(round: &Round, world: &World) -> Plan {
    let mut samples: Vec<Sample<'_>> = Vec::new();
    for (case, trace) in &round.cases {
        for exchange in trace.in_role(case, Role::Attack) {
            let valid = trace.of(case, VALID);
            if let Some(shape) = Shape::of(exchange).or_else(|| Shape::disguised(exchange, valid)) {
                samples.push(Sample { shape, case, step: exchange.step });
            }
        }
    }
    if operations(&samples) < 2 {
        return Plan::vacuous("fewer than two operations answered an error");
    }
    // Each layer answers what it refuses, in its own shape: the gateway a missing credential, the framework a body
    // that cannot be read. What most operations answer to one provocation is a usual shape, too.
    let mut layers: BTreeMap<&str, Vec<&Sample<'_>>> = BTreeMap::new();
    for sample in &samples {
        layers.entry(sample.provocation()).or_default().push(sample);
    }
    let layers: BTreeMap<_, _> =
        layers.into_iter().filter_map(|(name, samples)| Some((name, majority(&samples)?))).collect();
    let all: Vec<_> = samples.iter().collect();
    let overall = majority(&all);
    let usual: Vec<_> = layers.values().chain(overall.as_ref()).collect();
    if usual.is_empty() {
        return Plan::vacuous("the errors have no usual shape to differ from");
    }
    let is_usual = |sample: &Sample<'_>| {
        usual.iter().any(|group| group.iter().any(|other| other.shape.is_compatible(&sample.shape)))
    };
    // What nobody else was seen to answer may be a layer's as well as the operation's own.
    let is_comparable = |sample: &Sample<'_>| {
        samples.iter().any(|other| {
            other.provocation() == sample.provocation()
                && other.operation() != sample.operation()
                && is_usual(other)
        })
    };
    let odd: Vec<_> = samples.iter().filter(|sample| !is_usual(sample) && is_comparable(sample)).collect();
    if odd.is_empty() {
        return Plan::Done(Verdict::Held);
    }
    // Compared is with what others answer to the same; else with what most answer to anything.
    let exemplars = |odd: &Sample<'_>| {
        let groups = [layers.get(odd.provocation()), overall.as_ref()];
        groups.into_iter().flatten().find_map(|group| {
            let mut others: Vec<&Sample<'_>> = Vec::new();
            for sample in group {
                let known = others.iter().any(|other| other.operation() == sample.operation());
                let like = others.iter().all(|other| other.shape.is_compatible(&sample.shape));
                if !known && like && sample.operation() != odd.operation() && others.len() < EXEMPLARS {
                    others.push(sample);
                }
            }
            (others.len() >= 2).then_some(others)
        })
    };
    let Some((first, others)) = odd.into_iter().find_map(|odd| Some((odd, exemplars(odd)?))) else {
        return Plan::vacuous("the errors have no usual shape to differ from");
    };
    let mut witness = Case::new(ABOUT.id, first.case.operation.clone());
    witness.facts.insert("usual".to_owned(), json!(others[0].shape.describe()));
    for (index, sample) in others.iter().enumerate() {
        copy(&mut witness, sample.case, sample.step, Role::Control, &format!("usual-{}", index + 1));
    }
    if matches!(first.shape, Shape::Disguised(_))
        && let Some(valid) = first.case.step_index(VALID)
    {
        copy(&mut witness, first.case, valid, Role::Observe, VALID);
    }
    copy(&mut witness, first.case, first.step, Role::Attack, "odd");
    witness.note_identities(|name| world.role_of(name));
    Plan::suspect(witness)
}

/// Copies a step with what it needs from one case into another, under a new name.
fn copy(into: &mut Case, from: &Case, step: usize, role: Role, name: &str) {
    let prefix = format!("{name}-");
    let mut needed: Vec<_> =
        from.steps[..step].iter().filter(|other| other.role == Role::Setup).cloned().collect();
    let mut own = from.steps[step].clone();
    own.role = role;
    name.clone_into(&mut own.name);
    for setup in &mut needed {
        setup.name = format!("{prefix}{}", setup.name);
    }
    for step in needed.iter_mut().chain([&mut own]) {
        if let Some(send) = step.request_mut() {
            if let Some(base) = from.base(&send.base) {
                let mut base = base.clone();
                base.name = format!("{prefix}{}", base.name);
                crate::generate::rename_references(&mut base.request, &prefix);
                if let Some(operation) = from.excerpt(&base.operation)
                    && into.excerpt(&base.operation).is_none()
                {
                    into.operations.push(std::sync::Arc::new(operation.clone()));
                }
                if into.base(&base.name).is_none() {
                    into.bases.push(base);
                }
            }
            send.base = format!("{prefix}{}", send.base);
        }
    }
    into.steps.extend(needed);
    into.steps.push(own);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Step;
    use crate::controls::tests_support::answer;
    use crate::generate::Seeded;

    const USUAL: &str = r#"{"error": "no"}"#;
    const OTHER: &str = r#"{"detail": "no"}"#;

    /// Provocation, status and body.
    type Answer<'a> = (&'a str, u16, &'a str);

    /// What operations answered.
    fn plan(answers: &[(&str, &[Answer<'_>])]) -> Plan {
        let cases = answers.iter().map(|(operation, answers)| {
            let mut case = Case::new(ABOUT.id, *operation);
            let mut trace = Trace::default();
            for (index, (name, status, body)) in answers.iter().enumerate() {
                case.steps.push(Step::send(*name, Role::Attack, "alice", "target", vec![]));
                let mut exchange = answer(*status, body);
                exchange.step = index;
                trace.exchanges.push(exchange);
            }
            (case, trace)
        });
        let round = Round { cases: cases.collect() };
        let at = Subject { operation: None, identity: String::new(), place: None };
        ShapeInconsistent.plan(&at, &World::default(), &[round], &mut Seeded::new(1))
    }

    #[test]
    fn one_operation_with_a_shape_of_its_own_is_suspect() {
        let usual: &[_] = &[("unknown-id", 404, USUAL), ("no-credential", 401, USUAL)];
        let odd: &[_] = &[("unknown-id", 404, "<html>"), ("no-credential", 401, USUAL)];
        let Plan::Suspect(case) = plan(&[("GET /a", usual), ("GET /b", usual), ("GET /c", odd)]) else {
            panic!("suspect")
        };
        assert_eq!(case.operation, "GET /c");
    }

    #[test]
    fn a_layer_may_have_a_shape_for_all_operations() {
        let layered: &[_] = &[("unknown-id", 404, USUAL), ("no-credential", 401, OTHER)];
        let done = plan(&[("GET /a", layered), ("GET /b", layered), ("GET /c", layered)]);
        assert!(matches!(done, Plan::Done(Verdict::Held)), "{done:?}");
    }

    #[test]
    fn what_no_other_operation_was_seen_to_answer_is_not_compared() {
        let usual: &[_] = &[("no-credential", 401, USUAL)];
        let lone: &[_] = &[("no-credential", 401, USUAL), ("not-json", 400, "plain text")];
        let done = plan(&[("GET /a", usual), ("GET /b", usual), ("POST /c", lone)]);
        assert!(matches!(done, Plan::Done(Verdict::Held)), "{done:?}");
    }

    #[test]
    fn errors_that_oauth_prescribes_are_not_compared() {
        let prescribed = answer(400, r#"{"error": "unsupported_grant_type", "error_description": "no"}"#);
        assert_eq!(Shape::of(&prescribed), None);
        assert!(Shape::of(&answer(400, r#"{"error": "something broke"}"#)).is_some());
    }
}
