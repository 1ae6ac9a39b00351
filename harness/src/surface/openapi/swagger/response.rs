//! Answers of 2.0.

use serde_json::{Map, Value as Json, json};

use super::Converter;
use crate::case::escape_token;
use crate::surface::openapi::document::Node;

impl<'a> Converter<'a> {
    pub(super) fn responses(&mut self, at: &str, operation: &Node<'a>, responses: &Node<'a>) -> Json {
        let mut out = Map::new();
        for (status, node) in responses.members() {
            let at = format!("{at}/responses/{}", escape_token(status));
            let json = match self.documents.follow(&node) {
                Ok(response) => {
                    self.origin(&at, &response);
                    self.response(&at, operation, &response)
                }
                Err(_) => self.copy(&node),
            };
            out.insert(status.to_owned(), json);
        }
        Json::Object(out)
    }

    fn response(&mut self, at: &str, operation: &Node<'a>, response: &Node<'a>) -> Json {
        let (mut content, mut headers) = (Map::new(), Map::new());
        if let Some(schema) = response.get("schema") {
            let mut types = self.media_types(operation, "produces");
            if types.is_empty() {
                types.push("application/json".to_owned());
            }
            for name in types {
                self.origin(format!("{at}/content/{}/schema", escape_token(&name)), &schema);
                let mut media = Map::from_iter([("schema".to_owned(), self.schema(&schema))]);
                if let Some(example) = response.json.get("examples").and_then(|all| all.get(&name)) {
                    media.insert("example".to_owned(), example.clone());
                }
                content.insert(name, Json::Object(media));
            }
        }
        for (name, header) in response.get("headers").iter().flat_map(Node::members) {
            let made = format!("{at}/headers/{}", escape_token(name));
            let schema = self.inline_schema(&format!("{made}/schema"), &header);
            headers.insert(name.to_owned(), json!({"schema": schema}));
        }
        json!({"content": content, "headers": headers})
    }
}
