//! HAR recordings.

use serde_json::json;

use super::{everything, names, notes, operation, parameter};
use crate::surface::{Location, SecurityScheme, Surface};

fn shop() -> Surface {
    Surface::from_text(include_str!("shop.har"), "shop.har").expect("loads")
}

#[test]
fn paths_of_the_same_shape_are_one() {
    let surface = shop();
    assert_eq!(surface.title, "Recording of https://shop.example.com");
    insta::assert_snapshot!(format!("{}\n\n{}", names(&surface).join("\n"), notes(&surface)));
    assert!(surface.operations.iter().all(|operation| operation.inferred));
    let one = operation(&surface, "GET /api/orders/{orderId}");
    assert_eq!(one.pointer, "/log/entries/9");
    let id = parameter(one, "orderId");
    assert_eq!((id.location, id.required), (Location::Path, true));
    assert_eq!(*id.schema.json, json!({"type": "integer", "examples": [1042, 1043]}));
}

#[test]
fn inputs_are_what_all_samples_have() {
    let surface = shop();
    let list = operation(&surface, "GET /api/orders");
    let required: Vec<_> = list.parameters.iter().map(|p| (p.name.as_str(), p.required)).collect();
    assert_eq!(required, [("page", true), ("status", false), ("sort", false), ("x-tenant", true)]);
    assert_eq!(*parameter(list, "page").schema.json, json!({"type": "integer", "examples": [1, 2]}));
    let put = operation(&surface, "PUT /api/orders/{orderId}");
    assert!(put.body_required);
    assert_eq!(*put.bodies[0].schema.examples, [json!({"total": 9, "note": "late"}), json!({"total": 8})]);
    assert_eq!(put.bodies[0].schema.json["required"], json!(["total"]));
    let search = &operation(&surface, "POST /api/search").bodies[0];
    assert_eq!(search.media_type, "application/x-www-form-urlencoded");
    assert_eq!(search.schema.json["properties"]["limit"]["type"], "integer");
}

#[test]
fn answers_show_what_may_come() {
    let surface = shop();
    let list = &operation(&surface, "GET /api/orders").responses["200"].content["application/json"];
    let schema = list.as_ref().expect("a schema");
    assert_eq!(schema.json["required"], json!(["items", "total"]));
    assert_eq!(schema.json["properties"]["items"]["items"]["required"], json!(["id", "total", "paid"]));
    let one = &operation(&surface, "GET /api/orders/{orderId}").responses;
    assert_eq!(one.keys().collect::<Vec<_>>(), ["200", "401"]);
    let placed = one["200"].content["application/json"].as_ref().expect("a schema");
    assert_eq!(placed.json["properties"]["placed"], json!({"type": "string", "format": "date-time"}));
    let file = operation(&surface, "GET /api/files/{fileId}");
    assert!(file.responses["200"].content["application/pdf"].is_none());
}

#[test]
fn credentials_are_known_and_not_kept() {
    let surface = shop();
    let cookie = SecurityScheme::ApiKey { location: Location::Cookie, name: "sessionid".to_owned() };
    assert_eq!(surface.schemes["sessionid"], cookie);
    assert_eq!(surface.schemes["bearer"], SecurityScheme::Bearer { format: Some("JWT".to_owned()) });
    // Refused without and granted with; where nobody tried without, nothing is said.
    assert_eq!(operation(&surface, "GET /api/orders/{orderId}").needs_credential(), Some(true));
    assert_eq!(operation(&surface, "GET /api/orders").needs_credential(), None);
    let all = everything(&surface);
    for secret in ["eyJ", "s3ss10n", "correct horse"] {
        assert!(!all.contains(secret), "{secret}");
    }
    let login = &operation(&surface, "POST /api/login").bodies[0].schema;
    assert_eq!(login.json["properties"]["password"], json!({"type": "string"}));
    assert_eq!(login.json["properties"]["email"]["examples"], json!(["ada@example.com"]));
}
