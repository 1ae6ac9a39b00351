//! What a schema cannot say: values that must be new, and fields that repeat others.

use super::learned::Learned;
use super::lesson::{Rule, Where};
use super::path::{is_index, same};
use crate::case::{Content, Dynamic, Fresh, FreshKind, Pairs, Request, Value};
use crate::generate::schema::plausible;
use crate::generate::{Draft, Manner, Source, World, request_of};
use crate::surface::Operation;

/// A fresh value has this many characters.
const USUAL: u32 = 24;

impl Learned {
    /// Draws a request as [`crate::generate::request`] does, from the operation as its refusals taught it.
    pub fn request(
        &self,
        world: &World,
        operation: usize,
        identity: &str,
        manner: Manner,
        src: &mut dyn Source,
    ) -> Option<Draft> {
        if self.is_empty() {
            let document = world.operation(operation);
            return request_of(world, operation, document, identity, manner, &self.naming, src);
        }
        let taught = self.operation(world.operation(operation));
        let mut draft = request_of(world, operation, &taught, identity, manner, &self.naming, src)?;
        let target = draft.target.clone();
        let base = draft.bases.iter_mut().find(|base| base.name == target)?;
        let mut request = base.request.clone();
        self.teach(&mut request);
        // What is new may not be what the schemas ask for: then they go first.
        if fits(&taught, &request) || !fits(&taught, &base.request) {
            base.request = request;
        }
        if self.ends_otherwise {
            super::with_other_ending(&mut base.request);
        }
        Some(draft)
    }

    /// Applies to a request that was drawn what its schemas cannot say: taken values become fresh, and
    /// confirmations repeat what they confirm.
    pub fn teach(&self, request: &mut Request) {
        for (lesson, _) in self.lessons() {
            match (&lesson.place, &lesson.rule) {
                (Where::Body(tokens) | Where::Field(tokens), rule @ (Rule::Taken | Rule::Same(_))) => {
                    in_body(request, tokens, rule);
                }
                (Where::Query(name), Rule::Taken) => in_pairs(&mut request.query, name),
                (Where::Path(name), Rule::Taken) => in_pairs(&mut request.path_params, name),
                (Where::Header(name), Rule::Taken) => in_pairs(&mut request.headers, name),
                (Where::Cookie(name), Rule::Taken) => in_pairs(&mut request.cookies, name),
                _ => {}
            }
        }
    }
}

/// Whether a JSON body is what the operation takes.
fn fits(operation: &Operation, request: &Request) -> bool {
    let Some((body, Content::Json(value))) = request.body.as_ref().map(|body| (body, &body.content)) else {
        return true;
    };
    let schema = operation.bodies.iter().find(|known| known.media_type == body.media_type);
    schema.is_none_or(|known| known.schema.accepts(&plausible(value)))
}

fn in_pairs(pairs: &mut Pairs, name: &str) {
    for (key, value) in pairs.0.iter_mut().filter(|(key, _)| same(key, name)) {
        freshen(value, key);
    }
}

fn in_body(request: &mut Request, tokens: &[String], rule: &Rule) {
    let Some((name, parent)) = tokens.split_last() else { return };
    match request.body.as_mut().map(|body| &mut body.content) {
        Some(Content::Json(value)) => {
            each(value, parent, "", &mut |members, at| member(members, name, rule, at));
        }
        Some(Content::Form(pairs)) if parent.is_empty() => member(&mut pairs.0, name, rule, ""),
        _ => {}
    }
}

/// Calls `visit` with the members of every object at this place; an index stands for all items.
fn each(
    value: &mut Value,
    tokens: &[String],
    at: &str,
    visit: &mut dyn FnMut(&mut Vec<(String, Value)>, &str),
) {
    match (value, tokens.split_first()) {
        (Value::Object(members), None) => visit(members, at),
        (Value::Object(members), Some((token, rest))) => {
            for (key, value) in members.iter_mut().filter(|(key, _)| same(key, token)) {
                each(value, rest, &format!("{at}/{key}"), visit);
            }
        }
        (Value::List(items), Some((token, rest))) if is_index(token) => {
            for (index, item) in items.iter_mut().enumerate() {
                each(item, rest, &format!("{at}/{index}"), visit);
            }
        }
        _ => {}
    }
}

fn member(members: &mut Vec<(String, Value)>, name: &str, rule: &Rule, at: &str) {
    match rule {
        Rule::Taken => {
            for (key, value) in members.iter_mut().filter(|(key, _)| same(key, name)) {
                freshen(value, &format!("{at}/{key}"));
            }
        }
        Rule::Same(other) => {
            let Some(value) =
                members.iter().find(|(key, _)| same(key, other)).map(|(_, value)| value.clone())
            else {
                return;
            };
            match members.iter_mut().find(|(key, _)| same(key, name)) {
                Some((_, old)) => *old = value,
                None => members.push((name.to_owned(), value)),
            }
        }
        _ => {}
    }
}

/// A value of the same look that nobody has had.
fn freshen(value: &mut Value, at: &str) {
    let (kind, length) = match &*value {
        Value::Number(_) => (FreshKind::Integer, None),
        Value::Text(text) if text.contains('@') => (FreshKind::Email, None),
        Value::Text(text) if is_uuid(text) => (FreshKind::Uuid, None),
        Value::Text(text) => {
            let length = u32::try_from(text.chars().count()).unwrap_or(USUAL).clamp(6, 512);
            (FreshKind::Word, Some(length))
        }
        // What is dynamic is new already, or refers to what is there.
        _ => return,
    };
    let fresh = Fresh { name: format!("taken{at}"), kind, max: length, min: length };
    let fresh = Value::dynamic(Dynamic::Fresh(fresh));
    if plausible(&fresh).is_string() == matches!(value, Value::Text(_)) {
        *value = fresh;
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
