//! Lists of raw requests.

use serde_json::json;

use super::{everything, names, notes, operation, parameter};
use crate::surface::{SecurityScheme, Surface};

#[test]
fn requests_of_a_list() {
    let surface = Surface::from_text(include_str!("shop.http"), "shop.http").expect("loads");
    insta::assert_snapshot!(format!("{}\n\n{}", names(&surface).join("\n"), notes(&surface)));
    let list = operation(&surface, "GET /api/orders");
    assert_eq!((list.summary.as_str(), list.pointer.as_str()), ("List orders", "line 6"));
    assert_eq!(*parameter(list, "status").schema.json, json!({"type": "string", "examples": ["open"]}));
    let place = operation(&surface, "POST /api/orders");
    assert_eq!(place.summary, "place");
    let sku = json!({"type": "string", "examples": ["hat"]});
    assert_eq!(place.bodies[0].schema.json["properties"], json!({"sku": sku, "count": {}}));
    let put = operation(&surface, "PUT /api/orders/{place.response.body.id}");
    assert_eq!(*put.bodies[0].schema.json, json!({}), "another file is not read");
    let login = &operation(&surface, "POST /api/login").bodies[0].schema;
    assert_eq!(login.json["required"], json!(["user", "password"]));
    let asked = &operation(&surface, "POST /api/graphql").bodies[0].schema;
    assert_eq!(asked.examples[0]["variables"], json!({"id": 7}));
    assert_eq!(surface.schemes["bearer"], SecurityScheme::Bearer { format: None });
    assert!(!everything(&surface).contains("t0p-s3cret") && !everything(&surface).contains("hunter2"));
}
