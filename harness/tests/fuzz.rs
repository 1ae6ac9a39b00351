//! A fuzz target as libFuzzer drives it, in a process of its own: the hook for panics is the whole process's.

use axum::routing::post;
use axum::{Json, Router};
use proofhouse::corpora::Corpora;
use proofhouse::engine::fuzz::{Home, mutate, run, run_bytes, start};
use serde_json::Value;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: { title: Counter, version: "1" }
paths:
  /add:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, required: [by], properties: { by: { type: integer, minimum: 0, maximum: 9 } } }
      responses: { "200": { description: added } }
"#;

/// What it panics at is in a task of its own: the request is answered as if nothing had happened.
fn service() -> Router {
    let add = async |body: Json<Value>| {
        let by = body["by"].as_i64().unwrap_or_default();
        let _ = tokio::spawn(async move { assert!(by < 10, "too much in a task") }).await;
        "added"
    };
    Router::new().route("/add", post(add))
}

/// Takes the place of libFuzzer's own mutator.
fn flip(data: &mut [u8], size: usize, _room: usize) -> usize {
    data[0] ^= 0x10;
    size
}

#[test]
fn a_panic_of_a_task_is_a_finding_and_the_run_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let corpora = folder.path().to_owned();
    // As libfuzzer-sys does before anything else.
    std::panic::set_hook(Box::new(|_| std::process::abort()));
    let prove = || {
        proofhouse::prove_with(|| async { service() })
            .openapi(DOCUMENT)
            .checks(["service-panic"])
            .corpora(corpora)
    };
    start(prove, Home::new(env!("CARGO_MANIFEST_DIR"), "test"));
    let mut kept = b"\n".to_vec();
    let mut ran = 0;
    for seed in 0..400 {
        let mut data = kept.clone();
        let size = data.len();
        data.resize(4_096, 0);
        let size = mutate(&mut data, size, 4_096, seed, &mut flip);
        if run(&data[..size]) {
            ran += 1;
            if seed % 3 == 0 {
                kept = data[..size].to_vec();
            }
        }
    }
    assert!(ran > 300, "{ran} of 400 ran");
    assert_eq!(Corpora::at(folder.path()).files("findings").len(), 1);
    assert!(!run(b"no case") && !run_bytes(b""));
}
