//! The stack holds; and what is planted in it is found.

use example_tower::{Bug, KEYS, stack};
use proofhouse::Prove;
use proofhouse::finding::{Finding, State};
use proofhouse::identity::Identity;

fn proving(bug: Option<Bug>) -> Prove {
    let proving =
        proofhouse::prove_with(move || async move { stack(bug) }).openapi(include_str!("../openapi.yaml"));
    KEYS.iter().fold(proving, |proving, (key, name)| {
        proving.identity(Identity::api_key(*name, "X-API-Key", *key).role("customer"))
    })
}

#[test]
fn the_stack_holds() {
    proving(None).cases(2_000).run().assert_holds();
}

/// The checks that name a bug; one of them is enough.
fn named_by(bug: Bug) -> &'static [&'static str] {
    match bug {
        Bug::ReadWithoutKey => &["authn-missing-credential"],
        Bug::TellsInside => &["error-stack-trace", "input-json-malformed"],
        Bug::NoSeconds => &["service-panic", "input-server-error"],
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
