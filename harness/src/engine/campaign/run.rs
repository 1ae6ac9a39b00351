//! The run: phases, epochs, and the fold.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::budget::Budget;
use super::cells::{self, CellPlan};
use super::conclude;
use super::events::{Announcement, Progress};
use super::journal::{Earlier, Header, Journal, JournalError};
use super::look::Lookout;
use super::preflight;
use super::worker::{Done, Epoch, Finished, Job, LaneFactory, Shared, work};
use super::writer::Writer;
use crate::case::Case;
use crate::checks::{Isolation, Phase, Verdict};
use crate::corpora::Corpora;
use crate::execute::{Governor, Halt, SessionConfig, SigningKey};
use crate::finding::{Finding, OperationName, State};
use crate::generate::{Probe, Profile, Settings, World};
use crate::identity::{Identity, Vault, Wallet};
use crate::report::{Cell, Report};
use crate::surface::Surface;

/// Requests in a row that may find nobody before the run stops.
const CIRCUIT_BREAKER: u64 = 60;
/// Cells or cases of one epoch.
const EPOCH: usize = 64;
/// Cases that are explored when nothing else bounds the run.
const EXPLORE: u64 = 1_500;

/// A bounded run against one target.
pub struct Campaign {
    /// The operations.
    pub surface: Arc<Surface>,
    /// Makes the lanes.
    pub factory: Arc<dyn LaneFactory>,
    /// Who sends.
    pub identities: Vec<Identity>,
    /// What the user said.
    pub settings: Settings,
    /// Which checks run.
    pub selection: Selection,
    /// The seed.
    pub seed: u64,
    /// How many workers.
    pub workers: usize,
    /// The time that the run may take.
    pub time: Option<Duration>,
    /// The requests that the run may plan.
    pub requests: Option<u64>,
    /// Requests a second; 0 is no bound.
    pub per_second: u32,
    /// Headers that the user adds.
    pub headers: Vec<(String, String)>,
    /// The key of the target's token issuer.
    pub signing_key: Option<SigningKey>,
    /// Configured tokens that no identity uses, by name.
    pub samples: Vec<(String, String)>,
    /// Where case files go; none keeps them in memory.
    pub corpora: Option<PathBuf>,
    /// Where the journal goes; none keeps none.
    pub report_dir: Option<PathBuf>,
    /// Goes on with the journal of an earlier run.
    pub resume: bool,
    /// What was configured, as a hash.
    pub config_digest: String,
    /// The target, as reports name it.
    pub target: String,
    /// `http`, `range` (the embedded one) or `service`.
    pub kind: String,
    /// Writes down the digest of every case.
    pub record_cases: bool,
    /// How many executions a finding may take to be made small; 0 leaves them as they were found.
    pub shrink_executions: u32,
    /// Stops the run from outside.
    pub halt: Arc<Halt>,
    /// The secrets of the run.
    pub vault: Arc<Vault>,
    /// Is told of everything once it is on disk.
    pub told: Box<dyn Fn(&Announcement) + Send>,
}

/// Which checks run: ids or globs; none means all.
#[derive(Clone, Debug, Default)]
pub struct Selection(pub Vec<String>);

impl Selection {
    /// Whether a check is selected.
    pub fn has(&self, id: &str) -> bool {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(prefix) => id.starts_with(prefix),
            None => id == pattern,
        };
        let (without, with): (Vec<_>, Vec<_>) = self.0.iter().partition(|pattern| pattern.starts_with('!'));
        (with.is_empty() || with.iter().any(|pattern| matches(pattern)))
            && !without.iter().any(|pattern| matches(&pattern[1..]))
    }
}

/// Why a campaign could not run.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A worker could not reach or make its target.
    #[error("{0}")]
    Worker(String),
}

/// What a campaign gave.
#[derive(Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// The cases of the findings, by fingerprint.
    pub cases: BTreeMap<String, Case>,
    /// Why it ended before its end.
    pub stopped: Option<Stopped>,
    /// Something could not be written.
    pub write_failure: Option<String>,
}

