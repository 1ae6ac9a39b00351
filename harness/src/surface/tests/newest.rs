//! What OpenAPI 3.2 adds.

use serde_json::json;

use super::{names, notes, operation};
use crate::surface::{Location, SecurityScheme, Style, Surface};

fn newest() -> Surface {
    Surface::from_text(include_str!("newest.yaml"), "newest.yaml").expect("loads")
}

#[test]
fn methods_beyond_those_with_a_field() {
    let surface = newest();
    assert_eq!(
        names(&surface),
        ["QUERY /orders", "GET /orders", "PUT /orders", "COPY /orders", "POST /lines"]
    );
    assert!(operation(&surface, "QUERY /orders").is_safe() && !operation(&surface, "COPY /orders").is_safe());
    insta::assert_snapshot!(notes(&surface));
    assert_eq!(surface.base_path, "/v1");
}

#[test]
fn the_whole_query_is_an_object_of_parameters() {
    let surface = newest();
    let parameters: Vec<_> = operation(&surface, "GET /orders")
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.location, p.style, p.explode, p.allow_reserved))
        .collect();
    assert_eq!(
        parameters,
        [
            ("whole", Location::Query, Style::Form, true, false),
            ("theme", Location::Cookie, Style::Form, true, false),
            ("path", Location::Header, Style::Simple, false, true),
        ]
    );
    assert!(operation(&surface, "PUT /orders").parameters.is_empty());
}

#[test]
fn items_of_sequences_and_shared_media_types() {
    let surface = newest();
    let body = &operation(&surface, "POST /lines").bodies[0].schema;
    assert!(
        body.accepts(&json!([{"n": 1}])) && !body.accepts(&json!([{}])) && !body.accepts(&json!({"n": 1}))
    );
    assert_eq!(*body.examples, [json!([{"n": 1}])]);
    let found = operation(&surface, "QUERY /orders").responses["200"].content["application/jsonl"].clone();
    assert!(!found.expect("its own address is followed").accepts(&json!([{}])));
    let shared = operation(&surface, "GET /orders").responses["200"].content["application/json"].clone();
    assert!(!shared.expect("a shared media type").accepts(&json!([{}])));
}

#[test]
fn security_schemes() {
    let surface = newest();
    let device = SecurityScheme::OAuth2 { token_urls: vec!["https://a.example/t".to_owned()] };
    assert_eq!(surface.schemes["device"], device);
    assert_eq!(surface.schemes["later"], SecurityScheme::Other { name: "quantum".to_owned() });
    assert_eq!(operation(&surface, "GET /orders").security.clone().expect("said")[0][0].scheme, "device");
}
