//! A worker at one piece of work.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::cells::CellPlan;
use super::events::Announcement;
use super::findings;
use super::interest::{Known, Shown};
use super::knee::{self, Load};
use super::look::Lookout;
use super::preflight::{self, Reach};
use super::suit;
use super::venture::{self, Harmed};
use super::watch::{self, Post};
use crate::case::{Case, Step};
use crate::checks::{self, About, Effect, Plan, Round, Verdict};
use crate::engine::Open;
use crate::execute::{Session, SessionConfig, execute};
use crate::finding::{Finding, fingerprint, fingerprint_of};
use crate::generate::{Draft, Explorer, Probe, Seeded, World};
use crate::identity::{Identity, Vault, Wallet};
use crate::learn::Learned;
use crate::target::{Lane, LocalFuture};
use crate::trace::Trace;

/// Makes each worker's lane, inside that worker's runtime.
pub trait LaneFactory: Send + Sync {
    /// A new lane.
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>>;

    /// A new lane, with the identities that came with its target. They take the place of the run's of the same name.
    fn open(&self) -> LocalFuture<'_, Result<Opened, String>> {
        Box::pin(async { Ok(Opened { lane: self.lane().await?, identities: Vec::new() }) })
    }

    /// Each lane has a target of its own, and therefore logins of its own.
    fn own_state(&self) -> bool;

    /// The workers' clocks are paused: waiting takes no time.
    fn virtual_clock(&self) -> bool {
        false
    }

    /// The lanes wait for a network more than they compute: one thread can serve several.
    fn waits(&self) -> bool {
        false
    }
}

/// A lane, and who can log in where it leads.
pub struct Opened {
    /// The lane.
    pub lane: Box<dyn Lane>,
    /// Identities of this target alone, such as one with a token that it issued.
    pub identities: Vec<Identity>,
}

/// One piece of work.
#[derive(Clone)]
pub(super) enum Job {
    /// Logs an identity in.
    LogIn(String),
    /// Finds out who gets in at an operation.
    Reach(usize, Arc<[Post]>),
    /// Sends so many valid requests at once.
    Load(Box<Draft>, usize),
    /// Finds out which values suit an operation's optional inputs.
    Suit(usize, Arc<[Post]>),
    /// Makes an object that is watched from then on.
    Keep(Arc<Draft>),
    /// Sees what is not as it was, after these operations.
    Look(Arc<[Post]>, Vec<usize>),
    /// Runs a cell.
    Cell(CellPlan),
    /// Provokes one input in one way.
    Probe(Box<Probe>),
    /// Explores.
    Explore(Arc<Explorer>, u64),
    /// Sends what showed something new in an earlier run.
    Again(Box<Case>),
    /// Sends a saved case.
    Replay(Box<Case>),
    /// Makes a finding small.
    Shrink(Box<(Finding, Case)>),
    /// Sees whether an identity still works.
    Alive(String),
}

/// What a piece of work gave.
#[derive(Default)]
pub(super) struct Done {
    pub(super) requests: u64,
    /// Cases that were executed, repetitions of a violation aside.
    pub(super) executed: u64,
    pub(super) statuses: Vec<Answers>,
    pub(super) findings: Vec<(Finding, Case)>,
    pub(super) cases: Vec<String>,
    pub(super) verdict: Option<Verdict>,
    pub(super) reach: Vec<Reach>,
    /// What an operation did besides what it is for.
    pub(super) harmed: Option<Box<Harmed>>,
    /// An object that is watched from now on, and the operation that it was made for.
    pub(super) kept: Option<(usize, Option<Post>)>,
    /// What exploring showed that was not known when the epoch began.
    pub(super) shown: Option<Box<Shown>>,
    /// What the refusals of an operation taught.
    pub(super) learned: Option<(usize, Learned)>,
    pub(super) alive: Option<bool>,
    /// How it bore what was sent at once.
    pub(super) load: Option<Load>,
    pub(super) profile: Option<preflight::LoggedIn>,
    /// What the cell needs may not be sent (any more): it is skipped, whatever else it gave.
    pub(super) withheld: Option<String>,
    /// The time was up before it began or before it ended: what it gave so far counts, but it concluded nothing.
    pub(super) late: bool,
}

