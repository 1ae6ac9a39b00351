//! Nights in a row with one directory of corpora: what was met before is not new again.

use std::path::Path;
use std::sync::Arc;

use proofhouse::corpora::Corpora;
use proofhouse_range::Config;

use crate::run::{InProcess, campaign_of};

const REQUESTS: u64 = 6_000;

fn kept(folder: &Path) -> Vec<u64> {
    let (cases, errors) = Corpora::at(folder).interesting();
    assert!(errors.is_empty(), "{errors:?}");
    cases.into_iter().map(|one| one.behaviour).collect()
}

#[test]
fn each_night_adds_less_and_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::default();
    let mut new = Vec::new();
    for night in 1..=5 {
        let before = kept(folder.path());
        let report = campaign_of(
            Arc::new(InProcess::new(config.clone())),
            &config,
            REQUESTS,
            Some(folder.path()),
            night,
        );
        let after = kept(folder.path());
        assert_eq!(report.behaviours.known as usize, before.len());
        assert!(before.iter().all(|behaviour| after.contains(behaviour)), "nothing is forgotten");
        assert_eq!(after.len() - before.len(), report.behaviours.new as usize, "what is new was not there");
        new.push(report.behaviours.new);
    }
    println!("new each night: {new:?}");
    assert!(new[0] > 40, "{new:?}");
    assert!(new[4] * 4 <= new[0], "{new:?}");
    assert!(new[1..].iter().any(|new| *new > 0), "the total grows: {new:?}");
}
