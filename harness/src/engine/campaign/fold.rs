//! The fold: what workers gave becomes what the run knows, in the order of the work.

use std::collections::BTreeMap;

use super::cells::CellPlan;
use super::events::Announcement;
use super::plan::Planner;
use super::worker::{Answers, Done};
use crate::case::Case;
use crate::checks::Verdict;
use crate::finding::Finding;
use crate::report::{Cell, Quarantined};

/// What the fold collects.
#[derive(Default)]
pub(super) struct Folded {
    pub(super) cells: Vec<(CellKey, Cell)>,
    pub(super) findings: Vec<(Finding, Case)>,
    pub(super) statuses: BTreeMap<String, BTreeMap<String, u64>>,
    /// Valid requests, by operation.
    pub(super) valid: BTreeMap<String, Valid>,
    pub(super) requests: u64,
    pub(super) check_requests: BTreeMap<String, u64>,
    pub(super) alive: BTreeMap<String, bool>,
    pub(super) explored: Vec<String>,
    /// Operations that were kept in until the end.
    pub(super) quarantined: Vec<Quarantined>,
}

/// What became of an operation's valid requests.
#[derive(Clone, Copy, Default)]
pub(super) struct Valid {
    pub(super) sent: u64,
    pub(super) granted: u64,
}

/// A cell's name in the journal.
pub(super) type CellKey = String;

impl Planner<'_> {
    pub(super) fn fold_cell(&mut self, cell: &CellPlan, mut done: Done) {
        if done.late {
            self.fold(done, Some(cell.about().id));
            self.late.push(cell.clone());
            return;
        }
        let verdict = done.verdict.take().unwrap_or(Verdict::NotMine);
        let (verdict, why) = match (done.withheld.take(), verdict) {
            (Some(why), _) => ("skipped", why),
            (None, Verdict::Vacuous(why)) => ("vacuous", why),
            (None, verdict) => (verdict.name(), String::new()),
        };
        let record = self.record(cell, verdict, &why, done.requests, std::mem::take(&mut done.cases));
        let check = cell.about().id;
        self.fold(done, Some(check));
        if !self.halt.is_stopped() {
            let _ = self.announce.send(Announcement::Cell(Box::new(record.clone())));
        }
        self.folded.cells.push((cell.key(&self.world), record));
    }

    pub(super) fn fold(&mut self, done: Done, check: Option<&str>) {
        self.budget.spend(done.requests);
        self.budget.judge(done.executed);
        self.folded.requests += done.requests;
        if let Some(check) = check {
            *self.folded.check_requests.entry(check.to_owned()).or_default() += done.requests;
        } else {
            self.folded.explored.extend(done.cases);
        }
        for Answers { operation, status, valid, count } in done.statuses {
            if valid {
                if !self.folded.valid.contains_key(&*operation) {
                    self.folded.valid.insert(operation.to_string(), Valid::default());
                }
                let Some(of) = self.folded.valid.get_mut(&*operation) else { continue };
                of.sent += count;
                of.granted +=
                    if status.is_some_and(|status| (200..300).contains(&status)) { count } else { 0 };
            }
            if !self.folded.statuses.contains_key(&*operation) {
                self.folded.statuses.insert(operation.to_string(), BTreeMap::new());
            }
            let Some(statuses) = self.folded.statuses.get_mut(&*operation) else { continue };
            let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
            *statuses.entry(status).or_default() += count;
        }
        for (finding, case) in done.findings {
            let same = |(old, _): &(Finding, Case)| {
                old.fingerprint == finding.fingerprint && old.cause.matches(&finding.cause)
            };
            if !self.folded.findings.iter().any(same) {
                self.folded.findings.push((finding, case));
            }
        }
    }
}
