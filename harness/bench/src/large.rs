//! A large document, as generators of large services write them.

use serde_json::{Map, Value as Json, json};

/// The schemas that one schema leads to: those of one part of the service refer to each other.
const PART: usize = 10;

/// An OpenAPI document of about this many bytes.
pub fn document(bytes: usize) -> String {
    // One service is about 4.9 kB.
    let count = bytes / 4_900 / PART * PART;
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for index in 0..count {
        paths.insert(format!("/services/{index}/things"), things(index));
        paths.insert(format!("/services/{index}/things/{{thingId}}"), thing(index));
        schemas.insert(format!("Thing{index}"), schema(index));
    }
    schemas
        .insert("Error".to_owned(), json!({"type": "object", "properties": {"error": {"type": "string"}}}));
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    })
    .to_string()
}

fn reference(index: usize) -> Json {
    json!({"$ref": format!("#/components/schemas/Thing{index}")})
}

fn answers(schema: &Json) -> Json {
    let error = json!({"description": "Refused", "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Error"},
    }}});
    json!({
        "200": {"description": "Found", "content": {"application/json": {"schema": schema}}},
        "400": error, "401": error, "404": error,
    })
}

fn things(index: usize) -> Json {
    let page = json!({"type": "object", "required": ["items"], "properties": {
        "items": {"type": "array", "items": reference(index)}, "next": {"type": "string"},
    }});
    json!({
        "get": {
            "operationId": format!("listThings{index}"),
            "description": "Lists the things of this service. ".repeat(8),
            "parameters": [
                {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
                {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["name", "age", "size"]}},
            ],
            "responses": answers(&page),
        },
        "post": {
            "operationId": format!("makeThing{index}"),
            "requestBody": {"required": true, "content": {"application/json": {"schema": reference(index)}}},
            "responses": answers(&reference(index)),
        },
    })
}

fn thing(index: usize) -> Json {
    let body = json!({"content": {"application/json": {"schema": reference(index)}}});
    json!({
        "parameters": [{"name": "thingId", "in": "path", "required": true, "schema": {"type": "string"}}],
        "get": {"operationId": format!("readThing{index}"), "responses": answers(&reference(index))},
        "put": {"requestBody": body, "responses": answers(&reference(index))},
        "delete": {"responses": {"204": {"description": "Gone"}}},
    })
}

/// Twenty properties, and references to others of the same part.
fn schema(index: usize) -> Json {
    let mut properties = Map::new();
    for number in 0..20 {
        let text = "What this property of the thing is for, in a sentence.";
        properties.insert(
            format!("property{number}"),
            match number % 4 {
                0 => json!({"type": "string", "maxLength": 80, "description": text}),
                1 => json!({"type": "integer", "minimum": 0, "description": text}),
                2 => json!({"type": "string", "format": "date-time", "nullable": true}),
                _ => json!({"type": "array", "items": {"type": "number"}, "maxItems": 10}),
            },
        );
    }
    let part = index / PART * PART;
    for step in [1, 7] {
        let other = part + (index - part + step) % PART;
        properties.insert(format!("other{step}"), reference(other));
    }
    json!({"type": "object", "required": ["property0", "property1"], "properties": properties})
}
