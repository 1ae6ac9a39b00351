//! Security definitions of 2.0.

use serde_json::{Map, Value as Json, json};

use super::Converter;
use crate::case::escape_token;
use crate::surface::openapi::document::Node;

impl<'a> Converter<'a> {
    pub(super) fn security_schemes(&mut self, root: &Node<'a>) -> Json {
        let mut out = Map::new();
        let definitions = root.get("securityDefinitions");
        for (name, node) in definitions.iter().flat_map(Node::members) {
            self.origin(format!("/components/securitySchemes/{}", escape_token(name)), &node);
            let json = match node.text("type") {
                Some("basic") => json!({"type": "http", "scheme": "basic"}),
                Some("oauth2") => oauth2(&node),
                _ => self.copy(&node),
            };
            out.insert(name.to_owned(), json);
        }
        Json::Object(out)
    }
}

/// The one flow of 2.0 by its name in 3.x.
fn oauth2(node: &Node<'_>) -> Json {
    let flow = match node.text("flow") {
        Some("application") => "clientCredentials",
        Some(flow @ ("implicit" | "password")) => flow,
        // `accessCode`
        _ => "authorizationCode",
    };
    let kept = ["authorizationUrl", "tokenUrl", "scopes"].into_iter();
    let members = kept.filter_map(|key| Some((key.to_owned(), node.json.get(key)?.clone())));
    json!({"type": "oauth2", "flows": {flow: members.collect::<Map<_, _>>()}})
}
