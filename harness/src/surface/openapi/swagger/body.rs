//! Parameters of 2.0 that are bodies: `in: body` and `in: formData`.

use serde_json::{Map, Value as Json, json};

use super::Converter;
use super::operation::Parameters;
use crate::case::escape_token;
use crate::surface::openapi::document::Node;

const MULTIPART: &str = "multipart/form-data";
const FORM: &str = "application/x-www-form-urlencoded";

impl<'a> Converter<'a> {
    pub(super) fn request_body(
        &mut self,
        at: &str,
        operation: &Node<'a>,
        found: &Parameters<'a>,
    ) -> Option<Json> {
        let at = format!("{at}/requestBody");
        let types = self.media_types(operation, "consumes");
        match &found.body {
            Some(body) => Some(self.plain_body(&at, types, body)),
            None if found.form.is_empty() => None,
            None => {
                self.origin(&at, operation);
                Some(self.form(&at, &types, &found.form))
            }
        }
    }

    fn plain_body(&mut self, at: &str, mut types: Vec<String>, body: &Node<'a>) -> Json {
        self.origin(at, body);
        types.retain(|name| name != MULTIPART && name != FORM);
        if types.is_empty() {
            types.push("application/json".to_owned());
        }
        let mut content = Map::new();
        for name in types {
            let mut media = Map::new();
            if let Some(schema) = body.get("schema") {
                self.origin(format!("{at}/content/{}/schema", escape_token(&name)), &schema);
                media.insert("schema".to_owned(), self.schema(&schema));
            }
            let examples = ["example", "x-example"].into_iter().find_map(|key| body.json.get(key));
            let by_type = body.json.get("x-examples").and_then(|examples| examples.get(&name));
            if let Some(example) = by_type.or(examples) {
                media.insert("example".to_owned(), example.clone());
            }
            content.insert(name, Json::Object(media));
        }
        json!({"required": body.flag("required"), "content": content})
    }

    fn form(&mut self, at: &str, types: &[String], fields: &[Node<'a>]) -> Json {
        let has_file = fields.iter().any(|field| field.text("type") == Some("file"));
        let mut types: Vec<&str> =
            types.iter().map(String::as_str).filter(|name| *name == MULTIPART || *name == FORM).collect();
        if has_file || types.is_empty() {
            types = vec![if has_file { MULTIPART } else { FORM }];
        }
        let mut content = Map::new();
        for name in types {
            let schema_at = format!("{at}/content/{}/schema", escape_token(name));
            let (mut properties, mut required) = (Map::new(), Vec::new());
            for field in fields {
                let Some(name) = field.text("name").filter(|name| !name.is_empty()) else { continue };
                let made = format!("{schema_at}/properties/{}", escape_token(name));
                properties.insert(name.to_owned(), self.inline_schema(&made, field));
                if field.flag("required") {
                    required.push(name);
                }
            }
            let schema = json!({"type": "object", "properties": properties, "required": required});
            content.insert(name.to_owned(), json!({"schema": schema}));
        }
        let required = fields.iter().any(|field| field.flag("required"));
        json!({"required": required, "content": content})
    }
}
