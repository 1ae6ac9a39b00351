//! Parameters and headers of 2.0, whose schema is written among their own members.

use serde_json::{Map, Value as Json, json};

use super::Converter;
use crate::surface::openapi::document::Node;

/// Members that are no keywords of a schema.
const BESIDE: [&str; 9] = [
    "name",
    "in",
    "description",
    "required",
    "allowEmptyValue",
    "collectionFormat",
    "example",
    "examples",
    "schema",
];

impl<'a> Converter<'a> {
    /// A parameter in the path, the query or a header, for the place `made`.
    pub(super) fn parameter(&mut self, made: &str, node: &Node<'a>) -> Json {
        if !node.json.is_object() {
            return node.json.clone();
        }
        self.origin(made, node);
        let mut out = Map::new();
        for key in ["name", "in", "required", "example"] {
            if let Some(json) = node.json.get(key) {
                out.insert(key.to_owned(), json.clone());
            }
        }
        if let Some(example) = node.json.get("x-example").filter(|_| !out.contains_key("example")) {
            out.insert("example".to_owned(), example.clone());
        }
        out.insert("schema".to_owned(), self.inline_schema(&format!("{made}/schema"), node));
        let in_query = node.text("in") == Some("query");
        // `tsv` has no style in 3.x; the values are written with commas.
        let (style, explode) = match node.text("collectionFormat") {
            Some("multi") if in_query => ("form", true),
            Some("ssv") if in_query => ("spaceDelimited", false),
            Some("pipes") if in_query => ("pipeDelimited", false),
            _ if in_query => ("form", false),
            _ => ("simple", false),
        };
        if node.text("type") == Some("array") {
            out.insert("style".to_owned(), json!(style));
            out.insert("explode".to_owned(), json!(explode));
        }
        Json::Object(out)
    }

    /// The keywords of a parameter or header that say what its value is.
    pub(super) fn inline_schema(&mut self, made: &str, node: &Node<'a>) -> Json {
        // Not of 2.0 outside bodies, yet often written so.
        if let Some(schema) = node.get("schema") {
            self.origin(made, &schema);
            return self.schema(&schema);
        }
        self.origin(made, node);
        let mut out = Map::new();
        for (key, part) in node.members().filter(|(key, _)| !BESIDE.contains(key)) {
            out.insert(key.to_owned(), self.copy(&part));
        }
        if node.text("type") == Some("file") {
            out.insert("type".to_owned(), json!("string"));
            out.insert("format".to_owned(), json!("binary"));
        }
        Json::Object(out)
    }
}
