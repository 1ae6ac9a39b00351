//! A session: one worker's lane to the target, the identities bound to it, and its bounds.

use std::cell::{Cell, RefCell, RefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt as _, SeedableRng as _};

use super::door::Door;
use super::forge::SigningKey;
use super::governor::Governor;
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
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the system has random numbers");
        let rng = RefCell::new(ChaCha12Rng::from_seed(seed));
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
