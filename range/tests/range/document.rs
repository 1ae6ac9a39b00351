//! The document is true and complete.

use std::collections::BTreeSet;

use axum::body::Body;
use proofhouse_range::{Config, app};
use serde_json::Value;
use tower::ServiceExt;

use crate::client::{Client, document, request, schema};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "patch", "trace"];

/// Path, method, operation.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.filter(|(method, _)| METHODS.contains(&method.as_str()))
            .map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

#[tokio::test]
async fn document_and_router_have_the_same_operations() {
    let router = app(&Config::seeded(1));
    let document = document();
    let listed: BTreeSet<_> = operations(&document).map(|(path, method, _)| (path, method)).collect();
    for path in document["paths"].as_object().unwrap().keys() {
        let concrete = path.replace("{id}", "1");
        for method in METHODS {
            let request = request(&format!("{} {concrete}", method.to_uppercase())).body(Body::empty());
            let status = router.clone().oneshot(request.unwrap()).await.unwrap().status().as_u16();
            assert_eq!(listed.contains(&(path.as_str(), method)), status != 405, "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn security_is_enforced_where_the_document_says_so() {
    let client = Client::hardened();
    for (path, method, operation) in operations(&document()) {
        let answer =
            client.call("", &format!("{} {}", method.to_uppercase(), path.replace("{id}", "1"))).await;
        let secured = operation["security"] != serde_json::json!([]);
        assert_eq!(secured, answer.status == 401, "{method} {path}: {}", answer.status);
    }
}

#[test]
fn references_resolve_and_all_components_are_used() {
    let document = document();
    let text = document.to_string();
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            let reference = format!("\"#/components/{kind}/{name}\"");
            assert!(text.contains(&reference) || kind == "securitySchemes", "{reference} is not used");
        }
    }
    for reference in text.split("\"$ref\":\"").skip(1) {
        let pointer = &reference[1..reference.find('"').unwrap()];
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn examples_are_valid() {
    for (path, method, operation) in operations(&document()) {
        let json = &operation["requestBody"]["content"]["application/json"];
        if json.is_object() {
            assert!(jsonschema::is_valid(&schema(&json["schema"]), &json["example"]), "{method} {path}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["example"] != Value::Null {
                let schema = schema(&parameter["schema"]);
                assert!(jsonschema::is_valid(&schema, &parameter["example"]), "{method} {path} {parameter}");
            }
        }
    }
}

#[tokio::test]
async fn it_is_what_the_range_serves() {
    let answer = Client::hardened().call("", "GET /openapi.json").await;
    assert_eq!(answer.text, proofhouse_range::openapi());
}
