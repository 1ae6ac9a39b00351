//! A small API for scripted servers.

use serde_json::{Value as Json, json};

/// A document of three operations, one of them with an identifier in its path.
pub(crate) fn document() -> String {
    let item = json!({"type": "object", "required": ["name"], "properties": {
        "id": {"type": "string", "readOnly": true}, "name": {"type": "string", "maxLength": 40},
    }});
    let found = |schema: Json| json!({"200": {"description": "found", "content": {"application/json": {"schema": schema}}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Items", "version": "1"},
        "paths": {
            "/items": {
                "get": {
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 40}}],
                    "responses": found(json!({"type": "array", "items": item})),
                },
                "post": {
                    "requestBody": {"required": true, "content": {"application/json": {"schema": item}}},
                    "responses": {"201": {"description": "made", "content": {"application/json": {"schema": item}}}},
                },
            },
            "/items/{id}": {
                "get": {
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                    "responses": found(item),
                },
            },
        },
    })
    .to_string()
}

/// Defects for every check, none in another's way.
pub(crate) const DEFECTS: &[&str] = &[
    "authz-object-read-of-receipt",
    "error-shape-inconsistent-plain-text",
    "error-stack-trace-nested-in-json",
    "error-stack-trace-on-unknown-dish",
    "input-sqli-boolean-in-category",
    "jwt-alg-none-on-forgotten-route",
    "jwt-exp-ignored-on-one-route",
    "ratelimit-missing-on-coupons",
    "ratelimit-missing-on-login-recount",
];

/// The flags that build these in.
pub(crate) fn defects() -> Vec<String> {
    DEFECTS.iter().flat_map(|id| ["--defect".to_owned(), (*id).to_owned()]).collect()
}
