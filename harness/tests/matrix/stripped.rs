//! Reach: a document that says little, and how much of the range is reached all the same.

use serde_json::Value as Json;

use crate::run::reached;

/// What is taken out of the document.
const TAKEN: &[&str] = &["example", "examples", "links", "format", "enum", "security", "securitySchemes"];
/// Requests of a run.
const REQUESTS: u64 = 2_000;

/// The document without what helps. Names of properties are not keywords: a property may be called `format`.
fn strip(json: &mut Json, names: bool) {
    match json {
        Json::Object(members) => {
            if !names {
                members.retain(|keyword, _| !TAKEN.contains(&keyword.as_str()));
            }
            for (keyword, member) in members.iter_mut() {
                strip(member, !names && matches!(keyword.as_str(), "properties" | "paths" | "schemas"));
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| strip(item, false)),
        _ => {}
    }
}

#[test]
fn most_operations_are_reached_by_a_document_that_says_little() {
    let mut document: Json = serde_json::from_str(proofhouse_range::openapi()).expect("JSON");
    strip(&mut document, false);
    let document = document.to_string();
    let mut shares = Vec::new();
    for seed in 1..=5 {
        let report = reached(&document, REQUESTS, seed);
        let missed: Vec<_> = report.operations.iter().filter(|operation| !operation.reached).collect();
        for operation in &missed {
            println!("seed {seed}: not reached {} {}: {}", operation.method, operation.path, operation.note);
        }
        println!(
            "seed {seed}: {} of {} reached",
            report.operations.len() - missed.len(),
            report.operations.len()
        );
        shares.push(1.0 - missed.len() as f64 / report.operations.len() as f64);
    }
    shares.sort_by(f64::total_cmp);
    assert!(shares[2] >= 0.95, "the median of five seeds is {:.3}", shares[2]);
}
