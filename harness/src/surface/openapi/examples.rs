//! Example values: `example`, `examples`, `default`.

use serde_json::Value as Json;

use super::document::{Documents, Node};

/// Values kept for one place, and the nodes of the largest.
const MAX_EXAMPLES: usize = 16;

/// The examples of a parameter, media type or header: `example`, then each of `examples`.
pub(super) fn of_place(documents: &Documents, at: &Node<'_>) -> Vec<Json> {
    let mut found: Vec<Json> = at.json.get("example").into_iter().cloned().collect();
    for (_, named) in at.get("examples").iter().flat_map(Node::members) {
        // An `externalValue` is not fetched, and a reference that leads nowhere is no example.
        let named = documents.follow(&named).ok();
        // `dataValue` is the name of 3.2 (OpenAPI 3.2, "Example Object").
        if let Some(value) = named.and_then(|named| named.json.get("value").or(named.json.get("dataValue"))) {
            add(&mut found, value);
        }
    }
    found
}

/// The examples of a schema itself.
pub(super) fn of_schema(documents: &Documents, at: &Node<'_>, found: &mut Vec<Json>) {
    let target = documents.follow(at).ok();
    for node in std::iter::once(at).chain(target.iter().filter(|target| target.pointer != at.pointer)) {
        found.extend(node.json.get("example").cloned());
        match node.json.get("examples") {
            Some(Json::Array(values)) => values.iter().for_each(|value| add(found, value)),
            // Not of this place, yet often written so.
            Some(Json::Object(named)) => {
                named.values().filter_map(|named| named.get("value")).for_each(|value| add(found, value));
            }
            _ => {}
        }
        if let Some(default) = node.json.get("default") {
            add(found, default);
        }
    }
    found.dedup();
}

fn add(found: &mut Vec<Json>, value: &Json) {
    if found.len() < MAX_EXAMPLES && !found.contains(value) {
        found.push(value.clone());
    }
}
