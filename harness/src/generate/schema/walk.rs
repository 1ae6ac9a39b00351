//! The walk down a schema.

use serde_json::Value as Json;

use super::fits::fits;
use super::flat::{Choice, Flat, kind};
use super::harmless::harmless;
use super::{Examples, Size, Want, array, number, object, plausible, string};
use crate::case::{Value, escape_token};
use crate::generate::Source;

/// Schemas that one attempt may visit.
const EFFORT: u32 = 3_000;
/// From here on only what is required is made, by the shortest way.
pub(super) const SHALLOW: usize = 4;
/// And from here on nothing else at all.
pub(super) const BOTTOM: usize = 8;
/// Here it ends.
const DEEPEST: usize = 40;
/// Parts that are resolved into one value.
const MAX_PARTS: usize = 64;

pub(super) struct Walk<'a, 's> {
    pub(super) root: &'a Json,
    pub(super) want: Want<'s>,
    pub(super) source: &'s mut dyn Source,
    /// Which attempt this is: later ones try harder.
    pub(super) attempt: u32,
    effort: u32,
}

/// One attempt at a value.
pub(super) fn attempt(root: &Json, want: Want<'_>, attempt: u32, source: &mut dyn Source) -> Option<Value> {
    Walk { root, want, source, attempt, effort: EFFORT }.value(&[root], "", 0)
}

/// The value with fresh leaves wherever a generated one would have them.
pub(super) fn freshened(root: &Json, want: Want<'_>, mut value: Value) -> Value {
    freshen(root, want, &[root], &mut value, "", 0);
    value
}

fn freshen<'a>(root: &'a Json, want: Want<'_>, all: &[&'a Json], value: &mut Value, at: &str, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let mut parts = all.to_vec();
    let plain = plausible(value);
    // The branches that this very value takes.
    let mut flat = Flat::of(root, &parts);
    let mut done = 0;
    while done < flat.choices.len() && parts.len() < MAX_PARTS {
        parts.extend(flat.choices[done].branches.iter().find(|branch| fits(root, branch, &plain)));
        done += 1;
        flat = Flat::of(root, &parts);
    }
    match value {
        Value::Text(_) => {
            if let Some(fresh) = string::fresh(&flat, want, at).filter(|_| flat.types & kind::STRING != 0) {
                *value = fresh;
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let schemas = object::schemas_of(&flat, name);
                freshen(root, want, &schemas, member, &format!("{at}/{}", escape_token(name)), depth + 1);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let schemas = array::schemas_of(&flat, index);
                freshen(root, want, &schemas, item, &format!("{at}/{index}"), depth + 1);
            }
        }
        _ => {}
    }
}

