//! A campaign from its settings to its report.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::accounts;
use super::budget::Budget;
use super::conclude;
use super::crew::Crew;
use super::events::{Announcement, Progress};
use super::fold::Folded;
use super::hazards::Hazards;
use super::interest::Interest;
use super::journal::{Earlier, Header, Journal, JournalError};
use super::look::Lookout;
use super::plan::{CIRCUIT_BREAKER, Planner};
use super::select::Selection;
use super::worker::{LaneFactory, Shared};
use super::writer::Writer;
use crate::case::Case;
use crate::checks::{Checks, Verdict};
use crate::corpora::Corpora;
use crate::execute::{Door, Governor, Halt, SessionConfig, SigningKey};
use crate::generate::{Profile, Settings, World};
use crate::identity::{Identity, Vault, Wallet};
use crate::ledger::{self, Ledger, Summary};
use crate::report::Report;
use crate::surface::Surface;

/// A bounded run against one target.
pub struct Campaign {
    /// The operations.
    pub surface: Arc<Surface>,
    /// Makes the lanes.
    pub factory: Arc<dyn LaneFactory>,
    /// Who sends.
    pub identities: Vec<Identity>,
    /// Accounts may be made at the target, where fewer than two identities are given and its document says how.
    pub self_register: bool,
    /// What the user said.
    pub settings: Settings,
    /// What judges: the checks that ship, and the user's own.
    pub checks: Arc<Checks>,
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
    /// The cases that the run may plan, repetitions and smaller ones of what was found aside; what is under way when
    /// they are used up is ended.
    pub cases: Option<u64>,
    /// Saved cases, that are sent before anything else.
    pub replay: Vec<Case>,
    /// How far it goes.
    pub extent: Extent,
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
    /// What the saved cases showed, in no particular order.
    pub replayed: Vec<Replayed>,
    /// How many cases were judged, repetitions of what was found aside.
    pub judged: u64,
    /// What was learned of the target.
    pub world: Arc<World>,
}

/// How far a campaign goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// To its end.
    #[default]
    All,
    /// Saved cases are sent and nothing else.
    Replay,
    /// What pre-flight learns is all that is wanted.
    Learn,
}

/// What a saved case showed.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The case.
    pub case: Case,
    /// Its verdict; `NotMine` where another case had shown the same before, or nobody judges it.
    pub verdict: Verdict,
    /// Whether it was sent at all: who it needs may not be there.
    pub sent: bool,
}

/// Why a campaign ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// From outside.
    Interrupted,
    /// Nobody is there.
    Unreachable,
}

impl Campaign {
    /// A campaign of one worker with seed 1 against a service of this process, which keeps nothing and has no bound;
    /// change what is to be otherwise.
    pub fn new(surface: Arc<Surface>, factory: Arc<dyn LaneFactory>) -> Self {
        Self {
            surface,
            factory,
            identities: Vec::new(),
            self_register: false,
            settings: Settings::default(),
            checks: Arc::default(),
            selection: Selection::default(),
            seed: 1,
            workers: 1,
            time: None,
            requests: None,
            cases: None,
            replay: Vec::new(),
            extent: Extent::All,
            per_second: 0,
            headers: Vec::new(),
            signing_key: None,
            samples: Vec::new(),
            corpora: None,
            report_dir: None,
            resume: false,
            config_digest: String::new(),
            target: "http://service.test".to_owned(),
            kind: "service".to_owned(),
            record_cases: false,
            shrink_executions: 0,
            halt: Arc::new(Halt::default()),
            vault: Arc::new(Vault::default()),
            told: Box::new(|_| {}),
        }
    }

    /// Enough for cases of a dozen steps.
    pub const SHRINK_EXECUTIONS: u32 = 240;

