//! A small validator for the choices on the way: it judges parts that the real one is not compiled for.
//!
//! It may be wrong in rare corners, since every finished value goes through the real one.

use serde_json::{Map, Value as Json};

use super::flat::{count, target, types_of};
use super::number;
use crate::surface::pattern_matches;

/// Schemas that one question may visit.
const EFFORT: usize = 4_000;

/// Whether the value satisfies the schema.
pub(super) fn fits(root: &Json, schema: &Json, value: &Json) -> bool {
    Judge { root, effort: EFFORT }.fits(schema, value, 0)
}

struct Judge<'a> {
    root: &'a Json,
    effort: usize,
}

impl Judge<'_> {
    fn fits(&mut self, schema: &Json, value: &Json, depth: usize) -> bool {
        self.effort = self.effort.saturating_sub(1);
        if self.effort == 0 || depth > 64 {
            return true;
        }
        let Json::Object(members) = schema else { return schema != &Json::Bool(false) };
        members.iter().all(|(keyword, wanted)| self.keyword(members, keyword, wanted, value, depth + 1))
    }

    fn keyword(
        &mut self,
        schema: &Map<String, Json>,
        keyword: &str,
        wanted: &Json,
        value: &Json,
        depth: usize,
    ) -> bool {
        let list = wanted.as_array();
        match (keyword, value) {
            ("$ref", _) => match wanted.as_str().and_then(|reference| target(self.root, reference)) {
                Some(target) => self.fits(target, value, depth),
                None => false,
            },
            ("type", _) => types_of(wanted) & number::kind_of(value) != 0,
            ("enum", _) => list.is_some_and(|list| list.iter().any(|item| number::equal(item, value))),
            ("const", _) => number::equal(wanted, value),
            ("allOf", _) => list.into_iter().flatten().all(|part| self.fits(part, value, depth)),
            ("anyOf", _) => list.into_iter().flatten().any(|part| self.fits(part, value, depth)),
            ("oneOf", _) => {
                let parts = list.into_iter().flatten();
                parts.filter(|part| self.fits(part, value, depth)).take(2).count() == 1
            }
            ("not", _) => !self.fits(wanted, value, depth),
            ("if", _) => {
                let branch = if self.fits(wanted, value, depth) { "then" } else { "else" };
                schema.get(branch).is_none_or(|branch| self.fits(branch, value, depth))
            }
            (_, Json::String(text)) => match keyword {
                "minLength" => count(wanted).is_none_or(|least| text.chars().count() >= least),
                "maxLength" => count(wanted).is_none_or(|most| text.chars().count() <= most),
                "pattern" => wanted.as_str().is_none_or(|it| pattern_matches(it, text).unwrap_or(true)),
                _ => true,
            },
            (_, Json::Number(_)) => number::fits(keyword, wanted, value),
            (_, Json::Array(items)) => self.array(schema, keyword, wanted, items, depth),
            (_, Json::Object(members)) => self.object(schema, keyword, wanted, members, depth),
            _ => true,
        }
    }

    fn array(
        &mut self,
        schema: &Map<String, Json>,
        keyword: &str,
        wanted: &Json,
        items: &[Json],
        depth: usize,
    ) -> bool {
        let prefix = schema.get("prefixItems").and_then(Json::as_array).map_or(0, Vec::len);
        match keyword {
            "minItems" => count(wanted).is_none_or(|least| items.len() >= least),
            "maxItems" => count(wanted).is_none_or(|most| items.len() <= most),
            "uniqueItems" => wanted != &Json::Bool(true) || unique(items),
            "items" => items.iter().skip(prefix).all(|item| self.fits(wanted, item, depth)),
            "prefixItems" => {
                let pairs = wanted.as_array().into_iter().flatten().zip(items);
                pairs.into_iter().all(|(schema, item)| self.fits(schema, item, depth))
            }
            "contains" => {
                let hits = items.iter().filter(|item| self.fits(wanted, item, depth)).count();
                hits >= schema.get("minContains").and_then(count).unwrap_or(1)
                    && hits <= schema.get("maxContains").and_then(count).unwrap_or(usize::MAX)
            }
            _ => true,
        }
    }

    fn object(
        &mut self,
        schema: &Map<String, Json>,
        keyword: &str,
        wanted: &Json,
        members: &Map<String, Json>,
        depth: usize,
    ) -> bool {
        let named = wanted.as_object();
        let has = |names: &Json| {
            let mut names = names.as_array().into_iter().flatten().filter_map(Json::as_str);
            names.all(|name| members.contains_key(name))
        };
        match keyword {
            "required" => has(wanted),
            "minProperties" => count(wanted).is_none_or(|least| members.len() >= least),
            "maxProperties" => count(wanted).is_none_or(|most| members.len() <= most),
            "properties" => named.into_iter().flatten().all(|(name, property)| {
                members.get(name).is_none_or(|value| self.fits(property, value, depth))
            }),
            "patternProperties" => named.into_iter().flatten().all(|(pattern, property)| {
                let mut matching =
                    members.iter().filter(|(name, _)| pattern_matches(pattern, name) == Some(true));
                matching.all(|(_, value)| self.fits(property, value, depth))
            }),
            "additionalProperties" => {
                let mut others = members.iter().filter(|(name, _)| !declares(schema, name));
                others.all(|(_, value)| self.fits(wanted, value, depth))
            }
            "propertyNames" => {
                members.keys().all(|name| self.fits(wanted, &Json::String(name.clone()), depth))
            }
            "dependentRequired" => {
                named.into_iter().flatten().all(|(name, needs)| !members.contains_key(name) || has(needs))
            }
            "dependentSchemas" => named.into_iter().flatten().all(|(name, schema)| {
                let whole = || Json::Object(members.clone());
                !members.contains_key(name) || self.fits(schema, &whole(), depth)
            }),
            _ => true,
        }
    }
}

/// Whether `properties` or `patternProperties` of this very schema speak of the name.
pub(super) fn declares(schema: &Map<String, Json>, name: &str) -> bool {
    let patterns = schema.get("patternProperties").and_then(Json::as_object).into_iter().flatten();
    schema.get("properties").is_some_and(|properties| properties.get(name).is_some())
        || patterns.into_iter().any(|(pattern, _)| pattern_matches(pattern, name) == Some(true))
}

pub(super) fn unique(items: &[Json]) -> bool {
    items.iter().enumerate().all(|(at, item)| items[..at].iter().all(|other| !number::equal(other, item)))
}
