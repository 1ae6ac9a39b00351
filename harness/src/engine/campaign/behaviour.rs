//! Behaviour: how a service answered, apart from the values.

use serde_json::Value as Json;

use crate::controls::media_family;
use crate::trace::Exchange;

/// How deep and how wide a body is looked at; what is wider holds data, not members.
const DEEP: usize = 6;
const WIDE: usize = 32;
/// Items of a list whose shapes count.
const ITEMS: usize = 3;
/// Members whose short texts name what happened.
const TELLING: &[&str] = &["code", "type", "error", "kind", "status", "reason"];
/// Fields that come and go without meaning anything.
const VOLATILE: &[&str] =
    &["age", "connection", "content-length", "date", "etag", "keep-alive", "last-modified"];

/// The behaviour that an answer shows: its operation, its status, the shape of its body and the names of its header
/// fields, as one number that is the same in every run and on every machine. `None` when nobody answered.
pub(crate) fn behaviour(operation: &str, exchange: &Exchange) -> Option<u64> {
    let answer = exchange.answer()?;
    let mut hash = Fnv::default();
    hash.text(operation);
    hash.number(u64::from(answer.status));
    let names = answer.headers.iter().map(|(name, _)| {
        let is_volatile = VOLATILE.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        if is_volatile { 0 } else { Fnv::of_name(name) }
    });
    // Added up: the order of fields means nothing.
    hash.number(names.fold(0, u64::wrapping_add));
    if let Some(json) = exchange.json() {
        hash.number(shape(json, "", 0));
    } else {
        hash.text(&exchange.media_type().map(|plain| media_family(&plain)).unwrap_or_default());
        hash.number(u64::from(answer.body.is_empty()));
    }
    Some(hash.0)
}

/// The shape of a value: what stands where, but not which.
fn shape(json: &Json, name: &str, depth: usize) -> u64 {
    let mut hash = Fnv::default();
    match json {
        _ if depth > DEEP => {}
        Json::Object(members) if members.len() > WIDE => hash.text("map"),
        Json::Object(members) => {
            hash.text("{");
            // Keys that are data would make every answer another one.
            let members = members.iter().map(|(name, value)| {
                let mut member = Fnv::default();
                member.text(if name.bytes().any(|byte| byte.is_ascii_digit()) { "#" } else { name });
                member.number(shape(value, name, depth + 1));
                member.0
            });
            hash.number(members.fold(0, u64::wrapping_add));
        }
        Json::Array(items) => {
            hash.text("[");
            let shapes: std::collections::BTreeSet<_> =
                items.iter().take(ITEMS).map(|item| shape(item, "", depth + 1)).collect();
            shapes.into_iter().for_each(|shape| hash.number(shape));
        }
        Json::String(text) if TELLING.contains(&name) && is_code(text) => hash.text(text),
        // Values come and go with what was sent.
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => hash.text("."),
    }
    hash.0
}

/// A word of the service's own: no sentence, and nothing with a number that may be an id.
fn is_code(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'))
}

/// FNV-1a with 64 bits: the same everywhere, unlike the hashes of the standard library.
pub(in crate::engine) struct Fnv(pub(in crate::engine) u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    pub(in crate::engine) fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        // What follows is another text.
        self.byte(0xff);
    }

    pub(in crate::engine) fn number(&mut self, number: u64) {
        number.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn of_name(name: &[u8]) -> u64 {
        let mut hash = Self::default();
        name.iter().for_each(|byte| hash.byte(byte.to_ascii_lowercase()));
        hash.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn of(status: u16, body: &str) -> Option<u64> {
        behaviour("GET /menu", &answer(status, body))
    }

    #[test]
    fn values_do_not_count_and_shapes_do() {
        let dish = of(200, r#"{"id": 1, "name": "soup", "tags": ["a"]}"#);
        assert_eq!(of(200, r#"{"name": null, "id": "x", "tags": ["b", "c", "d", "e"]}"#), dish);
        for other in [
            of(201, r#"{"id": 1, "name": "soup", "tags": ["a"]}"#),
            of(200, r#"{"id": 1, "name": "soup"}"#),
            of(200, r#"{"id": 1, "name": "soup", "tags": []}"#),
            of(200, r#"{"id": 1, "name": {}, "tags": ["a"]}"#),
            of(200, "soup"),
            of(200, ""),
            behaviour("GET /other", &answer(200, r#"{"id": 1, "name": "soup", "tags": ["a"]}"#)),
        ] {
            assert!(other.is_some() && other != dish);
        }
    }

    #[test]
    fn codes_count_and_sentences_do_not() {
        assert_ne!(of(400, r#"{"code": "TOO_LONG"}"#), of(400, r#"{"code": "TOO_SHORT"}"#));
        assert_eq!(of(400, r#"{"code": "E17"}"#), of(400, r#"{"code": "E18"}"#));
        assert_eq!(of(400, r#"{"error": "a is bad"}"#), of(400, r#"{"error": "b is bad"}"#));
        assert_eq!(of(200, r#"{"7f3a": 1}"#), of(200, r#"{"81bc": 1}"#));
    }

    #[test]
    fn it_is_the_same_in_every_run() {
        assert_eq!(of(404, r#"{"error": "not found"}"#), Some(EXPECTED));
    }

    /// Files of corpora are named by it: a change forgets what earlier versions found.
    const EXPECTED: u64 = 16_606_525_714_883_963_540;
}
