//! Case files stand for themselves: each reproduces its finding on a fresh target, and holds where it is mended.

use serde_json::Value as Json;

use crate::support::{Ended, Place, api};

fn run(place: &Place, more: &[&str]) -> Json {
    let arguments = ["run", "--seed", "5"].iter().chain(more).map(ToString::to_string);
    place.run(arguments.chain(api::defects())).expect(&[1]);
    place.read_json("reports/latest/report.json")
}

fn file(finding: &Json) -> String {
    format!("corpora/{}", finding["case_file"].as_str().expect("a file"))
}

fn replay(place: &Place, files: &[String], defects: &[String]) -> Ended {
    let arguments = ["replay", "--format", "json"].map(str::to_owned);
    place.run(arguments.iter().chain(files).chain(defects))
}

#[test]
fn every_finding_replays_from_its_file_alone() {
    let place = Place::new();
    let report = run(&place, &["--time", "28s"]);
    let findings = report["findings"].as_array().expect("a list");
    let mut checks: Vec<_> =
        findings.iter().map(|finding| finding["check"].as_str().expect("text")).collect();
    checks.dedup();
    assert!(checks.len() >= 6, "too little was found to replay: {checks:?}");
    let files: Vec<_> = findings.iter().map(file).collect();
    // Nothing but the file: not even the report.
    std::fs::remove_dir_all(place.path().join("reports")).expect("removed");
    let replayed = replay(&place, &files, &api::defects()).expect(&[1]);
    let documents: Vec<Json> = serde_json::from_slice(&replayed.stdout).expect("one document");
    assert_eq!(documents.len(), findings.len());
    for document in &documents {
        let told = |why: &str| panic!("{why}: {document:#}");
        if document["exit_code"] != 1 || document["verdict"] != "violated" {
            told("not reproduced");
        }
        if document["reproduced"]["k"] != 3 || document["reproduced"]["n"] != 3 {
            told("not every time");
        }
    }
    let mended = replay(&place, &files, &["--defect".to_owned(), "none".to_owned()]).expect(&[0, 5]);
    let documents: Vec<Json> = serde_json::from_slice(&mended.stdout).expect("one document");
    for document in &documents {
        let held = document["exit_code"] == 0 && document["verdict"] == "held";
        let vacuous = document["exit_code"] == 5 && document["verdict"] == "vacuous";
        assert!(held || vacuous, "neither held nor vacuous: {document:#}");
        assert_eq!(document["reproduced"]["k"], 0);
        if vacuous {
            let why = document["why"].as_str().unwrap_or_default();
            assert!(!why.is_empty(), "no reason: {document:#}");
        }
    }
}

#[test]
fn a_replay_is_told_in_words() {
    let place = Place::new();
    let defect = ["--defect".to_owned(), "error-stack-trace-on-unknown-dish".to_owned()];
    let arguments = ["run", "--requests", "400", "--checks", "error-*"].map(str::to_owned);
    place.run(arguments.iter().chain(&defect)).expect(&[1]);
    let report = place.read_json("reports/latest/report.json");
    let file = file(&report["findings"][0]);
    let arguments = ["replay".to_owned(), file.clone()];
    let violated = place.run(arguments.iter().chain(&defect)).expect(&[1]);
    assert!(violated.out().contains("answers with a stack trace"), "{}", violated.said());
    assert!(violated.out().contains("reproduced 3 of 3"), "{}", violated.said());
    let held = place.proofhouse(&format!("replay {file} --defect none --times 5")).expect(&[0]);
    assert!(held.out().contains("The invariant held."), "{}", held.said());
    assert!(held.out().contains("reproduced 0 of 5"), "{}", held.said());
}

/// A case as somebody noted it down, with steps that say nothing and edits that do nothing.
#[test]
fn a_case_by_hand_is_shrunk() {
    let place = Place::new();
    let request = |path: &str| serde_json::json!({"method": "GET", "path": path});
    let mut case = crate::bad_cases::case();
    case["operation"] = "GET /menu/{id}".into();
    case["operations"] = serde_json::json!([{"name": "GET /menu/{id}"}, {"name": "GET /menu"}]);
    case["bases"] = serde_json::json!([
        {"name": "menu", "operation": "GET /menu", "request": request("/menu")},
        {"name": "target", "operation": "GET /menu/{id}", "request": {
            "method": "GET", "path": "/menu/99999", "headers": {"X-Idle": "one", "X-Idler": "two"}}},
    ]);
    case["steps"] = serde_json::json!([
        {"name": "look", "role": "setup", "act": {"request": {"base": "menu"}}},
        {"name": "look-again", "role": "setup", "act": {"request": {"base": "menu"}}},
        {"name": "attack", "role": "attack", "act": {"request": {"base": "target", "edits": [
            {"op": "set", "at": "header:X-More", "value": "idle"}]}}},
    ]);
    place.write("case.json", case.to_string());
    let defect = "--defect error-stack-trace-on-unknown-dish";
    let shrunk = place.proofhouse(&format!("shrink case.json {defect}")).expect(&[1]);
    assert!(shrunk.out().contains("case.json: 3 steps and"), "{}", shrunk.said());
    assert!(shrunk.out().contains("became 1 steps and"), "{}", shrunk.said());
    let (_, small) =
        shrunk.out().trim_end().rsplit_once(": ").map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a file");
    let again = place.proofhouse(&format!("replay {small} {defect}")).expect(&[1]);
    assert!(again.out().contains("reproduced 3 of 3"), "{}", again.said());
    assert_eq!(place.read_json(&small)["steps"].as_array().map(Vec::len), Some(1));
    // What does not fail is not made small.
    place.proofhouse("shrink case.json --defect none").expect(&[0, 5]);
}
