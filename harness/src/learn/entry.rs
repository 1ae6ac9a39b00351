//! An object that describes one error: where it is, what is wrong, and a code.

use serde_json::{Map, Value as Json};

use super::code::Code;
use super::path::{Part, Spot, is};

/// Members that say where, by how plainly they do.
const FIELDS: &[&str] = &[
    "loc",
    "instancepath",
    "datapath",
    "field",
    "attr",
    "pointer",
    "param",
    "path",
    "property",
    "propertypath",
    "propertyname",
    "fieldname",
    "attribute",
    "parameter",
    "header",
    "element",
    "name",
    "key",
    "target",
    "location",
];
/// Members that say what is wrong.
const MESSAGES: &[&str] = &[
    "msg",
    "message",
    "messages",
    "reason",
    "detail",
    "description",
    "defaultmessage",
    "errormessage",
    "errors",
    "error",
    "issue",
    "text",
    "title",
    "constraints",
];
/// Members that name what is wrong for programs.
const CODES: &[&str] =
    &["keyword", "code", "errorcode", "type", "rule", "tag", "validator", "kind", "constraint"];
/// Members that hold the values of a rule.
const BESIDE: &[&str] = &["ctx", "params", "context", "properties"];

/// One error.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Where, when the object says so.
    pub(super) spot: Option<Spot>,
    /// Whether `spot` begins at the object around (class-validator), and not at the request.
    pub(super) is_relative: bool,
    /// What is wrong, in words.
    pub(super) messages: Vec<&'a str>,
    /// What is wrong, for programs.
    pub(super) codes: Vec<Code<'a>>,
    /// Other places that the same error is about (express-validator's unknown fields).
    pub(super) others: Vec<Spot>,
    /// Errors below it.
    pub(super) children: Option<&'a Json>,
}

impl<'a> Entry<'a> {
    /// Reads an object as an error. `is_top`: the object is the whole answer.
    pub(super) fn of(object: &'a Map<String, Json>, is_top: bool) -> Option<Self> {
        let named = |names: &[&str]| object.iter().find(|(key, _)| is(key, names)).map(|(_, value)| value);
        let children = object.get("children").filter(|children| children.is_array());
        let mut messages = Vec::new();
        for name in MESSAGES {
            let Some(value) = named(&[name]) else { continue };
            texts(value, &mut messages);
        }
        let part = part_beside(object);
        let place = place(object, is_top);
        // A sentence is for people, whatever its member is called.
        let sentences = ["rule", "constraint"].iter().filter_map(|name| named(&[name])?.as_str());
        messages.extend(sentences.filter(|text| place.is_some() && text.trim().contains(' ')));
        let beside: Vec<_> = std::iter::once(object)
            .chain(BESIDE.iter().filter_map(|name| named(&[name])?.as_object()))
            .collect();
        let codes = CODES.iter().filter_map(|name| named(&[name])?.as_str());
        let codes: Vec<_> = codes.map(|name| Code { name, beside: beside.clone() }).collect();
        let listed = object.get("fields").and_then(Json::as_array).into_iter().flatten();
        let others = listed.take(32).filter_map(Json::as_object).filter_map(|field| {
            let spot = self::place(field, false)?;
            Some(Spot { part: spot.part.or(part_beside(field)), ..spot })
        });
        let others: Vec<Spot> = others.collect();
        let has_place = place.is_some() || !others.is_empty();
        if messages.is_empty() && children.is_none() && (codes.is_empty() || !has_place) {
            return None;
        }
        // Without a place, it must at least look like nothing else.
        let is_plain = || {
            let scalar = |value: &Json| !value.is_object() && !value.is_array();
            object.iter().all(|(key, value)| scalar(value) || is(key, BESIDE) || is(key, &["keys"]))
        };
        if !has_place && (is_top || !is_plain()) {
            return None;
        }
        let spot = place.map(|mut spot| {
            spot.part = spot.part.or(part);
            spot
        });
        let spot = spot.or_else(|| part.map(Spot::of));
        let is_relative =
            object.contains_key("property") && (children.is_some() || named(&["constraints"]).is_some());
        Some(Self { spot, is_relative, messages, codes, others, children })
    }
}

/// Text, a list of texts, or the texts of an object (`constraints`).
fn texts<'a>(value: &'a Json, into: &mut Vec<&'a str>) {
    match value {
        Json::String(text) => into.push(text),
        Json::Array(items) => into.extend(items.iter().take(32).filter_map(Json::as_str)),
        Json::Object(members) => into.extend(members.values().take(32).filter_map(Json::as_str)),
        _ => {}
    }
}

/// The part of the request that a member of its own names: `"location": "query"`, `"in": "body"`.
fn part_beside(object: &Map<String, Json>) -> Option<Part> {
    let named =
        ["location", "in", "source", "locationType"].iter().find_map(|name| object.get(*name)?.as_str());
    named.and_then(Part::named)
}

fn place(object: &Map<String, Json>, is_top: bool) -> Option<Spot> {
    if let Some(source) = object.get("source").and_then(Json::as_object) {
        return source_of(source);
    }
    FIELDS.iter().find_map(|name| {
        let (key, value) = object.iter().find(|(key, _)| is(key, &[name]))?;
        match value {
            Json::Array(items) if is(key, &["loc", "path", "location", "field"]) => {
                Spot::list(items, is(key, &["loc", "location"]))
            }
            Json::String(text) => by_text(name, text, is_top),
            _ => None,
        }
    })
}

fn by_text(name: &str, text: &str, is_top: bool) -> Option<Spot> {
    // The path of an answer's envelope is the request's, its name that of an exception.
    let of_envelope =
        is_top && (text.starts_with('/') || matches!(name, "name" | "target" | "key" | "location"));
    if of_envelope || text.ends_with("Error") || text.ends_with("Exception") {
        return None;
    }
    // `"location": "body"` names a part, not a field.
    if name == "location" && Part::named(text).is_some() {
        return None;
    }
    let pointed = matches!(name, "instancepath" | "datapath" | "pointer");
    if text.is_empty() || text == "#" || text == "/" {
        return pointed.then(Spot::default);
    }
    let spot = Spot::parse(text)?;
    Some(match (name, spot.part) {
        ("header", None) => Spot { part: Some(Part::Header), ..spot },
        ("pointer", None) => Spot { part: Some(Part::Body), ..spot },
        _ => spot,
    })
}

/// `source` of JSON:API.
fn source_of(source: &Map<String, Json>) -> Option<Spot> {
    if let Some(pointer) = source.get("pointer").and_then(Json::as_str) {
        let mut spot = Spot::parse(pointer)?;
        spot.part = Some(Part::Body);
        return Some(spot);
    }
    let part = |name: &str, part: Part| Some((source.get(name)?.as_str()?, part));
    let (name, part) = part("parameter", Part::Query).or_else(|| part("header", Part::Header))?;
    Spot::of(part).join(name)
}
