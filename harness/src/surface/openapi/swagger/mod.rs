//! OpenAPI 2.0 (Swagger) as a document of 3.x, so that one loader reads both.
//!
//! Only the frame is written anew. Schemas stay where they are: what is written refers to the places of the document
//! itself, so that references lead where they led before and every note names the user's own document.

mod body;
mod operation;
mod parameter;
mod response;
mod security;

use serde_json::{Map, Value as Json, json};

use super::document::{Documents, Node, Origins};

/// Nodes of inline schemas that are copied; those beyond are referred to.
const MAX_COPIED: usize = 1_000_000;
/// Media types that one body or answer may have.
const MAX_MEDIA_TYPES: usize = 16;

/// Puts the document of 3.x in front of those that it was made from.
pub(super) fn convert(documents: Documents) -> Documents {
    let mut converter = Converter {
        documents: &documents,
        origins: Origins { nested: true, ..Origins::default() },
        copied: 0,
    };
    let json = converter.document();
    let origins = converter.origins;
    documents.converted(json, origins)
}

struct Converter<'a> {
    documents: &'a Documents,
    origins: Origins,
    copied: usize,
}

impl<'a> Converter<'a> {
    fn document(&mut self) -> Json {
        let root = self.documents.root();
        let mut out = Map::new();
        for (key, node) in root.members() {
            if matches!(key, "info" | "tags" | "security") || key.starts_with("x-") {
                out.insert(key.to_owned(), self.copy(&node));
            }
        }
        // The host is left out: a document does not choose the target.
        if let Some(base) = root.get("basePath") {
            out.insert("servers".to_owned(), json!([{"url": base.json}]));
            self.origin("/servers/0", &base);
        }
        let schemes = self.security_schemes(&root);
        out.insert("components".to_owned(), json!({"securitySchemes": schemes}));
        if let Some(paths) = root.get("paths") {
            let json = if paths.json.is_object() { self.paths(&paths) } else { paths.json.clone() };
            out.insert("paths".to_owned(), json);
        }
        Json::Object(out)
    }

    /// Says where a place of the new document came from.
    fn origin(&mut self, made: impl Into<String>, from: &Node<'_>) {
        self.origins.places.insert(made.into(), self.documents.place(from));
    }

    /// A part as it is, with references that lead to the same places.
    fn copy(&mut self, node: &Node<'_>) -> Json {
        self.copied_json(node.document, node.json)
    }

    fn copied_json(&mut self, document: usize, json: &Json) -> Json {
        self.copied += 1;
        match json {
            Json::Array(items) => items.iter().map(|item| self.copied_json(document, item)).collect(),
            Json::Object(members) => {
                let copied = members.iter().map(|(key, value)| {
                    let value = match (key.as_str(), value) {
                        ("$ref", Json::String(reference)) => {
                            Json::String(self.documents.reference(document, reference))
                        }
                        (_, value) => self.copied_json(document, value),
                    };
                    (key.clone(), value)
                });
                Json::Object(copied.collect())
            }
            other => other.clone(),
        }
    }

    /// A schema: copied, or referred to where much was copied already.
    fn schema(&mut self, node: &Node<'_>) -> Json {
        if self.copied < MAX_COPIED { self.copy(node) } else { self.reference(node) }
    }

    /// A reference to a part that is left where it is.
    fn reference(&self, node: &Node<'_>) -> Json {
        json!({"$ref": self.documents.reference(node.document, &format!("#{}", node.pointer))})
    }

    /// `consumes` or `produces` of the operation or of the document, JSON first.
    fn media_types(&self, operation: &Node<'a>, key: &str) -> Vec<String> {
        let root = self.documents.root();
        let listed = operation.get(key).or_else(|| root.get(key));
        let listed = listed.as_ref().and_then(|listed| listed.json.as_array()).into_iter().flatten();
        let mut types: Vec<String> = Vec::new();
        for name in listed.filter_map(Json::as_str).filter(|name| name.contains('/')) {
            if types.len() < MAX_MEDIA_TYPES && !types.iter().any(|known| known == name) {
                types.push(name.to_owned());
            }
        }
        types.sort_by_key(|name| !super::is_json(name));
        types
    }
}
