//! The library holds; and what is planted in it is found.

use example_axum::{Bug, app};
use proofhouse::Prove;
use proofhouse::finding::{Finding, State};
use proofhouse::generate::{Policy, Rule};
use proofhouse::identity::Identity;

fn member(name: &str, password: &str) -> Identity {
    let body = serde_json::json!({"name": name, "password": password});
    Identity::login(name, "POST", "/login", body, "/token").role("member")
}

fn proving(bug: Option<Bug>) -> Prove {
    proofhouse::prove_with(move || async move { app(bug) })
        .openapi(include_str!("../openapi.yaml"))
        .identity(member("alice", "alice-reads-a-lot"))
        .identity(member("bob", "bob-reads-at-night"))
        .policy(own())
}

/// Whose a loan is: what is not said is inferred, and then only suspected.
fn own() -> Policy {
    let rule = Rule { role: "member".to_owned(), own: vec!["* /loans/*".to_owned()], ..Rule::default() };
    Policy { rules: vec![rule], ..Policy::default() }
}

#[test]
fn the_library_holds() {
    proving(None).cases(2_000).run().assert_holds();
}

/// The checks that name a bug; one of them is enough.
fn named_by(bug: Bug) -> &'static [&'static str] {
    match bug {
        Bug::SearchInSql => &["input-sqli-boolean", "input-sqli-error"],
        Bug::LoanOfAnybody => &["authz-object-read"],
        Bug::ReturnWithoutToken => &["authn-missing-credential"],
        Bug::NoDays => &["service-panic", "input-server-error"],
    }
}

fn is_found(bug: Bug, seeds: std::ops::RangeInclusive<u64>) {
    for seed in seeds {
        let proof = proving(Some(bug)).cases(500).seed(seed).without_corpora().run();
        let seen = |finding: &&Finding| matches!(finding.state, State::Confirmed | State::Shrunk);
        let found = proof.report().findings.iter().filter(seen);
        let found: Vec<_> = found.map(|finding| finding.check.as_str()).collect();
        assert!(
            found.iter().any(|check| named_by(bug).contains(check)),
            "{bug:?}, seed {seed}: {}",
            proof.message()
        );
    }
}

#[test]
fn every_planted_bug_is_found_within_500_cases() {
    Bug::ALL.into_iter().for_each(|bug| is_found(bug, 1..=2));
}

#[test]
#[ignore = "half a minute: `just examples` runs it"]
fn every_planted_bug_is_found_for_twenty_seeds() {
    Bug::ALL.into_iter().for_each(|bug| is_found(bug, 1..=20));
}