/// How often an operation answered with a status; `None` when it did not answer.
pub(super) struct Answers {
    pub(super) operation: Box<str>,
    pub(super) status: Option<u16>,
    /// To requests as the document has them.
    pub(super) valid: bool,
    pub(super) count: u64,
}

/// The work of one epoch.
pub(super) struct Epoch {
    pub(super) jobs: Vec<Job>,
    pub(super) next: AtomicUsize,
    pub(super) world: Arc<World>,
    /// Until when work may begin.
    pub(super) until: Option<Instant>,
    /// When work that has begun is cut off: a target that hangs must not hold up a run.
    pub(super) end: Option<Instant>,
    /// One worker does it all.
    pub(super) alone: bool,
    /// Fingerprints that earlier epochs found.
    pub(super) known: Arc<Vec<String>>,
    /// Behaviours that earlier epochs and earlier runs met.
    pub(super) interest: Arc<Known>,
}

/// What every worker of a run shares.
pub(super) struct Shared {
    pub(super) seed: u64,
    pub(super) factory: Arc<dyn LaneFactory>,
    pub(super) identities: Vec<Identity>,
    pub(super) samples: Vec<(String, String)>,
    /// The wallet, when the workers share a target.
    pub(super) wallet: Option<Arc<Wallet>>,
    pub(super) vault: Arc<Vault>,
    pub(super) session: SessionConfig,
    pub(super) lookout: Arc<Lookout>,
    pub(super) announce: Sender<Announcement>,
    pub(super) record_cases: bool,
    pub(super) base_url: String,
    pub(super) now: Arc<dyn Fn() -> String + Send + Sync>,
    pub(super) shrink_executions: u32,
}

/// A new session.
pub(super) async fn open(shared: &Shared) -> Result<Session, String> {
    let Opened { lane, identities: own } = shared.factory.open().await?;
    let wallet = if let Some(wallet) = &shared.wallet {
        Arc::clone(wallet)
    } else {
        let mut identities = shared.identities.clone();
        for identity in own {
            match identities.iter_mut().find(|known| known.name == identity.name) {
                Some(known) => *known = identity,
                None => identities.push(identity),
            }
        }
        let wallet = Wallet::new(identities, Arc::clone(&shared.vault));
        Arc::new(wallet.with_samples(shared.samples.clone()))
    };
    Ok(Session::new(lane, wallet, shared.session.clone()))
}

/// A worker at one piece of work.
pub(super) struct Worker<'a> {
    pub(super) shared: &'a Shared,
    pub(super) session: &'a Session,
    pub(super) epoch: &'a Epoch,
}

