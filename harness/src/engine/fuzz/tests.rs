//! The engine without libFuzzer: what it would call is called by hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value as Json_, json};

use super::mutate::tests::bytes;
use super::{Fuzzer, Home};
use crate::case::Case;
use crate::corpora::{Corpora, read};
use crate::engine::property::Prove;
use crate::prove_with;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: { title: Counter, version: "1" }
paths:
  /count:
    get:
      responses:
        "200": { description: it, content: { application/json: { schema: { type: object } } } }
  /add:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, required: [by], properties: { by: { type: integer, minimum: 0, maximum: 9 } } }
      responses:
        "200": { description: added, content: { application/json: { schema: { type: object } } } }
        "400": { description: refused }
"#;

/// Adds up, and panics as it is told to.
fn counter(panics_at: i64) -> Router {
    let sum = Arc::new(AtomicU32::new(0));
    let read = Arc::clone(&sum);
    let add = async move |body: Json<Json_>| {
        let by = body["by"].as_i64().unwrap_or_default();
        assert!(by < panics_at, "too much");
        Json(json!({"sum": sum.fetch_add(1, Ordering::Relaxed)}))
    };
    Router::new()
        .route("/count", get(async move || Json(json!({"sum": read.load(Ordering::Relaxed)}))))
        .route("/add", post(add))
}

fn prove(folder: &Path, panics_at: i64) -> Prove {
    prove_with(move || async move { counter(panics_at) })
        .openapi(DOCUMENT)
        .checks(["service-panic"])
        .corpora(folder)
}

fn fuzzer(folder: &Path, panics_at: i64) -> Fuzzer {
    Fuzzer::new(prove(folder, panics_at), Home::new("/nowhere", "test")).expect("a fuzzer")
}

/// What libFuzzer does, without its guidance: mutates what it kept, and runs it.
fn fuzz(fuzzer: &mut Fuzzer, executions: u32) -> Vec<Vec<u8>> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut mutator = bytes(7);
    for seed in 0..executions {
        let mut data = kept.get(seed as usize % 7).cloned().unwrap_or_else(|| b"\n".to_vec());
        let size = data.len();
        data.resize(8_192, 0);
        let size = fuzzer.mutate(&mut data, size, 8_192, seed, &mut mutator);
        if fuzzer.run(&data[..size]) {
            kept.push(data[..size].to_vec());
        }
    }
    kept
}

#[test]
fn an_empty_corpus_becomes_cases() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut fuzzer = fuzzer(folder.path(), i64::MAX);
    for nothing in [&b""[..], b"\n", b"{}", b"null", b"\xff\xfe"] {
        assert!(!fuzzer.run(nothing), "what is no case is not kept");
    }
    let kept = fuzz(&mut fuzzer, 100);
    assert!(kept.len() > 80, "{}", kept.len());
    assert!(kept.iter().all(|data| Case::from_json(data).is_ok()));
    assert!(Corpora::at(folder.path()).files("findings").is_empty(), "nothing is wrong with it");
}

#[test]
fn a_panic_is_found_kept_once_and_made_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = fuzzer(folder.path(), 10);
    fuzz(&mut found, 600);
    let files = Corpora::at(folder.path()).files("findings");
    let [file] = files.as_slice() else { panic!("one finding, and not {files:?}") };
    let case = read(file).expect("a case");
    assert_eq!(
        (case.check.as_str(), case.operation.as_str(), case.steps.len()),
        ("service-panic", "POST /add", 1)
    );
    // The file is an input as well: its own check judges it.
    let mut again = fuzzer(folder.path(), 10);
    assert!(!again.run(&std::fs::read(file).expect("readable")), "it was looked at again");
    assert!(again.run(&std::fs::read(file).expect("readable")), "and is known from then on");
}

/// Panics at a number that stands nowhere; it tells what it compares as instrumented code does.
fn vault(is_instrumented: bool) -> Prove {
    const WANTED: u32 = 0x51d7_b6e5;
    let service = move || async move {
        let add = async move |body: Json<Json_>| {
            let by = body["by"].as_u64().unwrap_or_default() as u32;
            if is_instrumented {
                super::compared(4, by.into(), WANTED.into());
            }
            assert!(by != WANTED, "that one is known");
            Json(json!({"sum": 0}))
        };
        Router::new().route("/add", post(add))
    };
    prove_with(service).openapi(DOCUMENT.replace(", maximum: 9", "")).checks(["service-panic"])
}