impl<'a> Walk<'a, '_> {
    /// A value that satisfies all of these.
    pub(super) fn value(&mut self, all: &[&'a Json], at: &str, depth: usize) -> Option<Value> {
        let mut last = None;
        for _ in 0..6 {
            self.effort = self.effort.checked_sub(1)?;
            if depth > DEEPEST {
                return None;
            }
            let (parts, tags) = self.resolved(all, depth)?;
            let flat = Flat::of(self.root, &parts);
            if flat.never || flat.types == 0 {
                continue;
            }
            let Some(mut value) = self.made(&flat, &parts, at, depth) else {
                if self.source.exhausted() {
                    return None;
                }
                continue;
            };
            for (property, name) in tags {
                self.tag(&flat, &mut value, property, &name);
            }
            let checked = flat.choices.iter().any(|choice| choice.exclusive)
                || flat.layers.iter().any(|layer| {
                    ["not", "if", "dependentSchemas", "contains"].iter().any(|it| layer.contains_key(*it))
                });
            if !checked || self.satisfies(all, &plausible(&value)) {
                return Some(value);
            }
            last = Some(value);
            if self.source.exhausted() {
                break;
            }
        }
        // The real validator has the last word.
        last
    }

    pub(super) fn satisfies(&self, all: &[&'a Json], value: &Json) -> bool {
        all.iter().all(|schema| fits(self.root, schema, value))
    }

    /// The schemas with one branch of every choice, and what the discriminators of the choices say.
    #[expect(clippy::type_complexity, reason = "used once, beside its only caller")]
    fn resolved(
        &mut self,
        all: &[&'a Json],
        depth: usize,
    ) -> Option<(Vec<&'a Json>, Vec<(&'a str, String)>)> {
        let mut parts = all.to_vec();
        let mut tags = Vec::new();
        let mut chosen: Vec<*const [Json]> = Vec::new();
        let mut decided: Vec<*const Json> = Vec::new();
        loop {
            let flat = Flat::of(self.root, &parts);
            if parts.len() > MAX_PARTS {
                return None;
            }
            let choice =
                flat.choices.iter().find(|choice| !chosen.contains(&std::ptr::from_ref(choice.branches)));
            if let Some(&choice) = choice {
                chosen.push(std::ptr::from_ref(choice.branches));
                let branch = self.branch(&parts, choice, depth)?;
                parts.push(branch);
                tags.extend(tag_of(choice, branch));
                continue;
            }
            let condition = flat.layers.iter().find_map(|layer| {
                let condition = layer.get("if")?;
                (!decided.contains(&std::ptr::from_ref(condition))).then_some((condition, *layer))
            });
            let Some((condition, layer)) = condition else { return Some((parts, tags)) };
            decided.push(std::ptr::from_ref(condition));
            if self.source.ratio(1, 2) {
                parts.push(condition);
                parts.extend(layer.get("then"));
            } else {
                parts.extend(layer.get("else"));
            }
        }
    }

    /// A branch that is not in contradiction with the rest: any, or deep down the shallowest.
    fn branch(&mut self, parts: &[&'a Json], choice: Choice<'a>, depth: usize) -> Option<&'a Json> {
        let start = self.source.index(choice.branches.len());
        let (before, after) = choice.branches.split_at(start);
        let mut order: Vec<&'a Json> = after.iter().chain(before).collect();
        if depth >= SHALLOW {
            let mut fuel = 400;
            order.sort_by_cached_key(|branch| self.height(branch, &mut fuel, 0));
        }
        order.into_iter().find(|branch| {
            let mut with = parts.to_vec();
            with.push(branch);
            let flat = Flat::of(self.root, &with);
            !flat.never && flat.types != 0
        })
    }

    /// About how deep the smallest value of a schema is.
    fn height(&self, schema: &'a Json, fuel: &mut u32, depth: u32) -> u32 {
        if *fuel == 0 || depth > 8 {
            return 100;
        }
        *fuel -= 1;
        let flat = Flat::of(self.root, &[schema]);
        let mut highest = 0;
        for choice in &flat.choices {
            let lowest = choice.branches.iter().map(|branch| self.height(branch, fuel, depth + 1)).min();
            highest = highest.max(lowest.unwrap_or(0));
        }
        if flat.values().is_some() || flat.types & !(kind::ARRAY | kind::OBJECT) != 0 && !flat.untyped {
            return highest;
        }
        for name in flat.required() {
            for schema in object::schemas_of(&flat, name) {
                highest = highest.max(1 + self.height(schema, fuel, depth + 1));
            }
        }
        if flat.at_least("minItems").is_some_and(|least| least > 0) {
            for schema in array::schemas_of(&flat, 0) {
                highest = highest.max(1 + self.height(schema, fuel, depth + 1));
            }
        }
        highest
    }

    fn made(&mut self, flat: &Flat<'a>, parts: &[&'a Json], at: &str, depth: usize) -> Option<Value> {
        if let Some(values) = flat.values() {
            let start = self.source.index(values.len());
            let (before, after) = values.split_at(start);
            let mut order = after.iter().chain(before);
            return order
                .find(|value| self.satisfies(parts, value))
                .map(|value| Value::from((*value).clone()));
        }
        if let Some(example) = self.example(flat, parts, depth) {
            return Some(example);
        }
        let kinds = self.kinds(flat, depth);
        // Nothing is rarely what a caller means.
        let kinds = if kinds.len() > 1 && self.source.ratio(5, 6) {
            kinds.into_iter().filter(|one| *one != kind::NULL).collect()
        } else {
            kinds
        };
        match *self.source.pick(&kinds)? {
            kind::NULL => Some(Value::Null),
            kind::BOOLEAN => Some(Value::Bool(self.source.ratio(1, 2))),
            kind::INTEGER => number::draw(flat, true, self.source).map(Value::from),
            kind::FRACTION => number::draw(flat, false, self.source).map(Value::from),
            kind::STRING => string::draw(self, flat, at),
            kind::ARRAY => array::draw(self, flat, at, depth),
            _ => object::draw(self, flat, parts, at, depth),
        }
    }

    /// An example of this very part, in a third of the draws; never instead of something fresh.
    fn example(&mut self, flat: &Flat<'a>, parts: &[&'a Json], depth: usize) -> Option<Value> {
        if self.want.examples == Examples::Never
            || self.want.fresh
            || depth == 0
            || self.want.size == Size::Full
        {
            return None;
        }
        let listed = flat.each("examples").filter_map(Json::as_array).flatten();
        let known: Vec<&Json> = listed.chain(flat.each("default")).collect();
        if known.is_empty() || !self.want.examples.draws(self.source) {
            return None;
        }
        let example = harmless(Value::from((*self.source.pick(&known)?).clone()));
        let plain = plausible(&example);
        let fits = self.satisfies(parts, &plain) && self.want.place.carries(&plain);
        (fits && self.want.place.can_carry(&plain)).then_some(example)
    }

    /// The types to choose from.
    fn kinds(&self, flat: &Flat<'a>, depth: usize) -> Vec<u8> {
        let body = self.want.place == super::Place::Body;
        let mut types = flat.types;
        if flat.untyped {
            types &= implied(flat).unwrap_or(if body {
                kind::STRING | kind::INTEGER | kind::BOOLEAN
            } else {
                kind::STRING
            });
        }
        if types & kind::FRACTION != 0 {
            types &= !kind::INTEGER;
        }
        if !body {
            let nested = if depth > 0 { kind::ARRAY | kind::OBJECT } else { 0 };
            types &= !(kind::NULL | nested);
        }
        if depth >= SHALLOW && types & !(kind::ARRAY | kind::OBJECT) != 0 {
            types &= !(kind::ARRAY | kind::OBJECT);
        }
        (0..7).map(|bit| 1 << bit).filter(|bit| types & bit != 0).collect()
    }

    /// Writes what a discriminator says where the schemas let it.
    fn tag(&self, flat: &Flat<'a>, value: &mut Value, property: &str, name: &str) {
        let Value::Object(members) = value else { return };
        let tag = Json::String(name.to_owned());
        if !self.satisfies(&object::schemas_of(flat, property), &tag) {
            return;
        }
        let open = !flat.layers.iter().any(|layer| {
            layer.get("additionalProperties") == Some(&Json::Bool(false))
                && !super::fits::declares(layer, property)
        });
        match members.iter_mut().find(|(key, _)| key == property) {
            Some((_, old)) => *old = Value::from(tag),
            None if open => members.push((property.to_owned(), Value::from(tag))),
            None => {}
        }
    }
}

