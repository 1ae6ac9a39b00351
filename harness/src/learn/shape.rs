//! The shape of an answer: maps of fields, lists of errors, errors, texts. The same for every framework.

use serde_json::{Map, Value as Json};

use super::code::Code;
use super::entry::Entry;
use super::path::{Part, Spot, is, is_index};
use super::phrase;
use super::read::Reader;
use super::subject::Subject;

/// Levels of an answer.
const DEEPEST: usize = 24;

/// What surely holds errors.
const CONTAINERS: &[&str] = &[
    "errors",
    "fielderrors",
    "validationerrors",
    "violations",
    "constraintviolations",
    "invalidparams",
    "issues",
    "formerrors",
    "nonfielderrors",
    "embedded",
    "fullmessages",
    "err",
    "errs",
    "validation",
    "problems",
    "failures",
    "suberrors",
    "errormessages",
    "modelstate",
    "validationresult",
    "parametererrors",
    "base",
];
/// What holds errors, unless it is a field among others.
const PERHAPS: &[&str] = &[
    "error",
    "detail",
    "details",
    "message",
    "messages",
    "msg",
    "description",
    "title",
    "reason",
    "reasons",
    "cause",
    "causes",
    "data",
    "meta",
    "result",
    "response",
    "exception",
    "info",
    "fields",
    "debugmessage",
    "hint",
    "errordescription",
    "extensions",
    "inner",
    "all",
    "body",
    "json",
];
/// What echoes the request or describes the answer.
const ECHOES: &[&str] = &[
    "input",
    "value",
    "rejectedvalue",
    "original",
    "target",
    "status",
    "statuscode",
    "code",
    "type",
    "timestamp",
    "traceid",
    "requestid",
    "instance",
    "url",
    "documentation",
    "trace",
    "stack",
    "path",
    "method",
    "object",
    "objectname",
    "success",
    "ok",
    "valid",
];

impl Reader {
    /// A node of the answer that is about a place. `inside`: it is among errors for certain.
    pub(super) fn visit(&mut self, json: &Json, at: &Spot, inside: bool, depth: usize) {
        if depth > DEEPEST || !self.spend() {
            return;
        }
        match json {
            Json::String(text) => {
                let understood = self.message(at, text, &[]);
                if inside && !understood {
                    self.refused(at);
                }
            }
            Json::Array(items) => self.list(items, at, inside, depth),
            Json::Object(object) => match Entry::of(object, false) {
                Some(entry) => self.entry(&entry, at, depth),
                None => self.map(object, at, inside, depth),
            },
            _ => {}
        }
    }

    fn list(&mut self, items: &[Json], at: &Spot, inside: bool, depth: usize) {
        for (index, item) in items.iter().enumerate() {
            let is_error = match item {
                Json::Object(object) => Entry::of(object, false).is_some() || at.tokens.is_empty(),
                _ => true,
            };
            match at.join(&index.to_string()).filter(|_| !is_error) {
                Some(spot) => self.visit(item, &spot, inside, depth + 1),
                None => self.visit(item, at, inside, depth + 1),
            }
        }
    }

    /// An object whose keys are fields, or hold errors.
    pub(super) fn map(&mut self, object: &Map<String, Json>, at: &Spot, inside: bool, depth: usize) {
        // Where System.Text.Json gives paths, the name beside them is that of a variable of the program.
        let has_paths = object.keys().any(|key| key.starts_with('$'));
        for (key, value) in object {
            let nested = value.is_object() || value.is_array();
            let texts = value.as_array().is_some_and(|items| items.iter().any(Json::is_string));
            if has_paths && !key.starts_with('$') {
                continue;
            }
            if let Some(part) =
                Part::named(key).filter(|_| at.is_nowhere() && value.is_object() && (inside || key != "path"))
            {
                self.visit(value, &Spot::of(part), true, depth + 1);
            } else if is(key, CONTAINERS) || key == "_schema" {
                self.visit(value, at, true, depth + 1);
            } else if is(key, PERHAPS) && !(inside && (texts || !at.tokens.is_empty())) {
                self.perhaps(key, value, at, inside, depth);
            } else if let Some(spot) = field(key, at)
                && (!is(key, ECHOES) || texts || inside && (nested || says(value)))
            {
                let certain = inside && (nested || value.is_string());
                self.visit(value, &spot, certain, depth + 1);
            }
        }
    }

    /// A member that holds errors, or is a field called `message`.
    fn perhaps(&mut self, key: &str, value: &Json, at: &Spot, inside: bool, depth: usize) {
        let before = self.lessons.len();
        self.visit(value, at, inside && !value.is_string(), depth + 1);
        let Json::Array(items) = value else { return };
        let texts = || items.iter().filter_map(Json::as_str);
        let is_field = self.lessons.len() == before && at.is_nowhere() && items.iter().all(Json::is_string);
        if is_field && texts().all(|text| Subject::of(text).spot.is_nowhere()) {
            let spot = Spot { part: None, tokens: vec![key.to_owned()] };
            for text in texts() {
                self.message(&spot, text, &[]);
            }
        }
    }

    pub(super) fn entry(&mut self, entry: &Entry<'_>, at: &Spot, depth: usize) {
        if depth > DEEPEST || !self.spend() {
            return;
        }
        let spot = match &entry.spot {
            Some(spot) if entry.is_relative => at.extend(spot),
            // A place within a map of fields: its own says it all, unless it says no field.
            Some(spot) if spot.tokens.is_empty() && !at.tokens.is_empty() => Some(at.clone()),
            Some(spot) => Some(Spot { part: spot.part.or(at.part), tokens: spot.tokens.clone() }),
            None => Some(at.clone()),
        };
        let Some(spot) = spot else { return };
        let codes = entry.codes.iter().map(Code::rules);
        let coded = codes.into_iter().find(|rules| !rules.is_empty()).unwrap_or_default();
        let others = entry.others.iter();
        for spot in std::iter::once(&spot).filter(|_| entry.others.is_empty()).chain(others) {
            let mut understood = entry.messages.is_empty() && !coded.is_empty();
            if understood {
                self.coded(spot, &coded);
            }
            for (index, message) in entry.messages.iter().enumerate() {
                let coded = if index == 0 { coded.as_slice() } else { &[] };
                understood |= self.message(spot, message, coded);
            }
            if !understood && entry.children.is_none() && (entry.spot.is_some() || !entry.others.is_empty()) {
                self.refused(spot);
            }
        }
        if let Some(children) = entry.children {
            self.visit(children, &spot, true, depth + 1);
        }
    }
}

/// Whether a text is a message that is known.
fn says(value: &Json) -> bool {
    value.as_str().is_some_and(|text| phrase::read(text).is_some())
}

/// The place of a key of a map of fields.
fn field(key: &str, at: &Spot) -> Option<Spot> {
    if is_index(key) {
        return at.join(key);
    }
    let below = Spot::parse(key)?;
    at.extend(&below)
}
