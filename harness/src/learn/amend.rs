//! Finding a place in a schema and changing what stands there. References on the way are written out, so that
//! other users of a definition keep it as it is.

use serde_json::{Map, Value as Json};

use super::names;
use super::path::{is_index, same};

/// Nodes that one change may visit.
const EFFORT: u32 = 300;
/// Compositions within each other at one level.
const NESTED: u32 = 5;
const PARTS: &[&str] = &["allOf", "anyOf", "oneOf"];

/// A schema that is being changed, and the definitions as they were.
pub(super) struct Amend<'a> {
    pub(super) definitions: &'a Json,
    effort: u32,
}

impl<'a> Amend<'a> {
    pub(super) fn new(definitions: &'a Json) -> Self {
        Self { definitions, effort: EFFORT }
    }

    /// Calls `change` with every schema of this place, branches included. Whether there was one.
    pub(super) fn visit(
        &mut self,
        node: &mut Json,
        tokens: &[String],
        change: &mut dyn FnMut(&mut Map<String, Json>),
    ) -> bool {
        self.step(node, tokens, NESTED, change)
    }

    fn step(
        &mut self,
        node: &mut Json,
        tokens: &[String],
        nested: u32,
        change: &mut dyn FnMut(&mut Map<String, Json>),
    ) -> bool {
        if self.effort == 0 {
            return false;
        }
        self.effort -= 1;
        let Some(map) = self.written_out(node) else { return false };
        let Some((token, rest)) = tokens.split_first() else {
            change(map);
            return true;
        };
        let mut found = false;
        if is_index(token) {
            for name in ["items", "additionalItems"] {
                if let Some(items) = map.get_mut(name).filter(|items| **items != Json::Bool(false)) {
                    found |= self.step(items, rest, NESTED, change);
                }
            }
            for item in map.get_mut("prefixItems").and_then(Json::as_array_mut).into_iter().flatten() {
                found |= self.step(item, rest, NESTED, change);
            }
        }
        let properties = map.get_mut("properties").and_then(Json::as_object_mut);
        if let Some(property) = properties.and_then(|properties| {
            let name = resolved(properties, token)?;
            properties.get_mut(&name)
        }) {
            found |= self.step(property, rest, NESTED, change);
        }
        // Go's paths leave the index out.
        let is_list = map.contains_key("items") && !map.contains_key("properties");
        if let Some(items) = map.get_mut("items").filter(|_| is_list && !is_index(token)) {
            found |= self.step(items, tokens, NESTED, change);
        }
        for part in PARTS {
            let branches = map.get_mut(*part).and_then(Json::as_array_mut).into_iter().flatten();
            if nested > 0 {
                branches.for_each(|branch| found |= self.step(branch, tokens, nested - 1, change));
            }
        }
        found
    }

    /// The place of a field, as the schema spells it: a prefix that the schema does not know is left out.
    pub(super) fn spelled(&mut self, node: &mut Json, tokens: &[String]) -> Vec<String> {
        let knows = |amend: &mut Self, node: &mut Json, tokens: &[String]| {
            amend.effort = EFFORT;
            amend.visit(node, tokens, &mut |_| {})
        };
        if tokens.is_empty() || knows(self, node, &tokens[..1]) {
            return tokens.to_vec();
        }
        // JSON:API points into a document that the request may not be; others name the method or the model first.
        for skip in 1..tokens.len().min(3) {
            if !is_index(&tokens[skip]) && knows(self, node, &tokens[skip..=skip]) {
                return tokens[skip..].to_vec();
            }
        }
        match tokens {
            [data, attributes, rest @ ..] if data == "data" && attributes == "attributes" => rest.to_vec(),
            _ => tokens.to_vec(),
        }
    }

