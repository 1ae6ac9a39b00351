//! What a body is where the document names its media type and nothing else.

use serde_json::{Value as Json, json};

use crate::surface::{Body, Schema};

/// Keywords that say nothing about a value.
const WORDS: &[&str] = &["title", "description", "examples", "default", "deprecated", "$comment", "$defs"];

/// The schema that the media type implies: an object for JSON of an unknown shape. `None` where the document says
/// something itself.
pub(super) fn implied(body: &Body) -> Option<Schema> {
    let silent = match &*body.schema.json {
        Json::Bool(any) => *any,
        Json::Object(members) => {
            members.keys().all(|key| WORDS.contains(&key.as_str()) || key.starts_with("x-"))
        }
        _ => false,
    };
    if !silent {
        return None;
    }
    let plain = body.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let schema = match plain.as_str() {
        "application/geo+json" => feature(),
        // A patch without operations changes nothing (RFC 6902 section 3).
        "application/json-patch+json" => json!({"type": "array", "maxItems": 0}),
        "application/json" | "*/*" => json!({"type": "object"}),
        json if json.ends_with("+json") => json!({"type": "object"}),
        _ => return None,
    };
    Some(Schema::new(schema).with_examples((*body.schema.examples).clone()))
}

/// A point with properties (RFC 7946 section 3.2).
fn feature() -> Json {
    let coordinate = |limit: i32| json!({"type": "number", "minimum": -limit, "maximum": limit});
    json!({
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "properties": {"type": "object"},
            "geometry": {
                "type": "object",
                "required": ["type", "coordinates"],
                "properties": {
                    "type": {"const": "Point"},
                    "coordinates": {
                        "type": "array",
                        "prefixItems": [coordinate(180), coordinate(90)],
                        "items": false,
                        "minItems": 2,
                    },
                },
            },
        },
    })
}