#[test]
fn what_the_service_compares_with_is_met() {
    let found = |is_instrumented| {
        let folder = tempfile::tempdir().expect("a folder");
        let prove = vault(is_instrumented).corpora(folder.path());
        let mut fuzzer = Fuzzer::new(prove, Home::new("/nowhere", "test")).expect("a fuzzer");
        fuzz(&mut fuzzer, 1_500);
        Corpora::at(folder.path()).files("findings").len()
    };
    assert_eq!(found(true), 1);
    assert_eq!(found(false), 0, "chance does not get there");
}

#[test]
fn the_same_input_does_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let fuzzer = fuzzer(folder.path(), i64::MAX);
    let case = (0..50).find_map(|seed| fuzzer.draw(&mut crate::generate::Seeded::new(seed))).expect("a case");
    let targets = |seed| {
        let (trace, _) = super::fuzzer::executed(fuzzer.rig(), &case, seed, true);
        let sent = trace
            .exchanges
            .iter()
            .map(|one| (one.sent.request.target.clone(), one.sent.request.body.clone()));
        (sent.collect::<Vec<_>>(), trace.bindings)
    };
    assert_eq!(targets(3), targets(3));
}

#[test]
fn what_is_not_answered_alike_twice_is_kept_once() {
    let asked = Arc::new(AtomicU32::new(0));
    let service = move || {
        let asked = Arc::clone(&asked);
        async move {
            // Remembered beyond the service's own state: no input does the same again.
            let count = async move || {
                let turn = asked.fetch_add(1, Ordering::Relaxed);
                Json(if turn.is_multiple_of(2) { json!({"even": true}) } else { json!({"odd": true}) })
            };
            Router::new().route("/count", get(count)).route("/add", post(async || Json(json!({"sum": 0}))))
        }
    };
    let folder = tempfile::tempdir().expect("a folder");
    let prove = prove_with(service).openapi(DOCUMENT).checks(["service-panic"]).corpora(folder.path());
    let mut unsteady = Fuzzer::new(prove, Home::new("/nowhere", "test")).expect("a fuzzer");
    fuzz(&mut unsteady, 60);
    assert!(Corpora::at(folder.path()).files("unsteady").is_empty(), "nobody asked");
    unsteady.looks_twice = true;
    fuzz(&mut unsteady, 200);
    let files = Corpora::at(folder.path()).files("unsteady");
    let [file] = files.as_slice() else { panic!("one operation, and not {files:?}") };
    let case = read(file).expect("a case");
    assert!(case.bases.iter().any(|base| base.operation == "GET /count"), "{}", case.to_json());
    let steady = tempfile::tempdir().expect("a folder");
    let mut fuzzer = fuzzer(steady.path(), i64::MAX);
    fuzzer.looks_twice = true;
    fuzz(&mut fuzzer, 200);
    assert!(Corpora::at(steady.path()).files("unsteady").is_empty(), "each input has a service of its own");
}

#[test]
fn bytes_are_cases_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut fuzzer = fuzzer(folder.path(), i64::MAX);
    assert!(!fuzzer.run_bytes(b""), "a source that ran dry draws nothing");
    let data: Vec<u8> = (0..4_096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!((0..32).any(|from| fuzzer.run_bytes(&data[from * 64..])));
}

#[test]
fn a_target_without_a_place_of_its_own_keeps_its_findings_where_it_runs() {
    assert_eq!(Home::new("/nowhere/at/all", "api").corpora(), Path::new("./corpora/api"));
    let here = env!("CARGO_MANIFEST_DIR");
    assert_eq!(Home::new(here, "api").corpora(), Path::new(here).join("corpora/api"));
}

#[test]
fn data_that_must_not_be_lost_is_not_fuzzed() {
    let told = |prove: Prove| {
        let made = Fuzzer::new(prove.openapi(DOCUMENT).without_corpora(), Home::new("/nowhere", "test"));
        made.err().map(|error| error.to_string())
    };
    let service = || crate::prove(counter(i64::MAX));
    let refusal = told(service()).expect("the service is somebody's");
    assert!(refusal.contains(".disposable()") && refusal.contains("prove_with"), "{refusal}");
    assert_eq!(told(service().disposable()), None);
}

#[cfg(feature = "http")]
#[test]
fn a_live_target_is_not_even_asked() {
    // Nobody listens there, which would be another error.
    let prove = crate::prove_url("http://127.0.0.1:9").openapi(DOCUMENT).without_corpora();
    let refusal = Fuzzer::new(prove, Home::new("/nowhere", "test")).err().map(|error| error.to_string());
    assert!(refusal.as_deref().is_some_and(|text| text.contains(".disposable()")), "{refusal:?}");
}
