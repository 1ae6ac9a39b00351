//! Arrays.

use serde_json::Value as Json;

use super::flat::{Flat, count};
use super::number::equal;
use super::walk::{SHALLOW, Walk};
use super::{Place, Size, plausible};
use crate::case::Value;

/// Items of one array that nobody asked for.
const USUAL: usize = 3;
/// Items of one array.
const MOST: usize = 200;

/// Every schema that the item at this index must satisfy.
pub(super) fn schemas_of<'a>(flat: &Flat<'a>, index: usize) -> Vec<&'a Json> {
    let mut schemas = Vec::new();
    for layer in &flat.layers {
        let prefix = layer.get("prefixItems").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        schemas.extend(prefix.get(index).or_else(|| layer.get("items")));
        if index >= prefix.len() && !layer.contains_key("items") {
            schemas.extend(layer.get("unevaluatedItems"));
        }
    }
    schemas
}

pub(super) fn draw<'a>(walk: &mut Walk<'a, '_>, flat: &Flat<'a>, at: &str, depth: usize) -> Option<Value> {
    let contains = flat.layers.iter().find_map(|layer| {
        let least = layer.get("minContains").and_then(count).unwrap_or(1);
        layer.get("contains").map(|schema| (schema, least))
    });
    let hits = contains.map_or(0, |(_, least)| least);
    let mut least = flat.at_least("minItems").unwrap_or(0).max(hits);
    let most = flat.at_most("maxItems").unwrap_or(usize::MAX);
    if walk.want.place == Place::Path {
        least = least.max(1);
    }
    if least > most || least > MOST {
        return None;
    }
    let some = walk.want.size != Size::Minimal && depth < SHALLOW;
    let prefix = flat.each("prefixItems").filter_map(Json::as_array).map(Vec::len).max().unwrap_or(0);
    let usual = most.min((least + USUAL).max(prefix));
    let length = match walk.source.int(0..=7) {
        _ if !some => least,
        5 => least,
        6 if most <= 20 => most,
        _ if walk.want.size == Size::Full => usual.max(least.max(1).min(most)),
        _ => least + walk.source.index(usual - least + 1),
    };
    let unique = flat.flag("uniqueItems");
    // Where the items that `contains` asks for go: first, or where the prefix leaves room.
    let first_hit = if prefix < length && prefix + hits <= length { prefix } else { 0 };
    let mut items: Vec<Value> = Vec::new();
    let mut seen: Vec<Json> = Vec::new();
    for index in 0..length {
        let mut schemas = schemas_of(flat, index);
        if let Some((schema, _)) = contains.filter(|_| (first_hit..first_hit + hits).contains(&index)) {
            schemas.push(schema);
        }
        let mut item = None;
        for _ in 0..if unique { 12 } else { 1 } {
            let drawn = walk.value(&schemas, &format!("{at}/{index}"), depth + 1);
            let plain = drawn.as_ref().map(plausible);
            if !unique || plain.as_ref().is_some_and(|plain| !seen.iter().any(|other| equal(other, plain))) {
                seen.extend(plain);
                item = drawn;
                break;
            }
        }
        match item {
            Some(item) => items.push(item),
            None if index >= least => break,
            None => return None,
        }
    }
    Some(Value::List(items))
}
