//! The document of the notes, and what is done to it.

use serde_json::{Value as Json, json};

/// The document of the notes.
pub(crate) fn notes() -> Json {
    let content = json!({
        "type": "object",
        "required": ["title"],
        "additionalProperties": false,
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": 60},
            "text": {"type": "string", "maxLength": 400},
        },
    });
    let note = json!({
        "type": "object",
        "required": ["id", "title", "text"],
        "properties": {"id": {"type": "string"}, "title": {"type": "string"}, "text": {"type": "string"}},
    });
    let body = json!({"required": true, "content": {"application/json": {"schema": content}}});
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
    let q = json!({"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 40}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1"},
        "security": [{"token": []}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/login": {"post": {
                "security": [],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "type": "object",
                    "required": ["username", "password"],
                    "properties": {"username": {"type": "string"}, "password": {"type": "string"}},
                }}}},
                "responses": answers(200, &json!({"type": "object", "properties": {"token": {"type": "string"}}})),
            }},
            "/me": {"get": {
                "responses": answers(200, &json!({"type": "object", "properties": {"username": {"type": "string"}}})),
            }},
            "/notes": {
                "get": {"parameters": [q], "responses": answers(200, &json!({"type": "array", "items": note}))},
                "post": {"requestBody": body, "responses": answers(201, &note)},
            },
            "/notes/{id}": {
                "parameters": [id],
                "get": {"responses": answers(200, &note)},
                "put": {"requestBody": body, "responses": answers(200, &note)},
                "delete": {"responses": {"204": {"description": "gone"}, "default": refused()}},
            },
        },
    })
}

/// The answers of an operation.
fn answers(status: u16, schema: &Json) -> Json {
    let granted = json!({"description": "granted", "content": {"application/json": {"schema": schema}}});
    json!({status.to_string(): granted, "default": refused()})
}

fn refused() -> Json {
    let error = json!({"type": "object", "required": ["code", "message"], "properties": {
        "code": {"type": "integer"}, "message": {"type": "string"},
    }});
    let schema = json!({"type": "object", "required": ["error"], "properties": {"error": error}});
    json!({"description": "refused", "content": {"application/json": {"schema": schema}}})
}

/// Adds an operation without a body to a document.
pub(crate) fn add(document: &mut Json, method: &str, path: &str) {
    document["paths"][path][method] =
        json!({"responses": {"204": {"description": "done"}, "default": refused()}});
}

/// Takes a keyword out of every operation.
pub(crate) fn without(document: &mut Json, keyword: &str) {
    if let Some(members) = document.as_object_mut() {
        members.remove(keyword);
    }
    let paths = document["paths"].as_object_mut().expect("paths").values_mut();
    for operation in paths.flat_map(|path| path.as_object_mut().expect("operations").values_mut()) {
        if let Some(members) = operation.as_object_mut() {
            members.remove(keyword);
        }
    }
}
