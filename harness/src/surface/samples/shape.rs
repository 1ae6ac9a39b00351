//! Schemas inferred from values: what all samples have in common.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::formats::Formats;
use super::secret::{Secrets, is_secret_name};
use super::segment::is_value;

/// How deep schemas are inferred; what is deeper may be anything.
const MAX_DEPTH: usize = 24;
/// Members of one object that are told apart.
const MAX_MEMBERS: usize = 500;
/// Values kept for one place, and the characters of the longest.
const MAX_EXAMPLES: usize = 5;
const MAX_LENGTH: usize = 256;

/// What was seen in one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    null: bool,
    boolean: bool,
    integer: bool,
    number: bool,
    /// The formats that all texts have.
    text: Option<Formats>,
    list: Option<Box<Shape>>,
    object: Option<Members>,
    examples: Vec<Json>,
}

#[derive(Clone, Debug, Default)]
struct Members {
    seen: usize,
    shapes: IndexMap<String, (usize, Shape)>,
    /// Members whose names are identifiers: they would be a property each for ever.
    keyed: Option<Box<Shape>>,
}

/// What may be kept of what is seen.
#[derive(Clone, Copy)]
pub(super) struct Keep<'a> {
    pub(super) secrets: &'a Secrets,
    /// Whether values are kept as examples.
    pub(super) examples: bool,
}

impl Shape {
    /// One more value of this place.
    pub(super) fn add(&mut self, value: &Json, keep: Keep<'_>) {
        self.add_at(value, keep, 0);
    }

    fn add_at(&mut self, value: &Json, keep: Keep<'_>, depth: usize) {
        match value {
            Json::Null => self.null = true,
            Json::Bool(_) => self.boolean = true,
            Json::Number(number) if number.is_f64() => self.number = true,
            Json::Number(_) => self.integer = true,
            Json::String(text) => self.text.get_or_insert_with(Formats::all).narrow(text),
            Json::Array(items) => {
                let list = self.list.get_or_insert_default();
                if depth < MAX_DEPTH {
                    items.iter().for_each(|item| list.add_at(item, keep, depth + 1));
                }
            }
            Json::Object(members) => {
                let object = self.object.get_or_insert_default();
                object.seen += 1;
                if depth < MAX_DEPTH {
                    object.add(members, keep, depth);
                }
            }
        }
        let scalar = matches!(value, Json::Bool(_) | Json::Number(_) | Json::String(_));
        if scalar && keep.examples && self.examples.len() < MAX_EXAMPLES && !self.examples.contains(value) {
            self.examples.extend(kept(value, keep.secrets).then(|| value.clone()));
        }
    }

    /// The schema; with `required`, members that were always there are required.
    pub(super) fn schema(&self, required: bool) -> Json {
        let mut types = Vec::new();
        let mut out = Map::new();
        let mut is = |seen: bool, name: &'static str| {
            if seen {
                types.push(name);
            }
        };
        is(self.boolean, "boolean");
        is(self.integer && !self.number, "integer");
        is(self.number, "number");
        is(self.text.is_some(), "string");
        is(self.list.is_some(), "array");
        is(self.object.is_some(), "object");
        // Only ever `null`: nothing is known.
        if types.is_empty() {
            return json!({});
        }
        if self.null {
            types.push("null");
        }
        out.insert("type".to_owned(), if types.len() == 1 { json!(types[0]) } else { json!(types) });
        if let Some(format) = self.text.and_then(Formats::name) {
            out.insert("format".to_owned(), json!(format));
        }
        let items = self.list.as_ref().map(|list| list.schema(required));
        if let Some(items) = items.filter(|items| *items != json!({})) {
            out.insert("items".to_owned(), items);
        }
        if let Some(object) = &self.object {
            object.describe(required, &mut out);
        }
        if !self.examples.is_empty() {
            out.insert("examples".to_owned(), json!(self.examples));
        }
        Json::Object(out)
    }
}

