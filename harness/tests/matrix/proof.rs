//! The whole matrix, written down: every defect alone in process, every group over sockets, the hardened range on both.

use std::collections::BTreeSet;

use proofhouse_range::{Defect, defects};
use serde_json::{Value as Json, json};

use crate::common::{asked, note, noted};
use crate::groups::groups;
use crate::run::{Fired, Over, campaign};
use crate::{allowed, verify};

/// Minutes long: `just proof`. `PROOF_SEEDS` says how many seeds, `PROOF_CHECKS` which checks.
#[test]
#[ignore = "minutes long: just proof"]
fn proof() {
    let seeds = asked("PROOF_SEEDS").map_or(3, |seeds| seeds.parse().expect("a number of seeds"));
    let checks = asked("PROOF_CHECKS").unwrap_or_default();
    let checks: Vec<&str> = checks.split(',').filter(|check| !check.is_empty()).collect();
    let is_asked_for =
        |defect: &&Defect| checks.is_empty() || defect.fires.iter().any(|check| checks.contains(check));
    let mut failures = Vec::new();
    for seed in 1..=seeds {
        for defect in defects().iter().filter(is_asked_for) {
            failures.extend(prove(Over::Process, &[defect], seed));
        }
        let groups: Vec<_> = groups().into_iter().filter(|group| group.iter().any(is_asked_for)).collect();
        // Each has a range of its own, and most of the time is waiting: all at once.
        std::thread::scope(|scope| {
            let running: Vec<_> =
                groups.iter().map(|group| scope.spawn(move || prove(Over::Sockets, group, seed))).collect();
            failures.extend(running.into_iter().filter_map(|group| group.join().expect("a verdict")));
        });
        for over in [Over::Process, Over::Sockets] {
            failures.extend(prove(over, &[], seed));
        }
        println!("seed {seed}: {} failures so far", failures.len());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Runs one campaign, unless it was written down before; says what went wrong.
fn prove(over: Over, defects: &[&Defect], seed: u64) -> Option<String> {
    let ids: Vec<_> = defects.iter().map(|defect| defect.id).collect();
    let key = json!({"over": format!("{over:?}"), "defects": ids, "seed": seed});
    // What went wrong before went wrong: going on does not mend it.
    if let Some(line) = noted().iter().find(|line| line["live"] == key) {
        let fine = line["missed"] == json!([]) && line["false"] == json!([]);
        return (!fine).then(|| format!("written down before: {line}"));
    }
    let fired = campaign(over, defects, seed);
    note(&line(key, defects, &fired));
    verify(defects, &fired, &format!("{over:?}, seed {seed},")).err()
}

fn line(key: Json, defects: &[&Defect], fired: &Fired) -> Json {
    let ids: BTreeSet<&str> = fired.findings.iter().map(|(check, _)| check.as_str()).collect();
    let (must, may) = allowed(defects);
    let of = |defect: &&Defect| json!({"id": defect.id, "fires": defect.fires, "found": defect.fires.iter().all(|check| ids.contains(check))});
    json!({
        "live": key,
        "defects": defects.iter().map(of).collect::<Vec<_>>(),
        "missed": must.difference(&ids).collect::<Vec<_>>(),
        "false": ids.difference(&may).collect::<Vec<_>>(),
    })
}
