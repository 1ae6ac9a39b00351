//! What an answer holds beyond its documented properties.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

/// How deep is looked, and at how many rows of a list.
const DEEP: usize = 12;
const ROWS: usize = 20;

/// An object of an answer with members that the document does not name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Gap {
    /// Where the object stands: names, and `[]` for any row.
    pub(super) at: String,
    /// The name of its schema, where it has one.
    pub(super) component: Option<String>,
    /// The documented names.
    pub(super) documented: BTreeSet<String>,
    /// The others, each with one value.
    pub(super) extra: BTreeMap<String, Json>,
}

/// Keywords by which other schemas have a say in an object's properties.
const SAYS_MORE: &[&str] = &[
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "if",
    "not",
    "dependentSchemas",
    "allOf",
    "oneOf",
    "anyOf",
];

type Map = serde_json::Map<String, Json>;

/// Properties by name, each with the schemas that it may have.
type Known<'s> = BTreeMap<&'s str, Vec<&'s Json>>;

/// Every gap of an answer. Where a schema is open, or names no property, there is none.
pub(super) fn gaps(schema: &Json, answer: &Json) -> Vec<Gap> {
    let mut walk = Walk { root: schema, closed: false, gaps: BTreeMap::new() };
    walk.value(&[schema], answer, &mut Vec::new());
    walk.gaps.into_values().collect()
}

/// Whether the document names properties anywhere in this schema's objects.
pub(super) fn is_closed(schema: &Json, answer: &Json) -> bool {
    let mut walk = Walk { root: schema, closed: false, gaps: BTreeMap::new() };
    walk.value(&[schema], answer, &mut Vec::new());
    walk.closed
}

/// The members of the objects at a place that are not among these names.
pub(super) fn undocumented(answer: &Json, at: &str, names: &BTreeSet<String>) -> BTreeMap<String, Json> {
    let mut found = BTreeMap::new();
    let tokens: Vec<_> = at.split('/').skip(1).collect();
    visit(answer, &tokens, &mut |members| {
        for (name, value) in members {
            if !names.contains(name) && !is_of_the_format(name) {
                found.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    });
    found
}

fn visit(json: &Json, tokens: &[&str], to: &mut dyn FnMut(&Map)) {
    match (json, tokens.split_first()) {
        (Json::Object(members), None) => to(members),
        (Json::Array(items), Some((&"[]", rest))) => {
            items.iter().take(ROWS).for_each(|item| visit(item, rest, to));
        }
        (Json::Object(members), Some((name, rest))) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            if let Some(member) = members.get(&name) {
                visit(member, rest, to);
            }
        }
        _ => {}
    }
}

/// Names that hypermedia formats give a meaning of their own.
fn is_of_the_format(name: &str) -> bool {
    name.starts_with(['@', '$']) || matches!(name, "_links" | "_embedded" | "_meta" | "__typename")
}

/// Any row of a list, in a place.
const ROW: &str = "[]";

/// A place as text: names, and `[]` for any row.
fn pointer(at: &[&str]) -> String {
    at.iter().fold(String::new(), |path, name| path + "/" + &crate::case::escape_token(name))
}

/// The documented names of an object.
enum Names<'s> {
    Plain(&'s Map),
    Gathered(Known<'s>),
}

impl<'s> Names<'s> {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Plain(properties) => properties.contains_key(name),
            Self::Gathered(known) => known.contains_key(name),
        }
    }

    /// The schemas that a property may have.
    fn schemas(&self, name: &str) -> Cow<'_, [&'s Json]> {
        match self {
            Self::Plain(properties) => properties.get(name).into_iter().collect(),
            Self::Gathered(known) => known.get(name).map_or(Cow::default(), |all| Cow::Borrowed(all)),
        }
    }

    fn names(&self) -> BTreeSet<String> {
        match self {
            Self::Plain(properties) => properties.keys().cloned().collect(),
            Self::Gathered(known) => known.keys().map(|name| (*name).to_owned()).collect(),
        }
    }
}

struct Walk<'s> {
    root: &'s Json,
    /// An object was seen whose properties are documented.
    closed: bool,
    gaps: BTreeMap<String, Gap>,
}

