//! Objects.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::fits::declares;
use super::flat::{Flat, kind};
use super::walk::{BOTTOM, SHALLOW, Walk};
use super::{Size, plausible};
use crate::case::{Value, escape_token};
use crate::surface::pattern_matches;

/// Properties of one object.
const MAX_PROPERTIES: usize = 64;

/// Every schema that a property of this name must satisfy.
pub(super) fn schemas_of<'a>(flat: &Flat<'a>, name: &str) -> Vec<&'a Json> {
    let mut schemas = Vec::new();
    for layer in &flat.layers {
        schemas.extend(layer.get("properties").and_then(|properties| properties.get(name)));
        for (pattern, schema) in
            layer.get("patternProperties").and_then(Json::as_object).into_iter().flatten()
        {
            if pattern_matches(pattern, name) == Some(true) {
                schemas.push(schema);
            }
        }
        if let Some(others) = layer.get("additionalProperties").filter(|_| !declares(layer, name)) {
            schemas.push(others);
        }
    }
    if !flat.layers.iter().any(|layer| declares(layer, name)) {
        schemas.extend(flat.each("unevaluatedProperties").next());
    }
    schemas
}

pub(super) fn draw<'a>(
    walk: &mut Walk<'a, '_>,
    flat: &Flat<'a>,
    parts: &[&'a Json],
    at: &str,
    depth: usize,
) -> Option<Value> {
    let required = flat.required();
    let most = flat.at_most("maxProperties").unwrap_or(usize::MAX);
    let least = flat.at_least("minProperties").unwrap_or(0);
    if required.len() > most {
        return None;
    }
    let mut names: Vec<&'a str> = Vec::new();
    for properties in flat.each("properties").filter_map(Json::as_object) {
        for name in properties.keys() {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names.extend(required.iter().filter(|name| !names.contains(*name)).collect::<Vec<_>>());
    let mut present = chosen(walk, flat, &names, &required, depth);
    close(flat, &mut present);
    // Then what has to be there for the count.
    let optional: Vec<&'a str> = names.iter().copied().filter(|name| !present.contains(name)).collect();
    let start = walk.source.index(optional.len());
    for name in optional.iter().cycle().skip(start).take(optional.len()) {
        if present.len() >= least {
            break;
        }
        present.insert(name);
    }
    while present.len() > most {
        let spare: Vec<&'a str> = present.iter().copied().filter(|name| !required.contains(name)).collect();
        let name = *walk.source.pick(&spare)?;
        present.remove(name);
    }
    // Schemas that hold when a property is there: the whole object once more with them.
    let mut flat_with;
    let mut flat = flat;
    let dependent: Vec<&'a Json> = flat
        .each("dependentSchemas")
        .filter_map(Json::as_object)
        .flatten()
        .filter(|(name, _)| present.contains(name.as_str()))
        .map(|(_, schema)| schema)
        .collect();
    if !dependent.is_empty() {
        let mut all = parts.to_vec();
        all.extend(dependent);
        flat_with = Flat::of(walk.root, &all);
        for name in flat_with.required() {
            present.insert(name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        flat_with.untyped = false;
        flat = &flat_with;
    }
    let mut members: Vec<(String, Value)> = Vec::new();
    for name in names.iter().copied().filter(|name| present.contains(name)).take(MAX_PROPERTIES * 4) {
        let schemas = schemas_of(flat, name);
        match walk.value(&schemas, &format!("{at}/{}", escape_token(name)), depth + 1) {
            Some(value) => members.push((name.to_owned(), value)),
            None if flat.required().contains(name) => return None,
            None => {}
        }
    }
    extra(walk, flat, &mut members, (least, most), at, depth);
    (members.len() >= least).then_some(Value::Object(members))
}

/// The required properties and some of the others.
fn chosen<'a>(
    walk: &mut Walk<'a, '_>,
    flat: &Flat<'a>,
    names: &[&'a str],
    required: &BTreeSet<&'a str>,
    depth: usize,
) -> BTreeSet<&'a str> {
    let mut present = required.clone();
    for name in names {
        let wanted = match walk.want.size {
            Size::Minimal => false,
            // Far down, seldom: often enough to be tried, and too seldom for a tree that never ends.
            Size::Random if (SHALLOW..BOTTOM).contains(&depth) => walk.source.ratio(1, 6),
            _ if depth >= SHALLOW => false,
            Size::Random => walk.source.ratio(1, 2),
            Size::Full => true,
        };
        if wanted && !present.contains(name) {
            let property = Flat::of(walk.root, &schemas_of(flat, name));
            if !property.never && property.types != 0 && !property.flag("readOnly") {
                present.insert(name);
            }
        }
    }
    present
}

/// Adds what `dependentRequired` asks for.
fn close<'a>(flat: &Flat<'a>, present: &mut BTreeSet<&'a str>) {
    loop {
        let before = present.len();
        for (name, needs) in flat.each("dependentRequired").filter_map(Json::as_object).flatten() {
            if present.contains(name.as_str()) {
                present.extend(needs.as_array().into_iter().flatten().filter_map(Json::as_str));
            }
        }
        if present.len() == before {
            return;
        }
    }
}

/// Properties that are not declared: where a schema describes them, or the count asks for them.
fn extra<'a>(
    walk: &mut Walk<'a, '_>,
    flat: &Flat<'a>,
    members: &mut Vec<(String, Value)>,
    (least, most): (usize, usize),
    at: &str,
    depth: usize,
) {
    let patterns: Vec<&'a str> = flat
        .each("patternProperties")
        .filter_map(Json::as_object)
        .flatten()
        .map(|(pattern, _)| pattern.as_str())
        .collect();
    let described = flat.each("additionalProperties").any(Json::is_object);
    let some = walk.want.size != Size::Minimal && depth < SHALLOW;
    let mut wanted = members.len();
    for _ in patterns.iter().take(4) {
        wanted += usize::from(some && walk.source.ratio(1, 2));
    }
    if some && described {
        wanted += walk.source.index(3);
    }
    // Now and then as many as are allowed.
    if some && (described || !patterns.is_empty()) && most <= 12 && walk.source.ratio(1, 8) {
        wanted = most;
    }
    let wanted = wanted.max(least).min(most).min(MAX_PROPERTIES);
    let mut tries = 4 * wanted + 8;
    while members.len() < wanted
        && tries > 0
        && !(walk.source.exhausted() && members.len() >= least && tries < 4)
    {
        tries -= 1;
        let Some(name) = name(walk, flat, &patterns, described, tries) else { continue };
        if members.iter().any(|(other, _)| *other == name)
            || !walk.want.place.carries(&Json::String(name.clone()))
        {
            continue;
        }
        let schemas = schemas_of(flat, &name);
        let property = Flat::of(walk.root, &schemas);
        if property.never || property.types == 0 {
            continue;
        }
        if let Some(value) = walk.value(&schemas, &format!("{at}/{}", escape_token(&name)), depth + 1) {
            members.push((name, value));
        }
    }
}

/// A name for an undeclared property.
fn name<'a>(
    walk: &mut Walk<'a, '_>,
    flat: &Flat<'a>,
    patterns: &[&'a str],
    described: bool,
    number: usize,
) -> Option<String> {
    let ruled: Vec<&'a Json> = flat.each("propertyNames").collect();
    if !ruled.is_empty() && (patterns.is_empty() || walk.source.ratio(1, 2)) {
        let flat = Flat::of(walk.root, &ruled);
        let want = walk.want;
        // A name is text that is never fresh.
        walk.want.fresh = false;
        let drawn = match flat.types & kind::STRING {
            0 => None,
            _ if flat.untyped && flat.values().is_none() => super::string::draw(walk, &flat, ""),
            _ => walk.value(&ruled, "", SHALLOW),
        };
        walk.want = want;
        return drawn.map(|name| plausible(&name)).and_then(|name| name.as_str().map(str::to_owned));
    }
    let ruled_by_pattern = !patterns.is_empty() && (!described || walk.source.ratio(1, 2));
    if ruled_by_pattern {
        let pattern = *walk.source.pick(patterns)?;
        return super::pattern::draw(pattern, 0, walk.source);
    }
    let len = 3 + walk.source.index(6);
    let stem = walk.source.text_of(b"abcdefghijklmnoprstuvw", len);
    // A dry source still gives different names.
    Some(if walk.source.exhausted() { format!("{stem}{number}") } else { stem })
}
