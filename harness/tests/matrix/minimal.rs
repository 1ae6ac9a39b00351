//! Shrunk cases against brute force: nothing that can be taken away leaves the finding standing.

use proofhouse::case::Case;
use proofhouse::checks::judge;
use proofhouse::execute::execute;
use proofhouse::finding::fingerprint;

use crate::groups::groups;
use crate::remover::simpler;
use crate::run::{Over, campaign, configured, session};

#[test]
fn shrunk_cases_are_minimal() {
    let mut removable = Vec::new();
    let mut tried = 0;
    for group in groups() {
        let fired = campaign(Over::Process, &group, 1);
        assert!(fired.large.is_empty(), "not made small: {:?}", fired.large);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let runtime = runtime.expect("a runtime");
        for case in fired.cases {
            for smaller in simpler(&case) {
                tried += 1;
                // A range of its own for each: what one case leaves behind must not help the next.
                let still = runtime.block_on(async {
                    let session = session(&configured(&group));
                    let trace = execute(&smaller, &session).await;
                    judge(&smaller, &trace).violation().is_some()
                });
                if still && fingerprint(&smaller) == fingerprint(&case) {
                    removable.push(difference(&case, &smaller));
                }
            }
        }
    }
    println!("{tried} smaller cases were tried");
    assert!(removable.is_empty(), "{} can still be removed:\n{}", removable.len(), removable.join("\n"));
}

/// The lines of a case that a smaller one lacks.
fn difference(case: &Case, smaller: &Case) -> String {
    let (large, small) = (case.to_json(), smaller.to_json());
    let small: Vec<_> = small.lines().map(str::trim).collect();
    let gone: Vec<_> = large.lines().map(str::trim).filter(|line| !small.contains(line)).take(6).collect();
    format!("{} on {}: {}", case.check, case.operation, gone.join(" "))
}
