//! The thread that plans: phases, one after the other, in epochs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::Sender;
use std::time::Instant;

use super::budget::Budget;
use super::cells::{self, CellPlan};
use super::crew::Crew;
use super::events::{Announcement, Progress};
use super::fold::Folded;
use super::interest::{Interest, Worth};
use super::journal::Earlier;
use super::run::{CampaignError, Extent, Replayed};
use super::select::Selection;
use super::worker::{Done, Epoch, Job};
use crate::case::{ANONYMOUS, Act, Case};
use crate::checks::{Phase, Verdict};
use crate::execute::{Governor, Halt};
use crate::finding::{Finding, State};
use crate::generate::{Explorer, Probe, World};

/// Requests in a row that may find nobody before the run stops.
pub(super) const CIRCUIT_BREAKER: u64 = 60;
/// Cells or cases of one epoch.
pub(super) const EPOCH: usize = 64;
/// The share of the requests, and of the time, that is spent on the cases of earlier runs: one in so many.
const AGAIN: u32 = 8;
/// Cases that are explored when nothing else bounds the run.
const EXPLORE: u64 = 1_500;

/// The thread that plans and folds.
pub(super) struct Planner<'a> {
    pub(super) announce: Sender<Announcement>,
    pub(super) world: Arc<World>,
    pub(super) folded: Folded,
    pub(super) budget: Budget,
    pub(super) selection: &'a Selection,
    pub(super) governor: &'a Governor,
    pub(super) halt: &'a Halt,
    pub(super) crew: &'a Crew,
    pub(super) progress: &'a mut dyn FnMut(&Progress),
    pub(super) phase: Arc<str>,
    pub(super) earlier: Earlier,
    /// Waiting costs nothing: limits can be shrunk at length.
    pub(super) bounded_limits: bool,
    /// The share of the time that the phases before the limits have.
    pub(super) scale: f64,
    /// Cells whose phase had no time left for them.
    pub(super) late: Vec<CellPlan>,
    /// Cases that exploring sent.
    pub(super) explored: u64,
    /// What is left of the sweep, the next one last.
    pub(super) probes: Vec<Probe>,
    pub(super) shrink_executions: u32,
    /// What may be under way at once where the target bears it; 0 where each worker has a target of its own.
    pub(super) at_most: usize,
    /// What exploring met.
    pub(super) interest: Interest,
    /// Saved cases, that are sent before anything else.
    pub(super) replay: Vec<Case>,
    /// How far it goes.
    pub(super) extent: Extent,
    /// What the saved cases showed.
    pub(super) replayed: Vec<Replayed>,
}

/// Until which share of that time a phase may begin work; what it leaves unused moves on.
pub(super) fn share(phase: Phase) -> f64 {
    match phase {
        Phase::PreFlight => 0.25,
        Phase::Target => 0.28,
        Phase::Shape => 0.38,
        Phase::Authentication => 0.5,
        Phase::Authorization => 0.62,
        Phase::Input => 0.85,
        _ => 0.88,
    }
}