impl<'s> Walk<'s> {
    fn value<'j>(&mut self, schemas: &[&'s Json], json: &'j Json, at: &mut Vec<&'j str>) {
        let depth = at.len();
        if depth > DEEP {
            return;
        }
        match json {
            Json::Object(members) => {
                let Some(known) = self.known(schemas, depth) else { return };
                self.closed = true;
                for (name, value) in members {
                    if known.has(name) {
                        if matches!(value, Json::Object(_) | Json::Array(_)) {
                            at.push(name);
                            self.value(&known.schemas(name), value, at);
                            at.pop();
                        }
                    } else if !is_of_the_format(name) {
                        let gap = self.gaps.entry(pointer(at)).or_insert_with(|| Gap {
                            at: pointer(at),
                            component: schemas.first().and_then(|schema| component(schema)),
                            documented: known.names(),
                            extra: BTreeMap::new(),
                        });
                        gap.extra.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
            }
            Json::Array(items) => {
                let mut rows = Vec::new();
                for schema in schemas {
                    self.items(schema, depth, &mut rows);
                }
                if rows.is_empty() {
                    return;
                }
                at.push(ROW);
                items.iter().take(ROWS).for_each(|item| self.value(&rows, item, at));
                at.pop();
            }
            _ => {}
        }
    }

    /// The documented names of an object; `None` when there are none, or when it may have others.
    fn known(&self, schemas: &[&'s Json], depth: usize) -> Option<Names<'s>> {
        if let [schema] = schemas
            && let Some(properties) = self.plain(schema)
        {
            return (!properties.is_empty()).then_some(Names::Plain(properties));
        }
        let mut known = Known::new();
        let closed = schemas.iter().all(|schema| self.properties(schema, depth, &mut known));
        (closed && !known.is_empty()).then_some(Names::Gathered(known))
    }

    /// The properties of a schema that is nothing but these, as most are: no other schema has a say.
    fn plain(&self, schema: &'s Json) -> Option<&'s Map> {
        let mut schema = schema;
        for _ in 0..DEEP {
            let members = schema.as_object()?;
            if members.keys().any(|keyword| SAYS_MORE.contains(&keyword.as_str())) {
                return None;
            }
            match (members.get("$ref"), members.get("properties")) {
                (Some(_), None) => schema = self.resolve(schema)?,
                (None, Some(properties)) => return properties.as_object(),
                _ => return None,
            }
        }
        None
    }

    fn resolve(&self, schema: &'s Json) -> Option<&'s Json> {
        let reference = schema.get("$ref")?;
        self.root.pointer(reference.as_str()?.strip_prefix('#')?)
    }

    /// Collects the properties of an object; `false` when it may have others.
    fn properties(&self, schema: &'s Json, depth: usize, known: &mut Known<'s>) -> bool {
        let Some(members) = schema.as_object() else { return false };
        if depth > DEEP * 2 {
            return false;
        }
        // One pass over a few members costs less than a look for each keyword.
        members.iter().all(|(keyword, value)| match keyword.as_str() {
            "additionalProperties"
            | "unevaluatedProperties"
            | "patternProperties"
            | "if"
            | "not"
            | "dependentSchemas" => value == &Json::Bool(false),
            "properties" => {
                for (name, schema) in value.as_object().into_iter().flatten() {
                    known.entry(name).or_default().push(schema);
                }
                true
            }
            "$ref" => self.resolve(schema).is_some_and(|target| self.properties(target, depth + 1, known)),
            "allOf" => parts(value).all(|part| self.properties(part, depth + 1, known)),
            "oneOf" | "anyOf" => parts(value).all(|part| self.choice(part, depth, known)),
            _ => true,
        })
    }

    /// Collects the properties of one of several: a choice is closed when each of its objects is.
    fn choice(&self, part: &'s Json, depth: usize, known: &mut Known<'s>) -> bool {
        if part.get("type").and_then(Json::as_str).is_some_and(|kind| kind != "object") {
            return true;
        }
        let mut own = Known::new();
        let closed = self.properties(part, depth + 1, &mut own) && !own.is_empty();
        own.into_iter().for_each(|(name, schemas)| known.entry(name).or_default().extend(schemas));
        closed
    }

    fn items(&self, schema: &'s Json, depth: usize, rows: &mut Vec<&'s Json>) {
        if depth > DEEP * 2 {
            return;
        }
        rows.extend(schema.get("items").filter(|items| items.is_object()));
        if let Some(target) = self.resolve(schema) {
            self.items(target, depth + 1, rows);
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            for part in schema.get(key).and_then(Json::as_array).into_iter().flatten() {
                self.items(part, depth + 1, rows);
            }
        }
    }
}

fn parts(schemas: &Json) -> impl Iterator<Item = &Json> {
    schemas.as_array().into_iter().flatten()
}

fn component(schema: &Json) -> Option<String> {
    let reference = schema.get("$ref")?.as_str()?;
    reference.rsplit('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn extra(schema: &Json, answer: &Json) -> Vec<(String, Vec<String>)> {
        gaps(schema, answer).into_iter().map(|gap| (gap.at, gap.extra.into_keys().collect())).collect()
    }

    #[test]
    fn members_beyond_the_documented_ones_are_found_at_any_depth() {
        let schema = json!({
            "type": "object",
            "properties": {"rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}}},
            "$defs": {"Row": {"allOf": [
                {"type": "object", "properties": {"id": {}}},
                {"properties": {"name": {}}}
            ]}}
        });
        let answer =
            json!({"rows": [{"id": 1}, {"id": 2, "name": "a", "cost": 3, "_links": {}}], "total": 2});
        assert_eq!(
            extra(&schema, &answer),
            [(String::new(), vec!["total".to_owned()]), ("/rows/[]".to_owned(), vec!["cost".to_owned()])]
        );
        assert_eq!(gaps(&schema, &answer)[1].component.as_deref(), Some("Row"));
        let names = ["id", "name"].map(str::to_owned).into();
        assert!(undocumented(&answer, "/rows/[]", &names).contains_key("cost"));
    }

    #[test]
    fn what_is_open_has_no_gap() {
        let answer = json!({"a": 1, "b": {"c": 2}});
        for schema in [
            json!(true),
            json!({"type": "object"}),
            json!({"properties": {"b": {}}, "additionalProperties": true}),
            json!({"properties": {"b": {}}, "additionalProperties": {"type": "integer"}}),
            json!({"properties": {"b": {}}, "patternProperties": {"^x": {}}}),
            json!({"oneOf": [{"properties": {"b": {}}}, {"type": "object"}]}),
            json!({"allOf": [{"properties": {"b": {}}}, {"additionalProperties": true}]}),
        ] {
            assert_eq!(extra(&schema, &answer), [], "{schema}");
        }
        let choice =
            json!({"oneOf": [{"properties": {"b": {}}}, {"properties": {"a": {}}}, {"type": "null"}]});
        assert_eq!(extra(&choice, &answer), []);
    }
}
