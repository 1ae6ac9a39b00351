//! # What it sends
//! The content of a valid body in another form under the documented type: as a form, as XML, in lines of YAML and with
//! single quotes where JSON is documented; as JSON where a form is. Where a form is taken, that one again, between
//! valid requests and a garbled body.
//!
//! # What must hold
//! A body that is not of its type is refused. A success counts only with an effect: the answer is like the one to the valid
//! request, and a garbled body under the same type gets another. A 5xx is the claim of `input-json-malformed`.
//! Smallest effect: one other form.
//!
//! # Why it matters
//! What reads the body goes by its looks and not by its type, so a filter and a validator in front see something else
//! than the service does, and parsers are reached that nobody knows of.
//!
//! # How to fix
//! Give each type one parser, chosen by the type alone, and answer 400 where it fails.
//!
//! # References
//! CWE-20, CWE-436; OWASP API8:2023; RFC 9110 section 8.3.

use super::typed::{self, Taken, Target};
use crate::case::{Base, Body, Case, Content, Pairs, Role, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject, Verdict,
};
use crate::generate::{Source, World};
use crate::trace::{Exchange, Trace};

/// An operation that reads bodies which are not of their type.
pub struct MismatchBody;

static ABOUT: About = About {
    id: "ctype-mismatch-body",
    title: "an operation that reads bodies which are not of their type",
    practice: Practice::ContentType,
    source: include_str!("ctype_mismatch_body.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 40,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 10,
    cwe: &[20, 436],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

impl Check for MismatchBody {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let target = match typed::target_of(at, world) {
            Ok(target) => target,
            Err(verdict) => return Plan::Done(verdict),
        };
        let forms = forms(&target);
        if forms.is_empty() {
            return Plan::Done(Verdict::NotMine);
        }
        let identity = &target.draft.identity;
        let attack = |base: &Base| {
            crate::case::Step::send(&base.name, Role::Attack, identity, &base.name, vec![]).retried(2)
        };
        let Some((case, trace)) = rounds.last().and_then(|round| round.cases.first()) else {
            let bases: Vec<_> = forms.into_iter().take(target.most_attacks()).collect();
            let steps = bases.iter().map(attack).collect();
            return Plan::Run(vec![target.frame(ABOUT.id, "other-form", bases, vec![], steps)]);
        };
        let taken = typed::Lesson::learn(case, trace).ok().and_then(|lesson| {
            trace.in_role(case, Role::Attack).find(|attack| lesson.of(attack) == Taken::Granted)
        });
        let Some(base) = taken.and_then(|attack| case.base(&case.steps[attack.step].name)) else {
            return Plan::Done(self.judge(case, trace));
        };
        let steps = vec![attack(base)];
        Plan::suspect(target.frame(ABOUT.id, &base.name, vec![base.clone()], vec![], steps))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        typed::judge(case, trace, is_mismatch, |attack| {
            let kind = typed::sent_type(attack).unwrap_or_default();
            let form = case.steps[attack.step].request().map_or("another form", |send| &send.base);
            let title = format!("{} reads a body that is not the {kind} it says", case.operation);
            let what = format!("The content of a valid body was sent under {kind} in another form: {form}.");
            (title, what, Severity::Medium)
        })
    }
}

/// Whether the bytes are not of the type that they were sent under.
fn is_mismatch(exchange: &Exchange) -> bool {
    let body = &exchange.sent.request.body;
    let json = serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    match typed::sent_type(exchange).map(|kind| typed::family(&kind)).as_deref() {
        Some("json") => !body.is_empty() && !json,
        Some("application/x-www-form-urlencoded") => json && body.starts_with(b"{"),
        _ => false,
    }
}

/// The valid body in other forms, each a valid request of its own under the documented type.
fn forms(target: &Target<'_>) -> Vec<Base> {
    let request = target.draft.request();
    let Some(Body { media_type, content }) = &request.body else { return Vec::new() };
    let base = |name: &str, content: Content| {
        let mut request = request.clone();
        request.body = Some(Body { media_type: media_type.clone(), content });
        Base { name: name.to_owned(), operation: target.world.operation(target.operation).name(), request }
    };
    match content {
        Content::Json(Value::Object(members)) => {
            let flat = members.iter().all(|(_, value)| !matches!(value, Value::List(_) | Value::Object(_)));
            let text = |write: fn(&Value, &mut Vec<Value>)| {
                let mut parts = Vec::new();
                write(&Value::Object(members.clone()), &mut parts);
                Content::Text(Value::concat(parts))
            };
            let mut forms = vec![
                base("single-quoted", text(single_quoted)),
                base("xml", text(|value, parts| xml("request", value, parts))),
            ];
            if flat {
                forms.push(base("form", Content::Form(Pairs(members.clone()))));
                forms.push(base("yaml", text(yaml)));
            }
            forms
        }
        Content::Form(Pairs(members)) => vec![base("json", Content::Json(Value::Object(members.clone())))],
        _ => Vec::new(),
    }
}

fn single_quoted(value: &Value, parts: &mut Vec<Value>) {
    let quote =
        |value: Value, parts: &mut Vec<Value>| parts.extend([Value::text("'"), value, Value::text("'")]);
    match value {
        Value::Object(members) => {
            parts.push(Value::text("{"));
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    parts.push(Value::text(", "));
                }
                quote(Value::text(name), parts);
                parts.push(Value::text(": "));
                single_quoted(value, parts);
            }
            parts.push(Value::text("}"));
        }
        Value::List(items) => {
            parts.push(Value::text("["));
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    parts.push(Value::text(", "));
                }
                single_quoted(item, parts);
            }
            parts.push(Value::text("]"));
        }
        Value::Text(_) | Value::Dynamic(_) => quote(value.clone(), parts),
        plain => parts.push(plain.clone()),
    }
}

fn xml(name: &str, value: &Value, parts: &mut Vec<Value>) {
    if let Value::List(items) = value {
        return items.iter().for_each(|item| xml(name, item, parts));
    }
    parts.push(Value::text(format!("<{name}>")));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| xml(name, value, parts)),
        plain => parts.push(plain.clone()),
    }
    parts.push(Value::text(format!("</{name}>")));
}

fn yaml(value: &Value, parts: &mut Vec<Value>) {
    if let Value::Object(members) = value {
        for (name, value) in members {
            parts.extend([Value::text(format!("{name}: ")), value.clone(), Value::text("\n")]);
        }
    }
}
