//! Paths and operations of 2.0.

use serde_json::{Map, Value as Json, json};

use super::Converter;
use crate::case::escape_token;
use crate::surface::openapi::document::Node;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
/// What of an operation is written anew.
const REWRITTEN: [&str; 5] = ["parameters", "responses", "consumes", "produces", "schemes"];

/// The parameters of an operation and its path, by what becomes of them.
#[derive(Default)]
pub(super) struct Parameters<'a> {
    /// As 3.x writes them.
    pub(super) plain: Vec<Json>,
    pub(super) body: Option<Node<'a>>,
    pub(super) form: Vec<Node<'a>>,
    /// Location and name of those that are there.
    known: Vec<(String, String)>,
}

impl<'a> Converter<'a> {
    pub(super) fn paths(&mut self, paths: &Node<'a>) -> Json {
        let mut out = Map::new();
        for (path, node) in paths.members() {
            let at = format!("/paths/{}", escape_token(path));
            let item = match self.documents.follow(&node) {
                Ok(item) if item.json.is_object() && !path.starts_with("x-") => item,
                // The loader says what is wrong with it.
                _ => {
                    out.insert(path.to_owned(), self.copy(&node));
                    continue;
                }
            };
            self.origin(&at, &item);
            let mut members = Map::new();
            for (key, node) in item.members() {
                let json = match key {
                    "parameters" => continue,
                    method if METHODS.contains(&method) && node.json.is_object() => {
                        self.operation(&format!("{at}/{method}"), &item, &node)
                    }
                    _ => self.copy(&node),
                };
                members.insert(key.to_owned(), json);
            }
            out.insert(path.to_owned(), Json::Object(members));
        }
        Json::Object(out)
    }

    fn operation(&mut self, at: &str, item: &Node<'a>, node: &Node<'a>) -> Json {
        let mut out = Map::new();
        for (key, part) in node.members().filter(|(key, _)| !REWRITTEN.contains(key)) {
            out.insert(key.to_owned(), self.copy(&part));
        }
        let mut found = Parameters::default();
        for (owner, inherited) in [(node, false), (item, true)] {
            match owner.get("parameters") {
                Some(list) if !list.json.is_array() => {
                    out.insert("parameters".to_owned(), list.json.clone());
                }
                Some(list) => self.parameters(at, &list, inherited, &mut found),
                None => {}
            }
        }
        let plain = std::mem::take(&mut found.plain);
        out.entry("parameters").or_insert_with(|| json!(plain));
        if let Some(body) = self.request_body(at, node, &found) {
            out.insert("requestBody".to_owned(), body);
        }
        if let Some(responses) = node.get("responses") {
            let json = self.responses(at, node, &responses);
            out.insert("responses".to_owned(), json);
        }
        Json::Object(out)
    }

    /// Those of the path are taken where the operation has none of the same name, and no body of its own.
    fn parameters(&mut self, at: &str, list: &Node<'a>, inherited: bool, found: &mut Parameters<'a>) {
        let (own_body, own) = (found.body.is_some() || !found.form.is_empty(), found.known.len());
        for item in list.items() {
            let made = format!("{at}/parameters/{}", found.plain.len());
            let Ok(node) = self.documents.follow(&item) else {
                self.origin(made, &item);
                let copy = self.copy(&item);
                found.plain.push(copy);
                continue;
            };
            let place = (node.text("in").unwrap_or_default(), node.text("name").unwrap_or_default());
            match place.0 {
                "body" | "formData" if inherited && own_body => {}
                "body" => found.body = found.body.take().or(Some(node)),
                "formData" => found.form.push(node),
                _ => {
                    let place = (place.0.to_owned(), place.1.to_owned());
                    if inherited && found.known[..own].contains(&place) {
                        continue;
                    }
                    found.known.push(place);
                    let parameter = self.parameter(&made, &node);
                    found.plain.push(parameter);
                }
            }
        }
    }
}
