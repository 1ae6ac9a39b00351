//! Several schemas that must all hold, as one.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// References and `allOf` in a row.
const MAX_NESTING: usize = 24;

/// The types as bits.
pub(super) mod kind {
    pub(in super::super) const NULL: u8 = 1;
    pub(in super::super) const BOOLEAN: u8 = 2;
    pub(in super::super) const INTEGER: u8 = 4;
    /// Numbers that are not integers; `number` is both.
    pub(in super::super) const FRACTION: u8 = 8;
    pub(in super::super) const STRING: u8 = 16;
    pub(in super::super) const ARRAY: u8 = 32;
    pub(in super::super) const OBJECT: u8 = 64;
    pub(in super::super) const ALL: u8 = 127;
}

/// The constraints of several schemas together; everything is borrowed from the root.
#[derive(Debug)]
pub(super) struct Flat<'a> {
    pub(super) types: u8,
    /// No schema names a type.
    pub(super) untyped: bool,
    pub(super) never: bool,
    /// The schemas without their references and parts.
    pub(super) layers: Vec<&'a Map<String, Json>>,
    pub(super) choices: Vec<Choice<'a>>,
}

/// `oneOf` or `anyOf`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'a> {
    pub(super) branches: &'a [Json],
    pub(super) owner: &'a Map<String, Json>,
    pub(super) exclusive: bool,
}

/// What a reference of a self-contained schema leads to.
pub(super) fn target<'a>(root: &'a Json, reference: &str) -> Option<&'a Json> {
    root.pointer(reference.strip_prefix('#')?)
}

impl<'a> Flat<'a> {
    pub(super) fn of(root: &'a Json, all: &[&'a Json]) -> Self {
        let mut flat =
            Self { types: kind::ALL, untyped: true, never: false, layers: Vec::new(), choices: Vec::new() };
        for schema in all {
            flat.add(root, schema, MAX_NESTING);
        }
        flat
    }

    fn add(&mut self, root: &'a Json, schema: &'a Json, depth: usize) {
        if self.never {
            return;
        }
        let members = match schema {
            Json::Object(members) => members,
            Json::Bool(true) => return,
            _ => {
                self.never = true;
                return;
            }
        };
        if depth == 0 || self.layers.len() > 400 {
            self.never = true;
            return;
        }
        if let Some(reference) = members.get("$ref").and_then(Json::as_str) {
            match target(root, reference) {
                Some(target) => self.add(root, target, depth - 1),
                None => self.never = true,
            }
        }
        for part in members.get("allOf").and_then(Json::as_array).into_iter().flatten() {
            self.add(root, part, depth - 1);
        }
        for (keyword, exclusive) in [("oneOf", true), ("anyOf", false)] {
            if let Some(Json::Array(branches)) = members.get(keyword) {
                self.choices.push(Choice { branches, owner: members, exclusive });
            }
        }
        if let Some(types) = members.get("type") {
            self.types &= types_of(types);
            self.untyped = false;
        }
        self.layers.push(members);
    }

    /// The values of a keyword in all schemas.
    pub(super) fn each(&self, keyword: &'a str) -> impl Iterator<Item = &'a Json> + use<'a, '_> {
        self.layers.iter().filter_map(move |layer| layer.get(keyword))
    }

    /// The first text of a keyword.
    pub(super) fn text(&self, keyword: &'a str) -> Option<&'a str> {
        self.each(keyword).find_map(Json::as_str)
    }

    pub(super) fn flag(&self, keyword: &'a str) -> bool {
        self.each(keyword).any(|value| value == &Json::Bool(true))
    }

    /// The largest of a lower bound.
    pub(super) fn at_least(&self, keyword: &'a str) -> Option<usize> {
        self.each(keyword).filter_map(count).max()
    }

    /// The smallest of an upper bound.
    pub(super) fn at_most(&self, keyword: &'a str) -> Option<usize> {
        self.each(keyword).filter_map(count).min()
    }

    /// The values that `enum` and `const` leave; `None` when there is neither.
    pub(super) fn values(&self) -> Option<Vec<&'a Json>> {
        let constant = self.each("const").next();
        let first = self.each("enum").find_map(Json::as_array);
        match (constant, first) {
            (Some(one), _) => Some(vec![one]),
            (None, Some(several)) => Some(several.iter().collect()),
            (None, None) => None,
        }
    }

    pub(super) fn required(&self) -> BTreeSet<&'a str> {
        self.each("required").filter_map(Json::as_array).flatten().filter_map(Json::as_str).collect()
    }
}

/// A natural number, written `3` or `3.0`.
pub(super) fn count(value: &Json) -> Option<usize> {
    let whole = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0);
    value.as_u64().or_else(|| whole.map(|number| number as u64)).map(|number| number as usize)
}

pub(super) fn types_of(types: &Json) -> u8 {
    let bit = |name: &Json| match name.as_str() {
        Some("null") => kind::NULL,
        Some("boolean") => kind::BOOLEAN,
        Some("integer") => kind::INTEGER,
        Some("number") => kind::INTEGER | kind::FRACTION,
        Some("string") => kind::STRING,
        Some("array") => kind::ARRAY,
        Some("object") => kind::OBJECT,
        _ => 0,
    };
    match types {
        Json::Array(several) => several.iter().map(bit).fold(0, |all, one| all | one),
        one => bit(one),
    }
}
