//! One seed and one target give the same cases, however many workers send them.

use crate::support::Place;

/// Nothing of the target goes by the clock: no limit is enforced.
const UNLIMITED: &str = "--defect ratelimit-missing-on-login-recount --defect ratelimit-missing-on-coupons \
    --defect error-stack-trace-on-unknown-dish --defect error-stack-trace-nested-in-json \
    --defect jwt-alg-none-on-forgotten-route --defect input-sqli-boolean-in-category \
    --defect authz-object-read-of-receipt --defect error-shape-inconsistent-plain-text --checks !ratelimit-*";

/// What a run does: its cells with the digests of their cases, and its case files.
fn trail(seed: u64, workers: usize) -> (Vec<String>, Vec<(String, String)>) {
    let place = Place::new();
    let line = format!("run --seed {seed} --requests 1500 --record-cases --workers {workers} {UNLIMITED}");
    place.proofhouse(&line).expect(&[1]);
    let journal = String::from_utf8(place.read("reports/latest/journal.jsonl")).expect("text");
    let mut cells: Vec<_> =
        journal.lines().filter(|line| line.starts_with("{\"cell\"")).map(str::to_owned).collect();
    cells.sort();
    let cases = place.files("corpora").into_iter().map(|file| {
        let name = file.file_name().expect("named").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&file).expect("text"))
    });
    (cells, cases.collect())
}

#[test]
fn one_worker_and_four_send_the_same_cases() {
    let (cells, cases) = trail(11, 1);
    assert!(cells.len() > 40 && cells.iter().any(|cell| cell.contains("\"cases\":[\"")));
    assert!(cases.len() >= 5, "{:?}", cases.iter().map(|(name, _)| name).collect::<Vec<_>>());
    let (others, other_cases) = trail(11, 4);
    for (one, other) in cells.iter().zip(&others) {
        assert_eq!(one, other);
    }
    assert_eq!(cells.len(), others.len());
    assert_eq!(cases, other_cases);
}

#[test]
fn another_seed_sends_others() {
    assert_ne!(trail(12, 2).0, trail(13, 2).0);
}
