//! Postman collections.

use serde_json::{Value as Json, json};

use super::{everything, names, notes, operation, parameter};
use crate::surface::{Location, SecurityScheme, Surface};

const SHOP: &str = include_str!("shop.postman.json");

fn shop() -> Surface {
    Surface::from_text(SHOP, "shop.json").expect("loads")
}

#[test]
fn items_of_all_folders_become_operations() {
    let surface = shop();
    assert_eq!(surface.title, "Shop API");
    insta::assert_snapshot!(format!("{}\n\n{}", names(&surface).join("\n"), notes(&surface)));
    let list = operation(&surface, "GET /api/orders");
    assert_eq!((list.summary.as_str(), list.tags.as_slice()), ("List orders", &["Orders".to_owned()][..]));
    let inputs: Vec<&str> = list.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(inputs, ["page", "x-tenant"]);
    assert_eq!(parameter(list, "page").schema.json["examples"], json!([2, 1]));
    assert_eq!(list.responses.keys().collect::<Vec<_>>(), ["200", "401"]);
    let id = parameter(operation(&surface, "GET /api/orders/{orderId}"), "orderId");
    assert_eq!(*id.schema.json, json!({"type": "integer", "examples": [7]}));
}

#[test]
fn bodies_of_every_mode() {
    let surface = shop();
    let body = |name: &str| {
        let body = &operation(&surface, name).bodies[0];
        (body.media_type.clone(), (*body.schema.json).clone())
    };
    let (media_type, placed) = body("POST /api/orders");
    assert_eq!(media_type, "application/json");
    assert_eq!(
        placed["properties"],
        json!({"sku": {"type": "string", "examples": ["hat"]}, "count": {}, "note": {"type": "string"}})
    );
    let (media_type, login) = body("POST /api/login");
    assert_eq!(media_type, "application/x-www-form-urlencoded");
    assert_eq!(login["required"], json!(["user", "password"]));
    let (media_type, upload) = body("POST /api/pictures");
    assert_eq!(media_type, "multipart/form-data");
    assert_eq!(upload["properties"]["picture"], json!({"type": "string", "format": "binary"}));
    let (_, asked) = body("POST /api/graphql");
    assert_eq!(asked["properties"]["variables"]["properties"]["id"]["type"], "integer");
}

#[test]
fn of_auth_only_the_kind_is_read() {
    let surface = shop();
    assert_eq!(surface.schemes["bearer"], SecurityScheme::Bearer { format: None });
    let key = SecurityScheme::ApiKey { location: Location::Header, name: "X-Shop-Key".to_owned() };
    assert_eq!(surface.schemes["apiKey"], key);
    assert_eq!(
        operation(&surface, "GET /api/orders").security.clone().expect("inherited")[0][0].scheme,
        "bearer"
    );
    assert_eq!(
        operation(&surface, "POST /api/orders").security.clone().expect("its own")[0][0].scheme,
        "apiKey"
    );
    assert_eq!(operation(&surface, "POST /api/login").needs_credential(), Some(false));
    let all = everything(&surface);
    for secret in ["t0p-s3cret", "k3y-value", "hunter2", "secret.png"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[test]
fn version_2_0_and_wrapped_collections() {
    let mut document: Json = serde_json::from_str(SHOP).expect("JSON");
    document["auth"] =
        json!({"type": "apikey", "apikey": {"key": "X-Old", "value": "hidden", "in": "query"}});
    let surface = Surface::from_text(&json!({"collection": document}).to_string(), "c").expect("loads");
    let key = SecurityScheme::ApiKey { location: Location::Query, name: "X-Old".to_owned() };
    assert_eq!(surface.schemes["apiKey"], key);
    assert_eq!(surface.operations.len(), shop().operations.len());
}
