//! Cells: what the budget pays for, what an earlier run did, what was done.

use std::collections::HashMap;
use std::sync::Arc;

use super::cells::{self, CellPlan};
use super::plan::{EPOCH, Planner};
use super::run::CampaignError;
use super::worker::Job;
use crate::checks::{Isolation, Phase};
use crate::finding::OperationName;
use crate::report::Cell;

/// How many cases a cell is taken to cost before anybody knows.
const CASES_OF_CELL: u64 = 3;

impl Planner<'_> {
    pub(super) fn planned(&mut self, phase: Phase, share: f64) -> Result<(), CampaignError> {
        let selection = self.selection;
        let mut waiting = cells::of_phase(phase, &self.world, &|id| selection.has(id));
        waiting.retain(|cell| !cell.subject.operation.is_some_and(|operation| self.is_held(operation)));
        self.recall(&mut waiting);
        self.work_on(phase, waiting, share)
    }

    pub(super) fn work_on(
        &mut self,
        phase: Phase,
        waiting: Vec<CellPlan>,
        share: f64,
    ) -> Result<(), CampaignError> {
        if waiting.is_empty() {
            return Ok(());
        }
        self.phase = Arc::from(phase.as_str());
        let until = self.budget.until(share);
        let (alone, shared): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|cell| cell.about().isolation == Isolation::Alone);
        for (mut waiting, alone) in [(shared, false), (alone, true)] {
            waiting.reverse();
            while !waiting.is_empty() {
                if let Some(off) = self.hazards.off.clone() {
                    waiting.drain(..).for_each(|cell| self.skip(&cell, &off));
                    break;
                }
                // It is its turn when everything else is done.
                waiting.retain(|cell| !cell.subject.operation.is_some_and(|at| self.is_held(at)));
                let epoch = self.affordable(&mut waiting, share);
                if epoch.is_empty() {
                    // This phase has had its cases; what others leave may do for the rest.
                    self.late.append(&mut waiting);
                    break;
                }
                let jobs = epoch.iter().map(|cell| Job::Cell(cell.clone())).collect();
                for (cell, done) in epoch.into_iter().zip(self.epoch(jobs, until, alone)?) {
                    self.fold_cell(&cell, done);
                }
                self.guard()?;
                if self.halt.is_stopped() {
                    self.late.append(&mut waiting);
                }
            }
        }
        Ok(())
    }

    /// The next cells that the budget of requests can pay for; what it cannot is skipped.
    fn affordable(&mut self, waiting: &mut Vec<CellPlan>, share: f64) -> Vec<CellPlan> {
        let mut left = self.budget.left();
        let mut cases = self.budget.cases_left(share);
        let mut epoch = Vec::new();
        let mut cut = Vec::new();
        while epoch.len() < EPOCH {
            let Some(cell) = waiting.pop() else { break };
            if cases == 0 && !cell.unreached {
                waiting.push(cell);
                break;
            }
            let cost = cell.cost(&self.world);
            if cost <= left {
                left -= cost.min(left);
                cases = cases.saturating_sub(if cell.unreached { 0 } else { CASES_OF_CELL });
                epoch.push(cell);
            } else if epoch.is_empty() {
                // Nothing was spent in this epoch: this cell can never be paid for.
                cut.push(cell);
            } else {
                waiting.push(cell);
                break;
            }
        }
        for cell in cut {
            self.skip(&cell, "budget");
        }
        epoch
    }

    pub(super) fn skip(&mut self, cell: &CellPlan, why: &str) {
        let record = self.record(cell, "skipped", why, 0, Vec::new());
        self.folded.cells.push((cell.key(&self.world), record));
    }

    pub(super) fn record(
        &self,
        cell: &CellPlan,
        verdict: &str,
        why: &str,
        requests: u64,
        cases: Vec<String>,
    ) -> Cell {
        let operation =
            cell.subject.operation.map_or_else(|| "*".to_owned(), |op| self.world.operation(op).name());
        Cell {
            check: cell.about().id.to_owned(),
            operation: OperationName::of(&operation),
            identity: cell.subject.identity.clone(),
            place: cell.subject.place.as_ref().map(ToString::to_string).unwrap_or_default(),
            verdict: verdict.to_owned(),
            why: why.to_owned(),
            requests,
            cases,
        }
    }

    /// Takes what an earlier run of the same journal did.
    fn recall(&mut self, waiting: &mut Vec<CellPlan>) {
        let earlier: HashMap<String, Cell> =
            self.earlier.cells.iter().map(|cell| (key_of(cell), cell.clone())).collect();
        if earlier.is_empty() {
            return;
        }
        let world = &self.world;
        let (mut known, mut left) = (Vec::new(), Vec::new());
        for cell in waiting.drain(..) {
            match earlier.get(&cell.key(world)) {
                Some(record) => known.push((cell.key(world), record.clone())),
                None => left.push(cell),
            }
        }
        for (_, record) in &known {
            self.budget.spend(record.requests);
        }
        self.folded.cells.extend(known);
        *waiting = left;
    }
}

fn key_of(cell: &Cell) -> String {
    format!("{}|{}|{}|{}", cell.check, cell.operation, cell.identity, cell.place)
}
