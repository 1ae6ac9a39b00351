//! A session: one worker's lane to the target, the identities bound to it, and its bounds.

use std::cell::{Cell, RefCell, RefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::door::Door;
use super::forge::SigningKey;
use super::settle::Settling;
use crate::case::{Case, Step};
use crate::checks::Checks;
use crate::identity::Wallet;
use crate::ledger::Ledger;
use crate::target::{Capabilities, Lane};
use crate::trace::Exchange;

/// What all sessions of a run share.
#[derive(Clone, Debug, Default)]
pub struct SessionConfig {
    /// The run's id: sent with every request, so that the owner finds it in the log.
    pub run_id: Arc<str>,
    /// Headers that the user adds to every request.
    pub extra_headers: Arc<Vec<(String, String)>>,
    /// The key of the target's token issuer.
    pub signing_key: Option<SigningKey>,
    /// What bounds the traffic.
    pub governor: Arc<Governor>,
    /// Stops everything.
    pub halt: Arc<Halt>,
    /// What may leave.
    pub door: Arc<Door>,
    /// Where what is made in the target is taken down.
    pub ledger: Option<Arc<Ledger>>,
    /// What judges.
    pub checks: Arc<Checks>,
}

/// Stops the traffic of every session at once.
#[derive(Debug, Default)]
pub struct Halt {
    stopped: AtomicBool,
    wake: tokio::sync::Notify,
}

impl Halt {
    /// Stops.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.wake.notify_waiters();
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Waits until it is stopped.
    pub async fn stopped(&self) {
        loop {
            // Whoever stops it after this line wakes it.
            let woken = self.wake.notified();
            if self.is_stopped() {
                return;
            }
            woken.await;
        }
    }
}

/// How long a target that is gone is waited for.
const RETURN: Duration = Duration::from_secs(10);

/// Operations that must be refused one after the other before a limit is taken to be on all of them.
const SEVERAL: usize = 3;
/// How long everybody waits for such a limit.
const SHORTEST_HOLD: Duration = Duration::from_millis(100);
const LONGEST_HOLD: Duration = Duration::from_secs(10);

/// Operations that were refused for their number, and until when everybody waits for that.
#[derive(Debug, Default)]
struct Limited {
    operations: Vec<Box<str>>,
    until: Option<Instant>,
}

/// Bounds the traffic of all sessions, and counts it.
#[derive(Debug, Default)]
pub struct Governor {
    /// Requests a second; 0 is no bound.
    per_second: AtomicU64,
    /// When the next request may go, in microseconds since the first.
    next: std::sync::Mutex<Option<Instant>>,
    sent: AtomicU64,
    /// Requests in a row that did not even connect.
    unreachable: AtomicU64,
    /// Somebody answered once.
    reached: AtomicBool,
    /// Whether nobody is there who was there before, and since when.
    is_gone: AtomicBool,
    gone: std::sync::Mutex<Option<Instant>>,
    /// Whether requests are held back because the target asked for it, whichever operation was asked.
    is_limited: AtomicBool,
    limited: std::sync::Mutex<Limited>,
    /// Bounds what is under way at once.
    turns: OnceLock<Semaphore>,
    /// How many turns there are.
    bound: AtomicUsize,
    /// What was waited because the target asked for it, in milliseconds.
    waited: AtomicU64,
    /// How late the target shows what was written.
    pub(super) settling: Settling,
    /// Nothing is asked again: for services of this process that keep no state, whose answer is the answer.
    pub(super) is_hurried: bool,
}

impl Governor {
    /// A governor that lets so many requests pass in a second; 0 is no bound.
    pub fn new(per_second: u32) -> Self {
        Self { per_second: AtomicU64::new(u64::from(per_second)), ..Self::default() }
    }

    /// The same governor for a service of this process that begins anew with each case: waiting changes nothing there,
    /// so that nothing is asked again, and nobody waits for a limit to pass.
    pub fn hurried(mut self) -> Self {
        self.is_hurried = true;
        self
    }

    /// The same governor with so many requests under way at once, at most; 0 is no bound.
    pub fn at_once(self, most: usize) -> Self {
        if most > 0 {
            self.bound(most);
        }
        self
    }

    /// Lets only so many requests be under way at once from now on; never more than before.
    pub fn bound(&self, most: usize) {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let turns = self.turns.get_or_init(|| {
            self.bound.store(most, Ordering::Relaxed);
            Semaphore::new(most)
        });
        let before = self.bound.fetch_min(most, Ordering::Relaxed);
        turns.forget_permits(before.saturating_sub(most));
    }

    /// How many requests may be under way at once, where that is bounded.
    pub fn bounded(&self) -> Option<usize> {
        self.turns.get().map(|_| self.bound.load(Ordering::Relaxed))
    }

    /// How long all sessions together waited because the target asked for it (429).
    pub fn waited(&self) -> Duration {
        Duration::from_millis(self.waited.load(Ordering::Relaxed))
    }

    /// Whether the number of requests was too much for the target lately.
    pub(super) fn is_limited(&self) -> bool {
        self.is_limited.load(Ordering::Relaxed)
    }

    /// Waits while all requests are held back.
    pub(super) async fn held_back(&self) {
        while self.is_limited.load(Ordering::Relaxed) {
            let Some(until) = self.limited().until else { return };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            self.waits(left);
            tokio::time::sleep(left).await;
        }
    }

    /// Notes that an operation was refused for the number of requests (429). Once several of them are, and nothing
    /// is answered otherwise, the limit is on all of them: everybody waits as long as the target asks for, and this
    /// returns whether that is so.
    pub(super) fn limits(&self, operation: &str, pause: Duration) -> bool {
        if self.is_hurried {
            return false;
        }
        let mut limited = self.limited();
        self.is_limited.store(true, Ordering::Relaxed);
        if !limited.operations.iter().any(|known| **known == *operation) && limited.operations.len() < SEVERAL
        {
            limited.operations.push(operation.into());
        }
        if limited.operations.len() < SEVERAL {
            return false;
        }
        let now = Instant::now();
        if limited.until.is_none_or(|until| until <= now) {
            limited.until = Some(now + pause.clamp(SHORTEST_HOLD, LONGEST_HOLD));
        }
        true
    }

    /// Notes that something was answered otherwise.
    pub(super) fn serves(&self) {
        // Looked at first: this is on everybody's way, and hardly ever set.
        if self.is_limited.load(Ordering::Relaxed) {
            let mut limited = self.limited();
            // What was under way when the limit was met may be answered after it.
            if limited.until.is_none_or(|until| until <= Instant::now()) {
                *limited = Limited::default();
                self.is_limited.store(false, Ordering::Relaxed);
            }
        }
    }

    fn limited(&self) -> std::sync::MutexGuard<'_, Limited> {
        self.limited.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn waits(&self, pause: Duration) {
        self.waited.fetch_add(pause.as_millis() as u64, Ordering::Relaxed);
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many requests in a row found nobody there.
    pub fn unreachable(&self) -> u64 {
        self.unreachable.load(Ordering::Relaxed)
    }

    /// Waits for a turn; the request is under way as long as it is held.
    pub(super) async fn pass(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        let turn = if let Some(turns) = self.turns.get() { turns.acquire().await.ok() } else { None };
        self.sent.fetch_add(1, Ordering::Relaxed);
        let per_second = self.per_second.load(Ordering::Relaxed);
        if per_second == 0 {
            return turn;
        }
        let wait_until = {
            let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let now = Instant::now();
            let slot = next.map_or(now, |next| next.max(now));
            *next = Some(slot + Duration::from_secs(1) / u32::try_from(per_second).unwrap_or(u32::MAX));
            slot
        };
        tokio::time::sleep_until(wait_until).await;
        turn
    }

    pub(super) fn note(&self, reached: bool) {
        if reached {
            self.reached.store(true, Ordering::Relaxed);
            self.unreachable.store(0, Ordering::Relaxed);
            // Looked at first: this is on everybody's way, and hardly ever set.
            if self.is_gone.load(Ordering::Relaxed) && self.is_gone.swap(false, Ordering::Relaxed) {
                *self.gone() = None;
            }
            return;
        }
        if self.reached.load(Ordering::Relaxed) {
            self.gone().get_or_insert_with(Instant::now);
            self.is_gone.store(true, Ordering::Relaxed);
        }
        // While it may return, any number of workers looks for it.
        if !self.may_return() {
            self.unreachable.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether it is worth waiting for a target that answered before and is not there now: a process that died is
    /// back soon where somebody looks after it.
    pub(super) fn may_return(&self) -> bool {
        self.gone().is_some_and(|since| since.elapsed() < RETURN)
    }

    fn gone(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.gone.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// One worker's lane to the target, with everything that execution needs.
pub struct Session {
    lane: Box<dyn Lane>,
    wallet: Arc<Wallet>,
    config: SessionConfig,
    /// What every request carries, unless it sets that itself.
    headers: Vec<(Bytes, Bytes)>,
    rng: RefCell<ChaCha12Rng>,
    /// A login is being executed: it must not log in itself.
    pub(super) logging_in: Cell<bool>,
    /// Its work is cut off: what is under way may end, and nothing else begins.
    cut_off: Cell<bool>,
}

impl Session {
    /// A session on this lane.
    pub fn new(lane: Box<dyn Lane>, wallet: Arc<Wallet>, config: SessionConfig) -> Self {
        // Fresh values must differ between runs: this is the one place that asks the system for randomness.
        let rng = RefCell::new(ChaCha12Rng::from_rng(&mut rand::rng()));
        let headers = common(&*lane, &config);
        Self { lane, wallet, config, headers, rng, logging_in: Cell::new(false), cut_off: Cell::new(false) }
    }

    /// Draws fresh values from this seed from now on: for trials that must repeat. A run never does this, or its
    /// fresh values would meet those of an earlier run.
    pub fn reseed(&self, seed: u64) {
        *self.rng.borrow_mut() = ChaCha12Rng::seed_from_u64(seed);
    }

    /// The wallet.
    pub fn wallet(&self) -> &Arc<Wallet> {
        &self.wallet
    }

    /// What the target can do.
    pub fn capabilities(&self) -> Capabilities {
        self.lane.capabilities()
    }

    /// Whether a signing key is at hand.
    pub fn signing_key(&self) -> Option<&SigningKey> {
        self.config.signing_key.as_ref()
    }

    /// Logs an identity in, unless it has a credential already; returns whether it has one then.
    pub async fn log_in(&self, name: &str) -> bool {
        super::login::log_in(self, name, None).await
    }

    /// Logs an identity in whatever it has; returns whether that gave it a credential.
    pub(crate) async fn log_in_anew(&self, name: &str) -> bool {
        let generation = self.wallet.credential(name).map(|credential| credential.generation);
        self.wallet.login(name).is_some() && super::login::log_in(self, name, generation).await
    }

    /// The governor.
    pub fn governor(&self) -> &Arc<Governor> {
        &self.config.governor
    }

    /// Whether the run was stopped, or this session's work was cut off.
    pub fn is_stopped(&self) -> bool {
        self.cut_off.get() || self.config.halt.is_stopped()
    }

    /// Begins no further request: what is under way may end.
    pub(crate) fn cut_off(&self) {
        self.cut_off.set(true);
    }

    /// Takes a session up again whose work was cut off in the middle.
    pub(crate) fn recover(&self) {
        self.logging_in.set(false);
        self.cut_off.set(false);
    }

    /// Whether a request may leave; a login always may.
    pub(super) fn admit(&self, method: &[u8], target: &[u8]) -> Result<(), String> {
        if self.logging_in.get() { Ok(()) } else { self.config.door.pass(method, target) }
    }

    /// What judges the cases of this session.
    pub fn checks(&self) -> &Checks {
        &self.config.checks
    }

    /// What may leave.
    pub(crate) fn door(&self) -> &Door {
        &self.config.door
    }

    /// Takes down what an exchange made or took away. A login makes nothing that anybody wants removed.
    pub(super) fn take_down(&self, case: &Case, step: &Step, exchange: &Exchange) {
        if let Some(ledger) = self.config.ledger.as_ref().filter(|_| !self.logging_in.get()) {
            ledger.note(case, step, exchange, self.base_path());
        }
    }

    pub(super) fn lane(&self) -> &dyn Lane {
        &*self.lane
    }

    pub(crate) fn base_path(&self) -> &str {
        self.lane.base_path()
    }

    /// The header fields that every request carries, unless it sets them itself.
    pub(super) fn headers(&self) -> &[(Bytes, Bytes)] {
        &self.headers
    }

    pub(super) fn rng(&self) -> RefMut<'_, ChaCha12Rng> {
        self.rng.borrow_mut()
    }

    pub(crate) fn random_text(&self, alphabet: &[u8], len: usize) -> String {
        let mut rng = self.rng();
        (0..len).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
    }

    pub(super) fn random_bytes(&self, len: usize) -> Vec<u8> {
        let mut rng = self.rng();
        (0..len).map(|_| rng.random()).collect()
    }

    /// Random text with the run's marker in front, so that an owner finds what a run left behind.
    pub(super) fn marked(&self, len: usize) -> String {
        let marker = self.config.run_id.get(..4).unwrap_or("0000");
        let random = self.random_text(b"abcdefghijklmnopqrstuvwxyz0123456789", len.saturating_sub(8).max(8));
        format!("ph-{marker}-{random}")
    }

    /// Seconds since 1970, by the wall clock: tokens expire by it.
    #[expect(clippy::disallowed_methods, reason = "the session owns the clock")]
    pub(super) fn unix_seconds(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Made once: they are on every request.
fn common(lane: &dyn Lane, config: &SessionConfig) -> Vec<(Bytes, Bytes)> {
    let mut all = vec![
        (Bytes::from_static(b"Host"), Bytes::copy_from_slice(lane.authority().as_bytes())),
        (Bytes::from_static(b"User-Agent"), Bytes::from_static(crate::USER_AGENT.as_bytes())),
        (Bytes::from_static(b"Accept"), Bytes::from_static(b"application/json, */*;q=0.8")),
        (Bytes::from_static(b"X-Proofhouse-Run"), Bytes::copy_from_slice(config.run_id.as_bytes())),
    ];
    let extra = config.extra_headers.iter();
    all.extend(extra.map(|(name, value)| (Bytes::from(name.clone()), Bytes::from(value.clone()))));
    all
}