    /// Makes sure that the place exists: what is missing is made by its name.
    pub(super) fn ensure(&mut self, node: &mut Json, tokens: &[String]) {
        for end in 1..=tokens.len() {
            self.effort = EFFORT;
            if self.visit(node, &tokens[..end], &mut |_| {}) {
                continue;
            }
            let token = &tokens[end - 1];
            let leads_on = tokens.get(end);
            self.effort = EFFORT;
            self.visit(node, &tokens[..end - 1], &mut |map| make(map, token, leads_on.is_some()));
        }
    }

    /// The node as an object, with its reference written out.
    fn written_out<'n>(&self, node: &'n mut Json) -> Option<&'n mut Map<String, Json>> {
        if !node.is_object() {
            *node = Json::Object(Map::new());
        }
        for _ in 0..8 {
            let Some(reference) = node.get("$ref").and_then(Json::as_str) else { break };
            let target = reference.strip_prefix('#').and_then(|pointer| self.definitions.pointer(pointer));
            let mut whole = target.and_then(Json::as_object).cloned().unwrap_or_default();
            whole.remove("$defs");
            let map = node.as_object_mut()?;
            map.remove("$ref");
            for (key, value) in std::mem::take(map) {
                whole.insert(key, value);
            }
            *map = whole;
        }
        node.as_object_mut()
    }
}

/// A new property or item of a schema.
fn make(map: &mut Map<String, Json>, token: &str, leads_on: bool) {
    let child = || Json::Object(if leads_on { Map::new() } else { names::schema(token) });
    if is_index(token) {
        become_kind(map, "array");
        map.insert("items".to_owned(), Json::Object(if leads_on { Map::new() } else { names::schema("") }));
        return;
    }
    // A choice decides for itself what its values have.
    if PARTS.iter().any(|part| *part != "allOf" && map.contains_key(*part)) && !map.contains_key("properties")
    {
        return;
    }
    become_kind(map, "object");
    let properties = map.entry("properties").or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(properties) = properties {
        let name = styled(token, properties);
        properties.entry(name).or_insert_with(child);
    }
}

/// Gives a schema one type; what is about other types goes.
pub(super) fn become_kind(map: &mut Map<String, Json>, kind: &str) {
    let has = |types: &Json| match types {
        Json::Array(several) => several.iter().any(|one| one == kind),
        one => one == kind,
    };
    if !map.get("type").is_some_and(has) {
        // An object without a type, or a list without one, is what its keywords say.
        let keeps: &[&str] = match kind {
            "object" => &["properties", "required", "additionalProperties", "allOf", "anyOf", "oneOf"],
            "array" => &["items", "minItems", "maxItems", "prefixItems"],
            _ => &[],
        };
        map.retain(|key, _| {
            ["title", "description", "$defs", "readOnly", "writeOnly"].contains(&key.as_str())
                || keeps.contains(&key.as_str())
        });
    }
    map.insert("type".to_owned(), kind.into());
}

/// The property that a name means: spelled so, or but for case and separators, or by its reference.
pub(super) fn resolved(properties: &Map<String, Json>, token: &str) -> Option<String> {
    if properties.contains_key(token) {
        return Some(token.to_owned());
    }
    let by = |wanted: &str| properties.keys().find(|name| same(name, wanted)).cloned();
    by(token).or_else(|| by(&format!("{token}id")))
}

/// The name of a new property, in the style of its neighbours: .NET and Go name their own fields.
fn styled(token: &str, properties: &Map<String, Json>) -> String {
    let is_pascal = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    if !is_pascal(token) || properties.keys().any(|name| is_pascal(name)) {
        return token.to_owned();
    }
    let snake = properties.keys().any(|name| name.contains('_'));
    let mut name = String::new();
    let mut before = 'A';
    for c in token.chars() {
        if snake && c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            name.push('_');
        }
        let small = snake || before.is_ascii_uppercase() && name.chars().all(|c| c.is_ascii_lowercase());
        name.push(if small { c.to_ascii_lowercase() } else { c });
        before = c;
    }
    name
}
