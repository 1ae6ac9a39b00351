//! A case is one thing to every engine: what one finds, the others replay.

use proofhouse::case::Case;
use proofhouse::corpora::Corpora;
use proofhouse::engine::fuzz::{Fuzzer, Home};
use proofhouse::identity::Identity;
use proofhouse::{Prove, prove_with};
use proofhouse_range::{Account, Config};
use serde_json::json;

use crate::support::Place;

const DEFECT: &str = "error-stack-trace-on-unknown-dish";
const CHECK: &str = "error-stack-trace";

fn config(defect: Option<&str>) -> Config {
    defect.into_iter().fold(Config::default(), |config, id| config.defect(id).expect("a defect"))
}

/// The range of this process, with those who use it on the range of the program, too.
fn proving(defect: Option<&str>, place: &Place) -> Prove {
    let config = config(defect);
    let person = |name: &str, account: &Account| {
        let body = json!({"username": account.name, "password": account.password});
        Identity::login(name, "POST", "/login", body, "/access_token").role("customer")
    };
    let (alice, bob) = (person("alice", &config.accounts.alice), person("bob", &config.accounts.bob));
    prove_with(move || {
        let config = config.clone();
        async move { proofhouse_range::app(&config) }
    })
    .openapi(proofhouse_range::openapi())
    .identity(alice)
    .identity(bob)
    .checks([CHECK])
    .corpora(place.path().join("corpora"))
    .virtual_clock()
}

/// What libFuzzer does to a field.
fn flip(data: &mut [u8], size: usize, _room: usize) -> usize {
    data[size / 2] ^= 0x10;
    size
}

#[test]
fn what_the_fuzzer_finds_is_replayed_over_http() {
    let place = Place::new();
    let prove = proving(Some(DEFECT), &place);
    let mut fuzzer = Fuzzer::new(prove, Home::new(env!("CARGO_MANIFEST_DIR"), "engines")).expect("a fuzzer");
    let corpora = Corpora::at(place.path().join("corpora"));
    let mut kept = b"\n".to_vec();
    for seed in 0..3_000 {
        let mut data = kept.clone();
        let size = data.len();
        data.resize(16_384, 0);
        let size = fuzzer.mutate(&mut data, size, 16_384, seed, &mut flip);
        if fuzzer.run(&data[..size]) && seed % 5 == 0 {
            kept = data[..size].to_vec();
        }
        if !corpora.files("findings").is_empty() {
            break;
        }
    }
    let files = corpora.files("findings");
    let [file] = files.as_slice() else { panic!("one finding, and not {files:?}") };
    let case = Case::from_json(&std::fs::read(file).expect("readable")).expect("a case");
    assert_eq!((case.check.as_str(), case.operation.as_str()), (CHECK, "GET /menu/{id}"));
    let file = file.display();
    let found = place.proofhouse(&format!("replay {file} --defect {DEFECT}")).expect(&[1]);
    assert!(found.out().contains("reproduced 3 of 3"), "{}", found.said());
    let held = place.proofhouse(&format!("replay {file} --defect none")).expect(&[0]);
    assert!(held.out().contains("reproduced 0 of 3"), "{}", held.said());
}

#[test]
fn what_a_campaign_finds_fails_a_test_until_it_is_mended() {
    let place = Place::new();
    place.proofhouse(&format!("run --checks {CHECK} --requests 400 --defect {DEFECT}")).expect(&[1]);
    assert_eq!(Corpora::at(place.path().join("corpora")).files("findings").len(), 1);
    let failed = proving(Some(DEFECT), &place).cases(1).run();
    assert!(!failed.holds(), "{}", failed.message());
    let findings = failed.findings();
    let [finding] = findings.as_slice() else { panic!("{}", failed.message()) };
    assert_eq!(finding.check, CHECK, "{}", failed.message());
    let mended = proving(None, &place).cases(300).run();
    assert!(mended.holds(), "{}", mended.message());
}

#[test]
fn what_a_test_finds_is_replayed_over_http() {
    let place = Place::new();
    let proof = proving(Some(DEFECT), &place).cases(500).run();
    assert!(!proof.holds(), "{}", proof.message());
    let files = Corpora::at(place.path().join("corpora")).files("findings");
    let [file] = files.as_slice() else { panic!("one finding, and not {files:?}") };
    let file = file.display();
    place.proofhouse(&format!("replay {file} --defect {DEFECT}")).expect(&[1]);
    place.proofhouse(&format!("replay {file} --defect none")).expect(&[0]);
}
