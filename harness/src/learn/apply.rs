//! An operation as its refusals taught it.

use serde_json::{Map, Value as Json, json};

use super::amend::{Amend, resolved};
use super::leaf;
use super::learned::Learned;
use super::lesson::{Lesson, Rule, Where};
use super::names;
use super::path::{Part, is_index, same};
use crate::surface::{Body, Location, Operation, Parameter, Schema, Style};

/// Refusals without a reason after which an optional input is left out.
const ENOUGH: u32 = 2;

impl Learned {
    /// A body's schema as the lessons about the body, and about fields of an unknown place, make it. Parameters
    /// are not asked: for those see [`Learned::operation`].
    pub fn schema(&self, schema: &Schema) -> Schema {
        let lessons: Vec<_> = self
            .in_order()
            .filter_map(|(lesson, count)| match &lesson.place {
                Where::Body(tokens) | Where::Field(tokens) => Some((tokens.as_slice(), &lesson.rule, count)),
                _ => None,
            })
            .collect();
        amended(schema, &lessons)
    }

    /// The operation with its parameters and bodies as the lessons make them: what is drawn from it is what the
    /// target is likely to take. Its name is the same; nothing but the drawing of requests should use it.
    pub fn operation(&self, operation: &Operation) -> Operation {
        let mut taught = operation.clone();
        if self.is_empty() {
            return taught;
        }
        let mut of_body: Vec<(&[String], &Rule, u32)> = Vec::new();
        for (lesson, count) in self.in_order() {
            match located(operation, lesson) {
                (Part::Body, tokens) => of_body.push((tokens, &lesson.rule, count)),
                (part, [name, ..]) => parameter(&mut taught, part, name, &lesson.rule, count),
                _ => {}
            }
        }
        if of_body.is_empty() {
            return taught;
        }
        let takes_body = matches!(taught.method.as_str(), "POST" | "PUT" | "PATCH");
        if taught.bodies.is_empty() && takes_body {
            let schema = Schema::new(json!({"type": "object"}));
            let media_type = "application/json".to_owned();
            taught.bodies.push(Body { media_type, schema, encoding: std::collections::BTreeMap::new() });
        }
        taught.body_required |= of_body.iter().any(|(_, rule, _)| **rule == Rule::Required) && takes_body;
        for body in &mut taught.bodies {
            body.schema = amended(&body.schema, &of_body);
        }
        taught
    }

    /// The lessons in the order in which they are written: what is there, its type, what holds of it, what goes.
    fn in_order(&self) -> impl Iterator<Item = (&Lesson, u32)> {
        let mut lessons: Vec<_> = self.lessons().collect();
        lessons.sort_by_key(|(lesson, _)| match lesson.rule {
            Rule::Required => 0,
            Rule::Kind(_) => 1,
            Rule::NotEmpty => 3,
            Rule::Refused | Rule::Missing | Rule::Unknown => 4,
            _ => 2,
        });
        lessons.into_iter()
    }
}

/// Which part of the request a lesson is about, for this operation.
fn located<'a>(operation: &Operation, lesson: &'a Lesson) -> (Part, &'a [String]) {
    let one = |name: &'a String| std::slice::from_ref(name);
    match &lesson.place {
        Where::Body(tokens) => (Part::Body, tokens),
        Where::Query(name) => (Part::Query, one(name)),
        Where::Path(name) => (Part::Path, one(name)),
        Where::Header(name) => (Part::Header, one(name)),
        Where::Cookie(name) => (Part::Cookie, one(name)),
        Where::Field(tokens) => {
            let name = tokens.first().map(String::as_str).unwrap_or_default();
            let in_body = operation.bodies.iter().any(|body| declares(&body.schema, name));
            let parameter = operation.parameters.iter().find(|parameter| same(&parameter.name, name));
            let part = match parameter {
                Some(parameter) if !in_body => match parameter.location {
                    Location::Query => Part::Query,
                    Location::Path => Part::Path,
                    Location::Header => Part::Header,
                    Location::Cookie => Part::Cookie,
                },
                None if operation.bodies.is_empty()
                    && matches!(operation.method.as_str(), "GET" | "HEAD" | "DELETE") =>
                {
                    Part::Query
                }
                _ => Part::Body,
            };
            (part, tokens)
        }
    }
}

fn declares(schema: &Schema, name: &str) -> bool {
    let mut copy = (*schema.json).clone();
    Amend::new(&schema.json).visit(&mut copy, &[name.to_owned()], &mut |_| {})
}

/// A schema with rules written into it; the examples of the document stay, and are drawn where they still fit.
fn amended(schema: &Schema, rules: &[(&[String], &Rule, u32)]) -> Schema {
    if rules.is_empty() {
        return schema.clone();
    }
    let mut json = (*schema.json).clone();
    for (tokens, rule, count) in rules {
        let mut amend = Amend::new(&schema.json);
        let tokens = amend.spelled(&mut json, tokens);
        write(&mut amend, &mut json, &tokens, rule, *count);
    }
    Schema::new(json).with_examples((*schema.examples).clone())
}