impl Worker<'_> {
    pub(super) async fn run(&self, job: &Job, done: &mut Done) {
        match job {
            Job::LogIn(identity) => done.profile = Some(preflight::log_in(self, identity).await),
            Job::Reach(operation, posts) => preflight::reach(self, *operation, posts, done).await,
            Job::Load(draft, at_once) => {
                done.load = Some(knee::measure(self, draft, *at_once, done).await);
            }
            Job::Suit(operation, posts) => suit::suit(self, *operation, posts, done).await,
            Job::Keep(draft) => done.kept = Some((draft.operation, watch::keep(self, draft, done).await)),
            Job::Look(posts, operations) => {
                if let Some(seen) = watch::look(self, posts, done).await {
                    let harmed = venture::mended(self, posts, seen, None, operations, done).await;
                    done.harmed = Some(Box::new(harmed));
                }
            }
            Job::Cell(cell) => {
                self.cell(cell, done).await;
                if let Some(Verdict::Vacuous(why)) = &mut done.verdict {
                    // It may tell what the target answered.
                    *why = self.shared.vault.redact(why);
                }
            }
            Job::Probe(probe) => {
                if let Some(case) = probe.case(&self.epoch.world) {
                    self.provoke(case, done).await;
                }
            }
            Job::Explore(explorer, index) => {
                let mut src = Seeded::derive(self.shared.seed, &["explore", &index.to_string()]);
                if let Some(case) = explorer.draw(&self.epoch.world, &mut src) {
                    self.provoke(case, done).await;
                }
            }
            Job::Again(case) => self.provoke((**case).clone(), done).await,
            Job::Replay(case) => self.replay(case, done).await,
            Job::Shrink(found) => self.shrink(found, done).await,
            Job::Alive(identity) => done.alive = Some(preflight::alive(self, identity, done).await),
        }
    }

    /// Executes a case of the exploring phase, and keeps it where it showed something new.
    async fn provoke(&self, case: Case, done: &mut Done) {
        let trace = self.execute(&case, done).await;
        done.shown = self.epoch.interest.shown(case, &trace);
    }

    /// Sends a saved case, on a target in the state that it starts with where there is one.
    async fn replay(&self, case: &Case, done: &mut Done) {
        let own_state = self.shared.factory.own_state();
        let fresh = if own_state { open(self.shared).await.ok() } else { None };
        let worker = Worker { session: fresh.as_ref().unwrap_or(self.session), ..*self };
        if self.session.checks().by_id(&case.check).is_some() {
            done.verdict = Some(worker.suspect(case, done).await);
        } else {
            // It shows how the target answered once: whoever looks at answers looks again.
            worker.execute(case, done).await;
        }
    }

    /// Executes a case; every exchange goes past the passive checks.
    pub(super) async fn execute(&self, case: &Case, done: &mut Done) -> Trace {
        if self.shared.record_cases {
            done.cases.push(case.digest());
        }
        let trace = execute(case, self.session).await;
        self.count(case, &trace, done);
        self.is_cut(&trace, done);
        for invariant in self.shared.lookout.broken(case, &trace) {
            if let Some(witness) = invariant.witness(case, &trace) {
                self.broken(&witness, done).await;
            }
        }
        let lookout = &self.shared.lookout;
        for (check, exchange, sighting) in lookout.sightings(case, &trace, self.session.wallet()) {
            let Some(step) = case.steps.get(exchange.step) else { continue };
            let operation = if sighting.once { Some("*") } else { case.operation_of(step) };
            let known = fingerprint_of(check.about().id, operation.unwrap_or_default(), "", &sighting.class);
            if self.is_known(&known, done) {
                continue;
            }
            if let Some(witness) = checks::witness(check, case, exchange, &sighting) {
                // What a witness of its own lacks is no matter of this case's.
                let withheld = done.withheld.clone();
                self.suspect(&witness, done).await;
                done.withheld = withheld;
            }
        }
        trace
    }

    /// Executes a case that nobody looks at but whoever sends it.
    pub(super) async fn send(&self, case: &Case, done: &mut Done) -> Trace {
        let trace = execute(case, self.session).await;
        self.count(case, &trace, done);
        trace
    }

    /// Runs the witness of an invariant that a case broke, unless it is known.
    async fn broken(&self, witness: &Case, done: &mut Done) {
        if !self.is_known(&fingerprint(witness), done) {
            let withheld = done.withheld.clone();
            self.suspect(witness, done).await;
            done.withheld = withheld;
        }
    }

    fn count(&self, case: &Case, trace: &Trace, done: &mut Done) {
        done.requests += trace.exchanges.len() as u64;
        done.executed += 1;
        for exchange in &trace.exchanges {
            let step = case.steps.get(exchange.step);
            let Some(operation) = step.and_then(|step| case.operation_of(step)) else { continue };
            let valid = step.and_then(Step::request).is_some_and(|send| send.edits.is_empty());
            let status = exchange.status();
            let same = |known: &&mut Answers| {
                known.status == status && known.valid == valid && *known.operation == *operation
            };
            match done.statuses.iter_mut().find(same) {
                Some(known) => known.count += 1,
                None => done.statuses.push(Answers { operation: operation.into(), status, valid, count: 1 }),
            }
        }
    }

    async fn cell(&self, cell: &CellPlan, done: &mut Done) {
        let world = &self.epoch.world;
        if cell.unreached {
            done.verdict = Some(Verdict::vacuous("no valid request was ever granted here"));
            return;
        }
        if let Some(operation) = cell.subject.operation {
            done.withheld = self.session.door().closed(&world.operation(operation).name());
            if done.withheld.is_some() {
                return;
            }
        }
        let mut src = Seeded::derive(self.shared.seed, &["cell", &cell.key(world)]);
        let mut rounds: Vec<Round> = Vec::new();
        // More rounds than any check needs: a check that never ends is a defect, and must not hang the run.
        for _ in 0..16 {
            match cell.check.plan(&cell.subject, world, &rounds, &mut src) {
                Plan::Done(verdict) => {
                    done.verdict = Some(verdict);
                    return;
                }
                Plan::Suspect(case) => {
                    done.verdict = Some(self.suspect(&case, done).await);
                    return;
                }
                Plan::Run(cases) => {
                    let mut round = Round { cases: Vec::new() };
                    for case in cases {
                        let fresh = self.fresh(cell.about()).await;
                        let worker = Worker { session: fresh.as_ref().unwrap_or(self.session), ..*self };
                        let trace = worker.execute(&case, done).await;
                        round.cases.push((case, trace));
                    }
                    rounds.push(round);
                }
            }
            if self.session.is_stopped() || done.withheld.is_some() {
                break;
            }
        }
        done.verdict = Some(Verdict::vacuous("the check came to no end"));
    }

    /// Whether a case was not done to its end: what it gave shows nothing. Notes what may not be sent.
    fn is_cut(&self, trace: &Trace, done: &mut Done) -> bool {
        if let Some(why) = trace.stopped.as_ref().filter(|_| !self.session.is_stopped()) {
            done.withheld.get_or_insert_with(|| why.clone());
        }
        trace.stopped.is_some()
    }

    /// Whether this finding was made already.
    fn is_known(&self, fingerprint: &String, done: &Done) -> bool {
        self.epoch.known.contains(fingerprint)
            || done.findings.iter().any(|(finding, _)| finding.fingerprint == *fingerprint)
    }

    /// A session of its own for what may break the target, where each session has a target of its own.
    async fn fresh(&self, about: &About) -> Option<Session> {
        let destroys = about.effect == Effect::Destroys && self.shared.factory.own_state();
        if destroys { open(self.shared).await.ok() } else { None }
    }

    /// Runs a witness; a violation is on disk as suspected before it is run again.
    async fn suspect(&self, case: &Case, done: &mut Done) -> Verdict {
        let fingerprint = fingerprint(case);
        if self.is_known(&fingerprint, done) {
            return Verdict::NotMine;
        }
        if self.shared.record_cases {
            done.cases.push(case.digest());
        }
        let Some(kind) = self.session.checks().by_id(&case.check) else { return Verdict::NotMine };
        let fresh = self.fresh(kind.about()).await;
        let session = fresh.as_ref().unwrap_or(self.session);
        let trace = execute(case, session).await;
        self.count(case, &trace, done);
        if self.is_cut(&trace, done) {
            return Verdict::vacuous("it could not be sent to its end");
        }
        let verdict = session.checks().judge(case, &trace);
        let Verdict::Violated(violation) = &verdict else { return verdict };
        let mut finding = findings::suspected(self.shared, kind.about(), case, &trace, violation);
        self.announce(Announcement::Suspected(Box::new((finding.clone(), case.clone()))));
        // What is confirmed takes its place; what is cut off before that is kept as suspected.
        let at = done.findings.len();
        done.findings.push((finding.clone(), case.clone()));
        let confirm = kind.about().confirm;
        let pause = Duration::from_millis(confirm.pause);
        let mut confirmation = crate::engine::Confirmation::default();
        for _ in 0..confirm.times {
            let fresh = self.fresh(kind.about()).await;
            let session = fresh.as_ref().unwrap_or(self.session);
            confirmation.add(crate::engine::confirm(case, 1, pause, session).await);
            if confirmation.cut.is_some() {
                break;
            }
        }
        done.requests += u64::from(confirmation.requests);
        if let Some(cut) = confirmation.cut {
            if !session.is_stopped() {
                done.withheld.get_or_insert_with(|| cut.clone());
            }
            return Verdict::vacuous(format!("seen once, and not again: {cut}"));
        }
        findings::confirm(&mut finding, &confirmation);
        self.announce(Announcement::Confirmed(Box::new((finding.clone(), case.clone()))));
        done.findings[at].0 = finding;
        if confirmation.is_seen() {
            verdict
        } else {
            Verdict::vacuous(format!(
                "seen once, and {} of {} times again",
                confirmation.reproduced.k, confirmation.reproduced.n
            ))
        }
    }

    /// What waits for real time is tried a few times only; what is not answered waits, or ends a process.
    fn executions(&self, finding: &Finding, case: &Case) -> u32 {
        let unanswered = finding.cause.outcome.is_none() && finding.cause.detector.is_some();
        let waits = case.steps.iter().any(|step| matches!(step.act, crate::case::Act::Wait(_))) || unanswered;
        let real = !self.session.capabilities().virtual_clock;
        if waits && real { self.shared.shrink_executions.min(24) } else { self.shared.shrink_executions }
    }

    async fn shrink(&self, found: &(Finding, Case), done: &mut Done) {
        let (mut finding, case) = found.clone();
        let open = || Box::pin(open(self.shared)) as LocalFuture<'_, _>;
        let fresh: Option<Open<'_>> = if self.shared.factory.own_state() { Some(&open) } else { None };
        // Some findings need what the run has made: they are made small where that is.
        let fresh = if let Some(open) = fresh
            && let Ok(session) = open().await
        {
            let seen = crate::engine::confirm(&case, 1, Duration::ZERO, &session).await;
            done.requests += u64::from(seen.requests);
            seen.is_certain().then_some(open)
        } else {
            None
        };
        let (small, executions) = crate::engine::shrink(
            case.clone(),
            self.executions(&finding, &case),
            self.epoch.until,
            self.session,
            fresh,
        )
        .await;
        let fresh = if let Some(fresh) = fresh { fresh().await.ok() } else { None };
        let session = fresh.as_ref().unwrap_or(self.session);
        done.requests += u64::from(executions);
        if small == case {
            let again = crate::engine::confirm(&case, 1, Duration::ZERO, session).await;
            done.requests += u64::from(again.requests);
            if !again.is_certain() {
                done.findings.push((finding, case));
                return;
            }
            finding.state = crate::finding::State::Shrunk;
            self.announce(Announcement::Shrunk(Box::new((finding.clone(), case.clone()))));
            done.findings.push((finding, case));
            return;
        }
        // The small case must hold up like the large one did, or the large one stays.
        let trace = execute(&small, session).await;
        let confirmation = crate::engine::confirm(&small, 2, Duration::ZERO, session).await;
        done.requests += trace.exchanges.len() as u64 + u64::from(confirmation.requests);
        let verdict = session.checks().judge(&small, &trace);
        if let (Verdict::Violated(violation), true) = (&verdict, confirmation.is_certain())
            && let Some(kind) = self.session.checks().by_id(&small.check)
        {
            findings::shrunk(self.shared, &mut finding, kind.about(), &small, &trace, violation);
            self.announce(Announcement::Shrunk(Box::new((finding.clone(), small.clone()))));
            done.findings.push((finding, small));
        } else {
            done.findings.push((finding, case));
        }
    }

    fn announce(&self, announcement: Announcement) {
        // The writer ends only after every worker.
        let _ = self.shared.announce.send(announcement);
    }
}
