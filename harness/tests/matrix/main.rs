//! The defect matrix: every defect of the range makes the checks fire that it declares, and no others; the hardened
//! range makes none fire. In process on a virtual clock, and over sockets.

#![allow(clippy::print_stdout, reason = "figures for whoever runs it")]

#[path = "../common/proof.rs"]
mod common;
mod groups;
mod limited;
mod minimal;
mod nights;
mod proof;
#[path = "../common/remover.rs"]
#[allow(dead_code, reason = "shared with the shrinker's own tests, which use all of it")]
mod remover;
mod run;
mod stripped;

use std::collections::BTreeSet;

use proofhouse::checks::CHECKS;
use proofhouse_range::{Defect, defects};

use crate::groups::groups;
use crate::run::{Fired, Over, campaign};

/// What the fired set must hold, and what it may hold.
fn allowed<'d>(defects: &[&'d Defect]) -> (BTreeSet<&'d str>, BTreeSet<&'d str>) {
    let must: BTreeSet<&str> = defects.iter().flat_map(|defect| defect.fires.iter().copied()).collect();
    let also = defects.iter().flat_map(|defect| defect.also.iter().map(|(id, _)| *id));
    let may = must.iter().copied().chain(also).collect();
    (must, may)
}

/// Whether the fired set is what the defects declare.
fn verify(defects: &[&Defect], fired: &Fired, context: &str) -> Result<(), String> {
    let ids: Vec<_> = defects.iter().map(|defect| defect.id).collect();
    let (must, may) = allowed(defects);
    let fired_ids: BTreeSet<&str> = fired.findings.iter().map(|(check, _)| check.as_str()).collect();
    let missing: Vec<_> = must.difference(&fired_ids).collect();
    let wrong: Vec<_> = fired.findings.iter().filter(|(check, _)| !may.contains(check.as_str())).collect();
    if missing.is_empty() && wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{context} {ids:?}: missing {missing:?}, wrong {wrong:?}\n{}", fired.summary))
}

fn expect(results: Vec<Result<(), String>>) {
    let failures: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Whether a defect is asked for: the variable `DEFECT` names a part of its id, and nothing asks for all.
fn is_asked_for(defect: &Defect) -> bool {
    common::asked("DEFECT").is_none_or(|asked| defect.id.contains(&asked))
}

#[test]
fn each_defect_alone_in_process() {
    expect(
        defects()
            .iter()
            .filter(|defect| is_asked_for(defect))
            .map(|defect| verify(&[defect], &campaign(Over::Process, &[defect], 1), "in process"))
            .collect(),
    );
}

#[test]
fn the_hardened_range_makes_nothing_fire_in_process() {
    for seed in 1..=3 {
        let fired = campaign(Over::Process, &[], seed);
        assert!(fired.findings.is_empty(), "seed {seed}: {:?}", fired.findings);
        proven(&fired);
    }
}

#[test]
fn defects_in_groups_over_sockets() {
    // Each group has a range of its own, and most of the time is waiting: all at once.
    let prove = |group: &[&'static Defect]| verify(group, &campaign(Over::Sockets, group, 1), "over sockets");
    let groups = groups();
    expect(std::thread::scope(|scope| {
        let running: Vec<_> = groups.iter().map(|group| scope.spawn(|| prove(group))).collect();
        running.into_iter().map(|group| group.join().expect("a verdict")).collect()
    }));
}

#[test]
fn the_hardened_range_makes_nothing_fire_over_sockets() {
    let fired = campaign(Over::Sockets, &[], 1);
    assert!(fired.findings.is_empty(), "{:?}", fired.findings);
    proven(&fired);
}

/// No check is vacuous or skipped on the hardened range.
fn proven(fired: &Fired) {
    for check in CHECKS {
        let id = check.about().id;
        assert_eq!(fired.verdicts.get(id).map(String::as_str), Some("held"), "{id}\n{}", fired.summary);
    }
}