/// The type that keywords imply where none is named.
fn implied(flat: &Flat<'_>) -> Option<u8> {
    let has = |keywords: &[&str]| {
        flat.layers.iter().any(|layer| keywords.iter().any(|keyword| layer.contains_key(*keyword)))
    };
    match () {
        () if has(&[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "minProperties",
        ]) || has(&["propertyNames", "dependentRequired", "dependentSchemas", "maxProperties"]) =>
        {
            Some(kind::OBJECT)
        }
        () if has(&["items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"]) => {
            Some(kind::ARRAY)
        }
        () if has(&["pattern", "minLength", "maxLength", "format"]) => Some(kind::STRING),
        () if has(&["multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) => {
            Some(kind::INTEGER | kind::FRACTION)
        }
        () => None,
    }
}

/// The property and the value by which a discriminator tells that this branch was taken.
fn tag_of<'a>(choice: Choice<'a>, branch: &'a Json) -> Option<(&'a str, String)> {
    let discriminator = choice.owner.get("discriminator")?;
    let property = discriminator.get("propertyName")?.as_str()?;
    let name = branch.get("$ref")?.as_str()?.rsplit('/').next()?;
    let mapping = discriminator.get("mapping").and_then(Json::as_object).into_iter().flatten();
    let mapped = mapping
        .into_iter()
        .find(|(_, target)| target.as_str().and_then(|target| target.rsplit('/').next()) == Some(name));
    Some((property, mapped.map_or(name, |(value, _)| value).to_owned()))
}