impl Members {
    fn add(&mut self, members: &Map<String, Json>, keep: Keep<'_>, depth: usize) {
        for (name, value) in members {
            if is_value(name) {
                self.keyed.get_or_insert_default().add_at(value, keep, depth + 1);
                continue;
            }
            if self.shapes.len() >= MAX_MEMBERS && !self.shapes.contains_key(name) {
                continue;
            }
            let (count, shape) = self.shapes.entry(name.clone()).or_default();
            *count += 1;
            let examples = keep.examples && !is_secret_name(name);
            shape.add_at(value, Keep { examples, ..keep }, depth + 1);
        }
    }

    fn describe(&self, required: bool, out: &mut Map<String, Json>) {
        if let Some(keyed) = &self.keyed {
            out.insert("additionalProperties".to_owned(), keyed.schema(required));
        }
        if self.shapes.is_empty() {
            return;
        }
        let properties = self.shapes.iter().map(|(name, (_, shape))| (name.clone(), shape.schema(required)));
        out.insert("properties".to_owned(), Json::Object(properties.collect()));
        let always = self.shapes.iter().filter(|(_, (count, _))| *count == self.seen);
        let always: Vec<&String> = always.map(|(name, _)| name).collect();
        if required && !always.is_empty() {
            out.insert("required".to_owned(), json!(always));
        }
    }
}

/// Whether a value may be shown: no credential, no variable that nobody filled in, not too long.
pub(super) fn kept(value: &Json, secrets: &Secrets) -> bool {
    value
        .as_str()
        .is_none_or(|text| text.chars().count() <= MAX_LENGTH && !text.contains("{{") && !secrets.holds(text))
}

/// What a text of a query or a form is, where all are alike: numbers and flags, or text.
pub(super) fn typed(texts: &[&str]) -> Vec<Json> {
    let integer = |text: &str| text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
    let all = |is: &dyn Fn(&str) -> bool| !texts.is_empty() && texts.iter().all(|text| is(text));
    if all(&integer) || all(&|text| matches!(text, "true" | "false")) {
        return texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    }
    texts.iter().map(|text| json!(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infer(values: &[Json]) -> Json {
        let secrets = Secrets::default();
        let mut shape = Shape::default();
        for value in values {
            shape.add(value, Keep { secrets: &secrets, examples: true });
        }
        shape.schema(true)
    }

    #[test]
    fn what_all_samples_have_in_common() {
        let schema = infer(&[
            json!({"id": 1, "name": "Hat", "tags": ["a"], "price": 2, "gone": null, "password": "hunter2!"}),
            json!({"id": 2, "name": null, "tags": [], "price": 2.5, "note": "x"}),
        ]);
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": {
                    "id": {"type": "integer", "examples": [1, 2]},
                    "name": {"type": ["string", "null"], "examples": ["Hat"]},
                    "tags": {"type": "array", "items": {"type": "string", "examples": ["a"]}},
                    "price": {"type": "number", "examples": [2, 2.5]},
                    "gone": {},
                    "password": {"type": "string"},
                    "note": {"type": "string", "examples": ["x"]},
                },
                "required": ["id", "name", "tags", "price"],
            })
        );
    }

    #[test]
    fn formats_hold_for_all_or_not_at_all() {
        let format = |texts: &[&str]| {
            infer(&texts.iter().map(|text| json!(text)).collect::<Vec<_>>())["format"].clone()
        };
        assert_eq!(format(&["2024-02-29", "2025-01-01"]), "date");
        assert_eq!(format(&["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.5+02:00"]), "date-time");
        assert_eq!(format(&["6f9619ff-8b86-d011-b42d-00c04fc964ff"]), "uuid");
        assert_eq!(format(&["ada@example.com", "Ada"]), Json::Null);
    }

    #[test]
    fn objects_by_identifier_are_maps() {
        let schema = infer(&[json!({"1042": {"n": 1}, "1043": {"n": 2}})]);
        assert!(schema["properties"].is_null());
        assert_eq!(schema["additionalProperties"]["properties"]["n"]["type"], "integer");
    }

    #[test]
    fn variables_that_nobody_filled_in_are_no_examples() {
        assert_eq!(infer(&[json!("{{name}}")]), json!({"type": "string"}));
        assert_eq!(typed(&["1", "x"]), [json!("1"), json!("x")]);
        assert_eq!(typed(&["1", "-2"]), [json!(1), json!(-2)]);
    }
}