/// Why a campaign ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// From outside.
    Interrupted,
    /// Nobody is there.
    Unreachable,
}

/// What the fold collects.
#[derive(Default)]
pub(super) struct Folded {
    pub(super) cells: Vec<(CellKey, Cell)>,
    pub(super) findings: Vec<(Finding, Case)>,
    pub(super) statuses: BTreeMap<String, BTreeMap<String, u64>>,
    pub(super) requests: u64,
    pub(super) check_requests: BTreeMap<String, u64>,
    pub(super) alive: BTreeMap<String, bool>,
    pub(super) explored: Vec<String>,
}

/// A cell's name in the journal.
pub(super) type CellKey = String;

impl Campaign {
    /// Enough for cases of a dozen steps.
    pub const SHRINK_EXECUTIONS: u32 = 240;

    /// Runs to the end, to the budget's end, or until it is stopped.
    pub fn run(self, progress: &mut dyn FnMut(&Progress)) -> Result<Outcome, CampaignError> {
        let began = Instant::now();
        let started = now();
        let header = Header {
            version: 1,
            seed: self.seed,
            // The embedded range is another one each time, and listens elsewhere.
            target: if self.kind == "range" { "the range".to_owned() } else { self.target.clone() },
            config: self.config_digest.clone(),
            started: started.clone(),
        };
        let (journal, earlier) = match &self.report_dir {
            Some(dir) => {
                let (journal, earlier) = Journal::open(dir, &header, self.resume)?;
                (Some(journal), earlier)
            }
            None => (None, Earlier::default()),
        };
        let started = earlier.started.clone().unwrap_or(started);
        let (announce, announcements) = channel();
        let writer = Writer {
            journal,
            corpora: self.corpora.as_ref().map(Corpora::at),
            told: self.told,
            files: HashMap::new(),
            failure: None,
        };
        let wallet = (!self.factory.own_state()).then(|| {
            Arc::new(
                Wallet::new(self.identities.clone(), Arc::clone(&self.vault))
                    .with_samples(self.samples.clone()),
            )
        });
        if let Some(key) = &self.signing_key {
            self.vault.register("signing-key", &String::from_utf8_lossy(key.expose()));
        }
        self.vault.register_headers(&self.headers);
        let governor = Arc::new(Governor::new(self.per_second));
        let selection = self.selection.clone();
        let shared = Shared {
            seed: self.seed,
            factory: Arc::clone(&self.factory),
            identities: self.identities.clone(),
            samples: self.samples.clone(),
            wallet,
            vault: Arc::clone(&self.vault),
            session: SessionConfig {
                run_id: run_id(self.seed, &started).into(),
                extra_headers: Arc::new(self.headers.clone()),
                signing_key: self.signing_key.clone(),
                governor: Arc::clone(&governor),
                halt: Arc::clone(&self.halt),
            },
            lookout: Arc::new(Lookout::new(&self.surface, move |id| selection.has(id))),
            announce,
            record_cases: self.record_cases,
            base_url: self.target.clone(),
            now: Arc::new(now),
            shrink_executions: self.shrink_executions,
        };
        let shared = Arc::new(shared);
        let writing = std::thread::spawn(move || writer.run(&announcements));
        let (tell, results) = channel();
        let mut epochs = Vec::new();
        let mut threads = Vec::new();
        for _ in 0..self.workers.max(1) {
            let (send, receive) = channel();
            let (tell, shared) = (tell.clone(), Arc::clone(&shared));
            threads.push(std::thread::spawn(move || work(&shared, &receive, &tell)));
            epochs.push(send);
        }
        drop(tell);
        let profiles = self.identities.iter().map(|identity| Profile {
            name: identity.name.clone(),
            role: identity.role.clone(),
            disposable: identity.disposable,
            ..Profile::default()
        });
        let world = World {
            surface: Arc::clone(&self.surface),
            profiles: profiles.collect(),
            settings: self.settings.clone(),
            ..World::default()
        };
        let mut run = Run {
            announce: shared.announce.clone(),
            world,
            folded: Folded::default(),
            budget: Budget::new(self.time, self.requests),
            selection: &self.selection,
            governor: &governor,
            halt: &self.halt,
            epochs,
            results,
            progress,
            phase: Arc::from("starting"),
            earlier,
            bounded_limits: self.factory.virtual_clock(),
            scale: 1.0,
            late: Vec::new(),
            explored: 0,
            probes: Vec::new(),
            shrink_executions: self.shrink_executions,
        };
        let result = run.all();
        let Run { world, folded, earlier, epochs, announce, .. } = run;
        drop((epochs, announce));
        for thread in threads {
            // A worker that panicked is a defect of proofhouse: let it be seen as one.
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        let lookout = Arc::clone(&shared.lookout);
        drop(shared);
        let (files, write_failure) = match writing.join() {
            Ok(written) => written,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        result?;
        let stopped = if governor.unreachable() >= CIRCUIT_BREAKER
            || (folded.requests > 0 && conclude::nobody(&folded))
        {
            Some(Stopped::Unreachable)
        } else if self.halt.is_stopped() {
            Some(Stopped::Interrupted)
        } else {
            None
        };
        let facts = conclude::Facts {
            target: self.target,
            kind: self.kind,
            seed: self.seed,
            started,
            finished: now(),
            seconds: began.elapsed().as_secs_f64(),
            requests: governor.sent(),
            workers: self.workers,
            config_digest: self.config_digest,
        };
        let (report, cases) =
            conclude::conclude(facts, &world, &lookout, folded, &earlier.findings, &files, &self.selection);
        Ok(Outcome { report, cases, stopped, write_failure })
    }
}

/// The thread that plans and folds.
struct Run<'a> {
    announce: Sender<Announcement>,
    world: World,
    folded: Folded,
    budget: Budget,
    selection: &'a Selection,
    governor: &'a Governor,
    halt: &'a Halt,
    epochs: Vec<Sender<Arc<Epoch>>>,
    results: Receiver<Vec<Finished>>,
    progress: &'a mut dyn FnMut(&Progress),
    phase: Arc<str>,
    earlier: Earlier,
    /// Waiting costs nothing: limits can be shrunk at length.
    bounded_limits: bool,
    /// The share of the time that the phases before the limits have.
    scale: f64,
    /// Cells whose phase had no time left for them.
    late: Vec<CellPlan>,
    /// Cases that exploring sent.
    explored: u64,
    /// What is left of the sweep, the next one last.
    probes: Vec<Probe>,
    shrink_executions: u32,
}

/// Until which share of that time a phase may begin work; what it leaves unused moves on.
fn share(phase: Phase) -> f64 {
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

impl Run<'_> {
    fn all(&mut self) -> Result<(), CampaignError> {
        self.preflight()?;
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
        if self.budget.total().is_some() { self.explore(0.93) } else { Ok(()) }
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

    fn preflight(&mut self) -> Result<(), CampaignError> {
        self.phase = Arc::from("pre-flight");
        let names: Vec<_> = self.world.profiles.iter().map(|profile| profile.name.clone()).collect();
        let jobs = names.into_iter().map(Job::LogIn).collect();
        for done in self.epoch(jobs, None, false)? {
            let Some(logged_in) = done.profile else { continue };
            if let Some(profile) =
                self.world.profiles.iter_mut().find(|profile| profile.name == logged_in.name)
            {
                profile.alive = logged_in.alive;
                profile.jwt = logged_in.jwt;
                profile.subject = logged_in.subject;
                profile.scopes = logged_in.scopes;
                profile.note = logged_in.failure;
            }
        }
        let until = self.budget.until(share(Phase::PreFlight));
        for layer in preflight::order(&self.world) {
            self.reach(layer, until)?;
        }
        // What was refused may get in now that there are objects to name.
        let unreached: Vec<_> = (0..self.world.surface.operations.len())
            .filter(|operation| self.world.entitled(*operation).is_none() && self.may_yet(*operation))
            .collect();
        self.reach(unreached, until)?;
        let reached = (0..self.world.surface.operations.len())
            .filter(|operation| self.world.entitled(*operation).is_some());
        // What reads is asked while nothing is made: its answers must not depend on who is faster.
        let (reads, writes): (Vec<_>, Vec<_>) =
            reached.partition(|operation| self.world.operation(*operation).is_safe());
        for operations in [reads, writes] {
            let jobs = operations.into_iter().map(Job::Suit).collect();
            for done in self.epoch(jobs, until, false)? {
                self.learn(done);
            }
        }
        Ok(())
    }

    /// Whether an operation that nobody got into asks for something that others may have made since.
    fn may_yet(&self, operation: usize) -> bool {
        let names =
            self.world.profiles.iter().map(|profile| profile.name.as_str()).chain([crate::case::ANONYMOUS]);
        let mut tried = names.filter_map(|name| self.world.access(operation, name));
        tried.any(|access| {
            access.draft.is_some() && !matches!(access.status, Some(401 | 403 | 405 | 429) | None)
        })
    }

    fn reach(&mut self, operations: Vec<usize>, until: Option<Instant>) -> Result<(), CampaignError> {
        let jobs = operations.into_iter().map(Job::Reach).collect();
        for done in self.epoch(jobs, until, false)? {
            self.learn(done);
        }
        Ok(())
    }

    /// Folds what pre-flight learned into the world.
    fn learn(&mut self, mut done: Done) {
        for reach in std::mem::take(&mut done.reach) {
            let key = (reach.operation, reach.identity);
            let better = self.world.access.get(&key).is_none_or(|old| !old.granted || reach.access.granted);
            if better {
                self.world.access.insert(key, reach.access);
            }
            self.world.producers.extend(reach.producer);
        }
        self.fold(done, None);
    }

    fn planned(&mut self, phase: Phase, share: f64) -> Result<(), CampaignError> {
        let selection = self.selection;
        let mut waiting = cells::of_phase(phase, &self.world, &|id| selection.has(id));
        self.recall(&mut waiting);
        self.work_on(phase, waiting, share)
    }

    fn work_on(&mut self, phase: Phase, waiting: Vec<CellPlan>, share: f64) -> Result<(), CampaignError> {
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
                let epoch = self.affordable(&mut waiting);
                if epoch.is_empty() {
                    break;
                }
                let jobs = epoch.iter().map(|cell| Job::Cell(cell.clone())).collect();
                for (cell, done) in epoch.into_iter().zip(self.epoch(jobs, until, alone)?) {
                    self.fold_cell(&cell, done);
                }
                if self.halt.is_stopped() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The next cells that the budget of requests can pay for; what it cannot is skipped.
    fn affordable(&mut self, waiting: &mut Vec<CellPlan>) -> Vec<CellPlan> {
        let mut left = self.budget.left();
        let mut epoch = Vec::new();
        let mut cut = Vec::new();
        while epoch.len() < EPOCH {
            let Some(cell) = waiting.pop() else { break };
            let cost = cell.cost(&self.world);
            if cost <= left {
                left -= cost.min(left);
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

    fn skip(&mut self, cell: &CellPlan, why: &str) {
        let record = self.record(cell, "skipped", why, 0, Vec::new());
        self.folded.cells.push((cell.key(&self.world), record));
    }

    fn record(&self, cell: &CellPlan, verdict: &str, why: &str, requests: u64, cases: Vec<String>) -> Cell {
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

    fn explore(&mut self, share: f64) -> Result<(), CampaignError> {
        self.phase = Arc::from("exploring");
        let until = self.budget.until(share);
        // A share of the requests is kept for limits and shrinking.
        let keep = self.budget.left().checked_div(5).unwrap_or_default();
        if self.explored == 0 {
            self.probes = crate::generate::sweep(&self.world);
            self.probes.reverse();
        }
        while !self.halt.is_stopped() {
            let more = if self.budget.is_bounded() {
                self.budget.left() > keep && until.is_none_or(|until| Instant::now() < until)
            } else {
                self.explored < EXPLORE || !self.probes.is_empty()
            };
            if !more {
                break;
            }
            // By then what many requests show is known: nobody finds it at the same time as others.
            let epoch = if self.explored < 32 * EPOCH as u64 { EPOCH } else { 4 * EPOCH };
            let most = (self.budget.left() - keep).div_ceil(40).clamp(1, epoch as u64);
            let jobs = self.provocations(most);
            let before = self.folded.requests;
            for done in self.epoch(jobs, until, false)? {
                self.fold(done, None);
            }
            if self.folded.requests == before {
                break;
            }
        }
        Ok(())
    }

    /// The next of the sweep, and drawn ones when it is done.
    fn provocations(&mut self, most: u64) -> Vec<Job> {
        let mut jobs = Vec::new();
        for index in self.explored..self.explored + most {
            jobs.push(self.probes.pop().map_or(Job::Explore(index), |probe| Job::Probe(Box::new(probe))));
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
        let timed = |case: &Case| case.steps.iter().any(|step| matches!(step.act, crate::case::Act::Wait(_)));
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
    fn epoch(
        &mut self,
        jobs: Vec<Job>,
        until: Option<Instant>,
        alone: bool,
    ) -> Result<Vec<Done>, CampaignError> {
        let of = jobs.len();
        let mut done: Vec<Option<Done>> = (0..of).map(|_| None).collect();
        if of == 0 {
            return Ok(Vec::new());
        }
        let known = self.folded.findings.iter().map(|(finding, _)| &finding.fingerprint);
        let known =
            known.chain(self.earlier.findings.iter().map(|finding| &finding.fingerprint)).cloned().collect();
        let world = Arc::new(self.world.clone());
        let end = self.budget.end(until);
        let (next, known) = (AtomicUsize::new(0), Arc::new(known));
        let epoch = Arc::new(Epoch { jobs, next, world, until, end, known });
        let workers = if alone { 1 } else { self.epochs.len() };
        for worker in self.epochs.iter().take(workers) {
            let _ = worker.send(Arc::clone(&epoch));
        }
        let mut findings = self.folded.findings.len();
        let mut finished = 0;
        while finished < of {
            let batch =
                self.results.recv().map_err(|_| CampaignError::Worker("every worker ended".to_owned()))?;
            finished += batch.len();
            for (index, result) in batch {
                let one = result.map_err(CampaignError::Worker)?;
                findings += one.findings.len();
                done[index] = Some(one);
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
        Ok(done.into_iter().map(Option::unwrap_or_default).collect())
    }

    fn fold_cell(&mut self, cell: &CellPlan, mut done: Done) {
        if done.late {
            self.fold(done, Some(cell.about().id));
            self.late.push(cell.clone());
            return;
        }
        let verdict = done.verdict.take().unwrap_or(Verdict::NotMine);
        let why = if let Verdict::Vacuous(why) = &verdict { why.clone() } else { String::new() };
        let record = self.record(cell, verdict.name(), &why, done.requests, std::mem::take(&mut done.cases));
        let check = cell.about().id;
        self.fold(done, Some(check));
        if !self.halt.is_stopped() {
            let _ = self.announce.send(Announcement::Cell(Box::new(record.clone())));
        }
        self.folded.cells.push((cell.key(&self.world), record));
    }

    fn fold(&mut self, done: Done, check: Option<&str>) {
        self.budget.spend(done.requests);
        self.folded.requests += done.requests;
        if let Some(check) = check {
            *self.folded.check_requests.entry(check.to_owned()).or_default() += done.requests;
        } else {
            self.folded.explored.extend(done.cases);
        }
        for (operation, statuses) in done.statuses {
            let into = self.folded.statuses.entry(operation).or_default();
            for (status, count) in statuses {
                *into.entry(status).or_default() += count;
            }
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

fn key_of(cell: &Cell) -> String {
    format!("{}|{}|{}|{}", cell.check, cell.operation, cell.identity, cell.place)
}

/// The run's id: tells the owner of the target which requests were ours.
fn run_id(seed: u64, started: &str) -> String {
    use sha2::Digest as _;
    crate::case::hex(&sha2::Sha256::digest(format!("{seed} {started}"))[..6])
}

/// The time, for people.
fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
