//! Groups of defects that do not hide each other, so that one run proves many.

use proofhouse_range::{Defect, defects};

/// Every defect in exactly one group; no two of a group in conflict, and no two that fire the same check.
pub(crate) fn groups() -> Vec<Vec<&'static Defect>> {
    let mut groups: Vec<Vec<&'static Defect>> = Vec::new();
    for defect in defects() {
        let fits = |group: &Vec<&Defect>| {
            !group.iter().any(|other| {
                other.conflicts_with(defect) || other.fires.iter().any(|check| defect.fires.contains(check))
            })
        };
        match groups.iter_mut().find(|group| fits(group)) {
            Some(group) => group.push(defect),
            None => groups.push(vec![defect]),
        }
    }
    groups
}
