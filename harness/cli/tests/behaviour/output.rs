//! What goes where: results to standard output, everything else to standard error.

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::support::Place;

#[test]
fn a_run_in_json_is_one_document() {
    let place = Place::new();
    let line = "run --requests 400 --format json --checks error-stack-trace --defect error-stack-trace-on-unknown-dish";
    let ended = place.proofhouse(line).expect(&[1]);
    let report: Json = serde_json::from_slice(&ended.stdout).expect("one document and nothing else");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(report, place.read_json("reports/latest/report.json"));
    assert!(ended.err().contains("pre-flight") && ended.err().contains("found  medium"), "{}", ended.err());
    assert!(!ended.err().contains('\u{1b}') && !ended.out().contains('\u{1b}'));
}

#[test]
fn a_run_in_text_ends_with_its_judgement() {
    let place = Place::new();
    let ended = place.proofhouse("run --requests 400 --checks error-* --defect none");
    let out = ended.out();
    let last: Vec<_> = out.lines().rev().take(2).collect();
    assert_eq!(last[0], "Report: reports/latest/report.json");
    assert!(matches!(ended.code, Some(0 | 5)), "{}", ended.said());
    assert!(!out.contains('\u{1b}') && !ended.err().contains('\u{1b}'));
}

#[test]
fn a_finding_below_the_gate_fails_nothing() {
    let place = Place::new();
    let line = "run --requests 400 --checks error-* --defect error-stack-trace-on-unknown-dish";
    let ended = place.proofhouse(&format!("{line} --fail-on critical"));
    assert!(matches!(ended.code, Some(0 | 5)), "{}", ended.said());
    place.proofhouse(line).expect(&[1]);
}

#[test]
fn the_checks_as_data_and_as_pages() {
    let place = Place::new();
    let ended = place.proofhouse("checks --format json").expect(&[0]);
    assert!(ended.stderr.is_empty());
    let checks: Vec<Json> = serde_json::from_slice(&ended.stdout).expect("one document");
    assert_eq!(checks.len(), proofhouse::checks::CHECKS.len());
    for check in &checks {
        let id = check["id"].as_str().expect("an id");
        let page = place.proofhouse(&format!("explain {id}")).expect(&[0]);
        assert!(page.out().contains(id) && page.out().lines().count() > 8, "{}", page.said());
        assert!(page.stderr.is_empty());
        let listed = place.proofhouse("checks").expect(&[0]);
        assert!(listed.out().contains(id));
    }
}

#[test]
fn help() {
    let place = Place::new();
    for command in [
        "",
        "run",
        "replay",
        "shrink",
        "checks",
        "explain",
        "range",
        "check-config",
        "init",
        "clean",
        "import",
        "completions",
    ] {
        let ended = place.proofhouse(&format!("{command} --help")).expect(&[0]);
        assert!(ended.stderr.is_empty());
        assert_snapshot!(format!("help_{}", if command.is_empty() { "all" } else { command }), ended.out());
    }
}

#[test]
fn the_version() {
    let ended = Place::new().proofhouse("--version").expect(&[0]);
    assert_eq!(ended.out(), format!("proofhouse {}\n", env!("CARGO_PKG_VERSION")));
}

/// `| head` is no failure of ours.
#[test]
fn a_reader_that_goes_away() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_proofhouse"))
        .args(["range", "--list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("started");
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
}
