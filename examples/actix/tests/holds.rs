//! The notes hold; and what is planted in them is found.

use example_actix::{Bug, issue, service};
use proofhouse::Prove;
use proofhouse::finding::{Finding, State};
use proofhouse::identity::Identity;

fn proving(bug: Option<Bug>) -> Prove {
    proofhouse::prove_with(move || service(bug))
        .openapi(include_str!("../openapi.yaml"))
        .identity(Identity::bearer("alice", issue("alice")).role("writer"))
        .identity(Identity::bearer("bob", issue("bob")).role("writer"))
}

#[test]
fn the_notes_hold() {
    proving(None).cases(2_000).run().assert_holds();
}

/// The checks that name a bug; one of them is enough.
fn named_by(bug: Bug) -> &'static [&'static str] {
    match bug {
        Bug::AlgNone => &["jwt-alg-none"],
        Bug::AnyMediaType => &["ctype-undocumented-accepted", "ctype-absent-accepted", "ctype-mismatch-body"],
        Bug::CutInCharacter => &["service-panic", "input-server-error"],
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
