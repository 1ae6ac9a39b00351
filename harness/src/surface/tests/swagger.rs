//! OpenAPI 2.0.

use serde_json::json;

use super::{names, notes, operation};
use crate::surface::{Location, SecurityScheme, Style, Surface};

fn shop() -> Surface {
    Surface::from_text(include_str!("shop.swagger.yaml"), "shop.yaml").expect("loads")
}

#[test]
fn operations_are_read_and_notes_name_the_users_document() {
    let surface = shop();
    assert_eq!((surface.title.as_str(), surface.base_path.as_str()), ("Shop", "/api/v1"));
    assert_eq!(names(&surface), ["GET /items", "POST /items", "PUT /items/{id}/picture"]);
    insta::assert_snapshot!(notes(&surface));
    assert_eq!(operation(&surface, "GET /items").pointer, "/paths/~1items/get");
}

#[test]
fn parameters_of_path_and_operation() {
    let surface = shop();
    let get = operation(&surface, "GET /items");
    let parameters: Vec<_> =
        get.parameters.iter().map(|p| (p.name.as_str(), p.location, p.style, p.explode)).collect();
    assert_eq!(
        parameters,
        [
            ("tags", Location::Query, Style::Form, true),
            ("ids", Location::Query, Style::PipeDelimited, false),
            ("sort", Location::Query, Style::Form, false),
            ("limit", Location::Query, Style::Form, true),
            ("X-Tenant", Location::Header, Style::Simple, false),
        ]
    );
    let limit = &get.parameters[3];
    assert_eq!(*limit.schema.json, json!({"type": "integer", "minimum": 1, "maximum": 50, "default": 20}));
    assert_eq!(limit.pointer, "/parameters/limit");
    assert_eq!(get.rate_limit.as_ref().map(|limit| limit.count), Some(10));
}

#[test]
fn bodies_come_from_parameters() {
    let surface = shop();
    let post = operation(&surface, "POST /items");
    let media: Vec<&str> = post.bodies.iter().map(|body| body.media_type.as_str()).collect();
    assert_eq!((media.as_slice(), post.body_required), (&["application/json", "application/xml"][..], true));
    let schema = &post.bodies[0].schema;
    assert!(schema.accepts(&json!({"kind": "hat", "note": null, "price": 1})));
    assert!(!schema.accepts(&json!({"kind": "hat", "price": 0})) && !schema.accepts(&json!({})));
    let reference = schema.json["$ref"].as_str().expect("a reference");
    let item = schema.json.pointer(reference.trim_start_matches('#')).expect("it is carried");
    assert_eq!(item["discriminator"], json!({"propertyName": "kind"}));
    let put = operation(&surface, "PUT /items/{id}/picture");
    assert_eq!(put.bodies[0].media_type, "multipart/form-data");
    assert_eq!(
        *put.bodies[0].schema.json,
        json!({
            "type": "object",
            "properties": {
                "picture": {"type": "string", "format": "binary"},
                "title": {"type": "string", "maxLength": 40},
            },
            "required": ["picture"],
        })
    );
}

#[test]
fn answers_are_found_wherever_they_stand() {
    let surface = shop();
    let list = &operation(&surface, "GET /items").responses;
    let page = list["200"].content["application/json"].as_ref().expect("a schema");
    assert_eq!(*page.examples, [json!([])]);
    assert_eq!(*list["200"].headers["X-Total"].json, json!({"type": "integer"}));
    assert!(list["410"].content["application/json"].is_some());
    let made = &operation(&surface, "POST /items").responses["201"].content["application/json"];
    assert!(
        !made.as_ref().expect("a schema").accepts(&json!({})),
        "the reference into a path leads to the item"
    );
    assert!(operation(&surface, "PUT /items/{id}/picture").responses["204"].content.is_empty());
}

#[test]
fn security_definitions() {
    let surface = shop();
    assert_eq!(surface.schemes["basic"], SecurityScheme::Basic);
    let key = SecurityScheme::ApiKey { location: Location::Header, name: "X-Api-Key".to_owned() };
    assert_eq!(surface.schemes["key"], key);
    let oauth = SecurityScheme::OAuth2 { token_urls: vec!["https://a.example/token".to_owned()] };
    assert_eq!(surface.schemes["oauth"], oauth);
    assert_eq!(operation(&surface, "GET /items").needs_credential(), Some(true));
    assert_eq!(operation(&surface, "POST /items").needs_credential(), Some(false));
    let security = operation(&surface, "PUT /items/{id}/picture").security.clone().expect("said");
    assert_eq!((security.len(), security[0][0].scopes.as_slice()), (2, &["read".to_owned()][..]));
}

#[test]
fn parts_in_other_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(
        at("parts.yaml"),
        "body: {name: b, in: body, schema: {$ref: '#/Item'}}\nItem: {type: integer}",
    )
    .expect("written");
    let document = json!({"swagger": "2.0", "paths": {"/": {
        "post": {"parameters": [{"$ref": "parts.yaml#/body"}]},
        "put": {"parameters": [{"$ref": "no.yaml#/body"}]},
    }}});
    std::fs::write(at("api.json"), document.to_string()).expect("written");
    let surface = Surface::from_file(at("api.json")).expect("loads");
    assert_eq!(names(&surface), ["POST /"]);
    let schema = &surface.operations[0].bodies[0].schema;
    assert!(schema.accepts(&json!(1)) && !schema.accepts(&json!("x")));
    assert!(surface.broken[0].reason.contains("no.yaml#/body"), "{:?}", surface.broken);
}
