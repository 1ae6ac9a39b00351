//! Several descriptions of one API.

use serde_json::json;

use super::names;
use crate::surface::Surface;

fn document(base: &str, paths: serde_json::Value) -> Surface {
    let document = json!({"openapi": "3.1.0", "servers": [{"url": base}], "paths": paths});
    Surface::from_openapi_json(document, "test").expect("loads")
}

fn body(schema: serde_json::Value) -> serde_json::Value {
    json!({"requestBody": {"content": {"application/json": schema}}, "responses": {"200": {}}})
}

#[test]
fn the_first_wins_and_what_it_lacks_is_filled_in() {
    let first = document(
        "/v1",
        json!({
            "/orders/{id}": {
                "get": {"parameters": [{"name": "id", "in": "path", "schema": {"type": "integer"}}]},
                "put": body(json!({"schema": {"type": "object", "required": ["n"]}})),
            },
        }),
    );
    let later = document(
        "/v1",
        json!({
            "/orders/{orderId}": {
                "get": {
                    "summary": "One order",
                    "parameters": [
                        {"name": "orderId", "in": "path", "example": 7, "schema": {"type": "integer"}},
                        {"name": "view", "in": "query", "required": true, "schema": {"type": "string"}},
                    ],
                    "responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}},
                },
                "put": body(json!({"schema": {"type": "string"}, "examples": {
                    "good": {"value": {"n": 1}}, "bad": {"value": "not an object"},
                }})),
                "delete": {},
            },
        }),
    );
    let merged = first.merge(later);
    assert_eq!(names(&merged), ["GET /orders/{id}", "PUT /orders/{id}", "DELETE /orders/{id}"]);
    let get = &merged.operations[0];
    assert_eq!(get.summary, "One order");
    let parameters: Vec<_> = get.parameters.iter().map(|p| (p.name.as_str(), p.required)).collect();
    assert_eq!(parameters, [("id", true), ("view", false)]);
    assert_eq!(*get.parameters[0].schema.examples, [json!(7)]);
    assert!(get.responses["200"].content["application/json"].is_some());
    assert_eq!(*merged.operations[1].bodies[0].schema.examples, [json!({"n": 1})]);
}

#[test]
fn bases_are_made_the_same() {
    let first = document("/v1", json!({"/orders": {"get": {}}}));
    let whole = document("/", json!({"/v1/orders": {"get": {}, "post": {}}, "/v2/orders": {"get": {}}}));
    let merged = first.clone().merge(whole);
    assert_eq!(names(&merged), ["GET /orders", "POST /orders"]);
    assert_eq!(merged.broken[0].reason, "GET /v2/orders is outside of `/v1`, the base of the first");
    let relative = document("/", json!({"/orders": {"post": {}}}));
    assert_eq!(names(&first.merge(relative)), ["GET /orders", "POST /orders"]);
}

#[test]
fn samples_are_below_the_target() {
    let list = "GET https://api.example.com/v1/orders\n###\nGET https://api.example.com/login\n";
    let seen = || Surface::from_text(list, "all.http").expect("loads");
    assert_eq!(names(&seen().at_base("")), ["GET /v1/orders", "GET /login"]);
    let below = seen().at_base("/v1/");
    assert_eq!(names(&below), ["GET /orders"]);
    assert_eq!(below.broken[0].reason, "GET /login is outside of `/v1`, where the target is");
    assert_eq!(names(&seen().at_base("/elsewhere")), ["GET /v1/orders", "GET /login"]);
    let document = document("/v1", json!({"/v1/orders": {"get": {}}})).at_base("/v1");
    assert_eq!(names(&document), ["GET /v1/orders"]);
}
