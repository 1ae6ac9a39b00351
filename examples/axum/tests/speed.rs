//! What a test costs in the profile that tests are built in.

use std::time::Instant;

use example_axum::app;
use proofhouse::identity::Identity;

#[test]
#[ignore = "a measure: `just embedded-speed` prints it"]
#[expect(clippy::print_stdout, reason = "it is there to be read")]
fn two_thousand_judged_cases() {
    let member = |name: &str, password: &str| {
        let body = serde_json::json!({"name": name, "password": password});
        Identity::login(name, "POST", "/login", body, "/token").role("member")
    };
    let began = Instant::now();
    let proof = proofhouse::prove_with(|| async { app(None) })
        .openapi(include_str!("../openapi.yaml"))
        .identity(member("alice", "alice-reads-a-lot"))
        .identity(member("bob", "bob-reads-at-night"))
        .without_corpora()
        .cases(2_000)
        .run();
    proof.assert_holds();
    let (seconds, requests) = (began.elapsed().as_secs_f64(), proof.report().requests);
    println!("{} judged cases, {requests} requests, in {seconds:.2} s", proof.judged());
}