impl Planner<'_> {
    pub(super) fn all(&mut self) -> Result<(), CampaignError> {
        self.replay()?;
        if self.extent == Extent::Replay {
            return Ok(());
        }
        self.preflight()?;
        if self.extent == Extent::Learn {
            return Ok(());
        }
        self.scale = self.without_limits();
        let limits = Phase::ALL.iter().position(|phase| *phase == Phase::Limits).unwrap_or(Phase::ALL.len());
        let (before, after) = Phase::ALL.split_at(limits);
        for phase in before {
            self.planned(*phase, share(*phase) * self.scale)?;
        }
        self.explore(0.92 * self.scale)?;
        self.shrink(self.scale)?;
        for phase in after {
            self.planned(*phase, 0.9)?;
        }
        self.belated()?;
        self.shrink(1.0)?;
        self.farewell()
    }

    /// Sends the cases of earlier runs, each to a target in the state that it starts with where there is one.
    fn replay(&mut self) -> Result<(), CampaignError> {
        self.phase = Arc::from("replaying");
        let cases = std::mem::take(&mut self.replay);
        let missing = |case: &Case| {
            let unknown = |name: &&str| *name != ANONYMOUS && self.world.profile(name).is_none();
            let named = case.steps.iter().map(|step| step.identity.as_str());
            named.into_iter().find(unknown).map(str::to_owned)
        };
        let (mut jobs, mut sent) = (Vec::new(), Vec::new());
        for case in cases {
            if let Some(name) = missing(&case) {
                let why = format!("it needs an identity `{name}`, and there is none of that name");
                self.replayed.push(Replayed { case, verdict: Verdict::vacuous(why), sent: false });
            } else {
                jobs.push(Job::Replay(Box::new(case.clone())));
                sent.push(case);
            }
        }
        for (case, mut done) in sent.into_iter().zip(self.epoch(jobs, None, false)?) {
            let verdict = done.verdict.take().unwrap_or(Verdict::NotMine);
            self.replayed.push(Replayed { case, verdict, sent: true });
            self.fold(done, None);
        }
        Ok(())
    }

    /// What a phase had no time for is done with what others left.
    fn belated(&mut self) -> Result<(), CampaignError> {
        for phase in Phase::ALL {
            let (cells, others) =
                std::mem::take(&mut self.late).into_iter().partition(|cell| cell.about().phase == *phase);
            self.late = others;
            self.work_on(*phase, cells, 0.95)?;
        }
        for cell in std::mem::take(&mut self.late) {
            self.skip(&cell, if self.halt.is_stopped() { "stopped" } else { "budget" });
        }
        // Requests are shared out beforehand, so that their number alone says what is sent; time is not.
        match self.budget.total() {
            Some(_) => self.explore(0.93),
            None if self.budget.counts_cases() => self.explore(1.0),
            None => Ok(()),
        }
    }

    /// The share of the time that is left when the limits have had theirs: windows cannot be hurried.
    fn without_limits(&self) -> f64 {
        let Some(total) = self.budget.total() else { return 1.0 };
        let limits = cells::of_phase(Phase::Limits, &self.world, &|id| self.selection.has(id));
        let windows = limits
            .iter()
            .filter_map(|cell| self.world.limit(cell.subject.operation?))
            .map(|limit| limit.window);
        // A cell that holds takes a window and a fifth, or a few; one that does not is run again, at more length.
        let seconds = windows.sum::<u64>() as f64 * 5.0 / 1_000.0;
        1.0 - (seconds / total.as_secs_f64()).clamp(0.02, 0.5) - 0.05
    }

    fn explore(&mut self, share: f64) -> Result<(), CampaignError> {
        self.phase = Arc::from("exploring");
        let until = self.budget.until(share);
        // A share of the requests is kept for limits and shrinking.
        let keep = self.budget.left().checked_div(5).unwrap_or_default();
        if self.explored == 0 {
            self.probes = crate::generate::sweep(&self.world);
            self.probes.reverse();
        }
        let mut explorer = Explorer::new(&self.world);
        let again: Vec<_> =
            self.interest.cases.iter().filter(|case| explorer.add(case, &self.world)).cloned().collect();
        if self.explored == 0 {
            self.again(again, until)?;
        }
        let mut explorer = Arc::new(explorer);
        while !self.halt.is_stopped() {
            let more = if self.budget.is_bounded() {
                self.budget.left() > keep
                    && self.budget.cases_left(share) > 0
                    && until.is_none_or(|until| Instant::now() < until)
            } else {
                self.explored < EXPLORE || !self.probes.is_empty()
            };
            if !more {
                break;
            }
            // By then what many requests show is known: nobody finds it at the same time as others, and no worker
            // needs to wait for the last of a small epoch.
            let epoch = match self.explored / EPOCH as u64 {
                0..32 => EPOCH,
                32..256 => 4 * EPOCH,
                _ => 32 * EPOCH,
            };
            let most = (self.budget.left() - keep).div_ceil(40).clamp(1, epoch as u64);
            let most = most.min(self.budget.cases_left(share)).max(1);
            let jobs = self.provocations(&explorer, most);
            let (before, known) = (self.folded.requests, self.interest.cases.len());
            self.epoch_in_order(jobs, until, false, &mut Self::provoked)?;
            for case in &self.interest.cases[known..] {
                Arc::make_mut(&mut explorer).add(case, &self.world);
            }
            if self.folded.requests == before {
                break;
            }
        }
        Ok(())
    }

    /// Sends what showed something new in earlier runs: it may show something else today.
    fn again(&mut self, cases: Vec<Case>, until: Option<Instant>) -> Result<(), CampaignError> {
        let left = self.budget.left().min(self.budget.cases_left(1.0));
        let most = usize::try_from(left / u64::from(AGAIN)).unwrap_or(usize::MAX);
        let jobs = cases.into_iter().rev().take(most).map(|case| Job::Again(Box::new(case))).collect();
        let now = Instant::now();
        let until = until.map(|until| now + until.saturating_duration_since(now) / AGAIN);
        self.epoch_in_order(jobs, until, false, &mut Self::provoked)
    }

    /// Folds what exploring gave; what it showed for the first time is kept.
    fn provoked(&mut self, mut done: Done) {
        if let Some(shown) = done.shown.take()
            && !matches!(self.interest.take(&shown), Worth::Nothing)
        {
            let _ = self.announce.send(Announcement::Behaviour(Box::new((shown.behaviour, shown.case))));
        }
        self.fold(done, None);
    }

    /// The next of the sweep, and drawn ones when it is done.
    fn provocations(&mut self, explorer: &Arc<Explorer>, most: u64) -> Vec<Job> {
        let mut jobs = Vec::new();
        for index in self.explored..self.explored + most {
            let job = self.probes.pop().map(|probe| Job::Probe(Box::new(probe)));
            jobs.push(job.unwrap_or_else(|| Job::Explore(Arc::clone(explorer), index)));
        }
        self.explored += most;
        jobs
    }

    /// Makes every confirmed finding small.
    fn shrink(&mut self, share: f64) -> Result<(), CampaignError> {
        if self.shrink_executions == 0 {
            return Ok(());
        }
        self.phase = Arc::from("shrinking");
        let until = self.budget.until(share);
        let ready = |finding: &Finding| finding.state == State::Confirmed;
        let (large, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.folded.findings).into_iter().partition(|(finding, _)| ready(finding));
        self.folded.findings = rest;
        // What is measured by the clock is shrunk alone.
        let timed = |case: &Case| case.steps.iter().any(|step| matches!(step.act, Act::Wait(_)));
        let (alone, shared): (Vec<_>, Vec<_>) = large.into_iter().partition(|(_, case)| timed(case));
        for (found, alone) in [(shared, false), (alone, !self.bounded_limits)] {
            let jobs: Vec<_> = found.iter().map(|found| Job::Shrink(Box::new(found.clone()))).collect();
            for (found, mut done) in found.into_iter().zip(self.epoch(jobs, until, alone)?) {
                let small = std::mem::take(&mut done.findings).pop();
                self.folded.findings.push(small.unwrap_or(found));
                self.folded.requests += done.requests;
            }
        }
        Ok(())
    }

    /// Sees whether every identity still works.
    fn farewell(&mut self) -> Result<(), CampaignError> {
        self.phase = Arc::from("farewell");
        let names: Vec<_> = self
            .world
            .profiles
            .iter()
            .filter(|profile| profile.alive)
            .map(|profile| profile.name.clone())
            .collect();
        let jobs = names.iter().cloned().map(Job::Alive).collect();
        for (name, done) in names.into_iter().zip(self.epoch(jobs, None, false)?) {
            if let Some(alive) = done.alive {
                self.folded.alive.insert(name, alive);
            }
            self.fold(done, None);
        }
        Ok(())
    }

    /// Has the workers do these pieces of work; gives what each gave, in order.
    pub(super) fn epoch(
        &mut self,
        jobs: Vec<Job>,
        until: Option<Instant>,
        alone: bool,
    ) -> Result<Vec<Done>, CampaignError> {
        let mut all = Vec::with_capacity(jobs.len());
        self.epoch_in_order(jobs, until, alone, &mut |_, done| all.push(done))?;
        Ok(all)
    }

    /// Has the workers do these pieces of work, and takes what each gave in the order of the work, as it comes.
    fn epoch_in_order(
        &mut self,
        jobs: Vec<Job>,
        until: Option<Instant>,
        alone: bool,
        take: &mut dyn FnMut(&mut Self, Done),
    ) -> Result<(), CampaignError> {
        let of = jobs.len();
        if of == 0 {
            return Ok(());
        }
        // What came before its turn.
        let mut early: BTreeMap<usize, Done> = BTreeMap::new();
        let mut turn = 0;
        let known = self.folded.findings.iter().map(|(finding, _)| &finding.fingerprint);
        let known =
            known.chain(self.earlier.findings.iter().map(|finding| &finding.fingerprint)).cloned().collect();
        let world = Arc::clone(&self.world);
        let end = self.budget.end(until);
        let (next, known) = (AtomicUsize::new(0), Arc::new(known));
        let interest = self.interest.known();
        let epoch = Arc::new(Epoch { jobs, next, world, until, end, alone, known, interest });
        self.crew.begin(&epoch);
        let mut findings = self.folded.findings.len();
        let mut finished = 0;
        while finished < of {
            let batch = self.crew.results();
            let batch = batch.ok_or_else(|| CampaignError::Worker("every worker ended".to_owned()))?;
            finished += batch.len();
            for result in batch {
                let (index, one) = result.map_err(CampaignError::Worker)?;
                findings += one.findings.len();
                early.insert(index, one);
            }
            while let Some(done) = early.remove(&turn) {
                turn += 1;
                take(self, done);
            }
            if self.governor.unreachable() >= CIRCUIT_BREAKER {
                self.halt.stop();
            }
            (self.progress)(&Progress {
                phase: Arc::clone(&self.phase),
                done: finished,
                of,
                requests: self.governor.sent(),
                findings,
            });
        }
        Ok(())
    }
}