fn write(amend: &mut Amend<'_>, json: &mut Json, tokens: &[String], rule: &Rule, count: u32) {
    let Some((name, parent)) = tokens.split_last() else {
        amend.visit(json, tokens, &mut |schema| leaf::write(schema, rule, ""));
        return;
    };
    match rule {
        Rule::Unknown => drop(amend.visit(json, parent, &mut |schema| forget(schema, name, true))),
        // What cannot be had is left out where it may be.
        Rule::Missing => drop(amend.visit(json, parent, &mut |schema| forget(schema, name, false))),
        Rule::Refused if count >= ENOUGH => {
            amend.visit(json, parent, &mut |schema| forget(schema, name, false));
        }
        Rule::Taken | Rule::Same(_) => {
            amend.visit(json, tokens, &mut |schema| leaf::write(schema, rule, name));
        }
        Rule::Required => {
            amend.ensure(json, tokens);
            // Said again although it was taught: the objects around it are missing themselves.
            let from = if count >= ENOUGH { 1 } else { tokens.len() };
            for end in from..=tokens.len() {
                require(amend, json, &tokens[..end]);
            }
            again(amend).visit(json, tokens, &mut |schema| leaf::write(schema, rule, name));
        }
        rule => {
            amend.ensure(json, tokens);
            again(amend).visit(json, tokens, &mut |schema| leaf::write(schema, rule, name));
        }
    }
}

/// The same change with new effort.
fn again<'a>(amend: &Amend<'a>) -> Amend<'a> {
    Amend::new(amend.definitions)
}

fn require(amend: &Amend<'_>, json: &mut Json, tokens: &[String]) {
    let Some((name, parent)) = tokens.split_last() else { return };
    if is_index(name) {
        return;
    }
    again(amend).visit(json, parent, &mut |schema| {
        let Some(spelled) =
            schema.get("properties").and_then(Json::as_object).and_then(|it| resolved(it, name))
        else {
            return;
        };
        let list = schema.entry("required").or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(list) = list
            && !list.iter().any(|one| one == spelled.as_str())
        {
            list.push(spelled.into());
        }
    });
}

/// Takes a property away: altogether, or only where it need not be there.
fn forget(schema: &mut Map<String, Json>, name: &str, altogether: bool) {
    let properties = schema.get_mut("properties").and_then(Json::as_object_mut);
    let spelled = properties.as_ref().and_then(|properties| resolved(properties, name));
    let Some(spelled) = spelled else {
        // It came from nowhere: nothing shall.
        let described = schema.contains_key("properties") || schema.contains_key("additionalProperties");
        if altogether
            && described
            && !["allOf", "anyOf", "oneOf"].iter().any(|part| schema.contains_key(*part))
        {
            schema.insert("additionalProperties".to_owned(), Json::Bool(false));
        }
        return;
    };
    let required = schema.get("required").and_then(Json::as_array);
    let is_required = required.is_some_and(|names| names.iter().any(|one| one == spelled.as_str()));
    if is_required && !altogether {
        return;
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        properties.remove(&spelled);
    }
    if let Some(names) = schema.get_mut("required").and_then(Json::as_array_mut) {
        names.retain(|one| one != spelled.as_str());
    }
}

/// Headers that the run itself sends, or that carry a credential, are not made up.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_framing =
        ["host", "content-length", "content-type", "accept", "connection", "cookie", "transfer-encoding"];
    is_framing.contains(&name.as_str())
        || ["auth", "token", "api-key", "apikey", "secret", "signature", "csrf", "xsrf", "session"]
            .iter()
            .any(|word| name.contains(word))
}

fn parameter(operation: &mut Operation, part: Part, name: &str, rule: &Rule, count: u32) {
    let location = match part {
        Part::Query => Location::Query,
        Part::Path => Location::Path,
        Part::Header => Location::Header,
        Part::Cookie => Location::Cookie,
        Part::Body => return,
    };
    let is_it = |parameter: &Parameter| parameter.location == location && same(&parameter.name, name);
    let Some(at) = operation.parameters.iter().position(is_it) else {
        let is_made = matches!(rule, Rule::Required) && location != Location::Path;
        if is_made && !(location != Location::Query && is_reserved(name)) {
            let style = if location == Location::Header { Style::Simple } else { Style::Form };
            operation.parameters.push(Parameter {
                name: name.to_owned(),
                location,
                required: true,
                style,
                explode: style == Style::Form,
                allow_reserved: false,
                schema: Schema::new(Json::Object(names::schema(name))),
                pointer: format!("{}/learned/{name}", operation.pointer),
            });
        }
        return;
    };
    let is_optional = location != Location::Path && !operation.parameters[at].required;
    let goes = match rule {
        Rule::Unknown => location != Location::Path,
        Rule::Missing => is_optional,
        Rule::Refused => is_optional && count >= ENOUGH,
        _ => false,
    };
    if goes {
        operation.parameters.remove(at);
        return;
    }
    let parameter = &mut operation.parameters[at];
    parameter.required |= *rule == Rule::Required;
    let mut json = (*parameter.schema.json).clone();
    Amend::new(&parameter.schema.json).visit(&mut json, &[], &mut |schema| leaf::write(schema, rule, name));
    parameter.schema = Schema::new(json).with_examples((*parameter.schema.examples).clone());
}