    /// Runs to the end, to the budget's end, or until it is stopped.
    pub fn run(mut self, progress: &mut dyn FnMut(&Progress)) -> Result<Outcome, CampaignError> {
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
        self.vault.register_headers(&self.headers);
        let governor =
            Arc::new(Governor::new(self.per_second).at_once(self.settings.at_once).crew(self.workers));
        let run_id = run_id(self.seed, &started);
        let ledger = self.ledger(&run_id, &started)?;
        let session = SessionConfig {
            run_id: run_id.into(),
            extra_headers: Arc::new(self.headers.clone()),
            signing_key: self.signing_key.clone(),
            governor: Arc::clone(&governor),
            halt: Arc::clone(&self.halt),
            door: Arc::new(Door::new(&self.surface, &self.settings)),
            ledger: ledger.clone(),
            checks: Arc::clone(&self.checks),
        };
        let mut budget = Budget::new(self.time, self.requests).of_cases(self.cases);
        let accounts = accounts::prepare(&mut self, &session, progress)?;
        budget.spend(governor.sent());
        let carriers: Vec<_> = self.identities.iter().flat_map(Identity::carriers).collect();
        Arc::make_mut(&mut self.surface).declare_credentials(&carriers);
        let (announce, announcements) = channel();
        let corpora = self.corpora.as_ref().map(Corpora::at);
        let (earlier_cases, unreadable) = corpora.as_ref().map(Corpora::interesting).unwrap_or_default();
        let writer = Writer {
            journal,
            shelf: corpora.as_ref().map(|corpora| corpora.shelf(&earlier_cases)),
            corpora,
            told: self.told,
            files: HashMap::new(),
            failure: unreadable.first().map(|error| format!("a case was left out: {error}")),
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
        let selection = self.selection.clone();
        let shared = Shared {
            seed: self.seed,
            factory: Arc::clone(&self.factory),
            identities: self.identities.clone(),
            samples: self.samples.clone(),
            wallet,
            vault: Arc::clone(&self.vault),
            session,
            lookout: Arc::new(Lookout::new(&self.surface, &self.checks, move |id| selection.has(id))),
            announce,
            record_cases: self.record_cases,
            base_url: self.target.clone(),
            now: Arc::new(now),
            shrink_executions: self.shrink_executions,
        };
        let shared = Arc::new(shared);
        let writing = std::thread::spawn(move || writer.run(&announcements));
        let crew = Crew::start(&shared, self.workers);
        let profiles = self.identities.iter().map(|identity| Profile {
            name: identity.name.clone(),
            role: identity.role.clone(),
            disposable: identity.disposable,
            registered: crate::accounts::NAMES.contains(&identity.name.as_str()),
            ..Profile::default()
        });
        let world = Arc::new(World {
            surface: Arc::clone(&self.surface),
            profiles: profiles.collect(),
            settings: self.settings.clone(),
            checks: Arc::clone(&self.checks),
            carriers,
            ..World::default()
        });
        let mut planner = Planner {
            announce: shared.announce.clone(),
            world,
            folded: Folded::default(),
            budget,
            selection: &self.selection,
            governor: &governor,
            halt: &self.halt,
            crew: &crew,
            progress,
            phase: Arc::from("starting"),
            earlier,
            bounded_limits: self.factory.virtual_clock(),
            scale: 1.0,
            late: Vec::new(),
            explored: 0,
            probes: Vec::new(),
            shrink_executions: self.shrink_executions,
            at_most: if self.factory.own_state() { 0 } else { self.workers },
            interest: Interest::begin(earlier_cases),
            door: Arc::clone(&shared.session.door),
            hazards: Hazards::default(),
            replay: std::mem::take(&mut self.replay),
            extent: self.extent,
            replayed: Vec::new(),
        };
        let result = planner.all();
        let Planner { world, folded, earlier, announce, interest, replayed, budget, .. } = planner;
        drop(announce);
        crew.end();
        let lookout = Arc::clone(&shared.lookout);
        drop(shared);
        let (files, write_failure) = match writing.join() {
            Ok(written) => written,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        // The embedded range is gone with its run.
        let lasting = ledger.as_ref().filter(|_| self.kind != "range");
        let left_behind = lasting.map_or_else(Summary::default, |ledger| ledger.summary());
        let write_failure = write_failure.or(ledger.and_then(|ledger| ledger.finish()));
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
            waited: governor.waited(),
            behaviours: interest.summary(),
            left_behind,
            workers: self.workers,
            at_once: governor.bounded(),
            config_digest: self.config_digest,
            accounts,
        };
        let (report, cases) =
            conclude::conclude(facts, &world, &lookout, folded, &earlier.findings, &files, &self.selection);
        Ok(Outcome { report, cases, stopped, write_failure, replayed, judged: budget.judged(), world })
    }
}

impl Campaign {
    /// The ledger beside the report; none where each worker has a target of its own, which goes with it.
    fn ledger(&self, run: &str, started: &str) -> Result<Option<Arc<Ledger>>, CampaignError> {
        let Some(dir) = self.report_dir.as_ref().filter(|_| !self.factory.own_state()) else {
            return Ok(None);
        };
        let header = ledger::Header {
            version: ledger::VERSION,
            run: run.to_owned(),
            target: self.target.clone(),
            kind: self.kind.clone(),
            started: started.to_owned(),
        };
        let ledger = Ledger::open(dir, &header, &self.surface, Arc::clone(&self.vault));
        let ledger = ledger.map_err(|source| JournalError::Io { path: dir.join(ledger::FILE), source })?;
        Ok(Some(Arc::new(ledger)))
    }
}

/// The run's id: tells the owner of the target which requests were ours.
fn run_id(seed: u64, started: &str) -> String {
    crate::case::hex(&hmac_sha256::Hash::hash(format!("{seed} {started}").as_bytes())[..6])
}

/// The time, for people.
fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
