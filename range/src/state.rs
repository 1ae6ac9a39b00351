//! The services that handlers share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::auth::{ApiKey, Basic, Tokens, Verifier};
use crate::config::Config;
use crate::limits::{Limiter, SlidingWindow};
use crate::store::Store;

/// What a handler needs; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) kitchen: Arc<Basic>,
    pub(crate) reports: Arc<ApiKey>,
    /// For each account: attempts to log in.
    pub(crate) logins: Arc<dyn Limiter>,
    /// For each identity: coupons looked at.
    pub(crate) coupons: Arc<dyn Limiter>,
    ids: Arc<Mutex<StdRng>>,
}

/// The window of both limits.
pub(crate) const WINDOW: Duration = Duration::from_millis(500);
/// Attempts to log in, for each account and window.
pub(crate) const LOGINS: usize = 10;
/// Coupons looked at, for each identity and window.
pub(crate) const COUPONS: usize = 15;

impl AppState {
    pub(crate) fn new(config: &Config) -> Self {
        let accounts = &config.accounts;
        let tokens = Arc::new(Tokens::new(&accounts.signing_key, config.token_seconds));
        Self {
            store: Store::open(accounts),
            verifier: tokens.clone(),
            tokens,
            kitchen: Arc::new(Basic::new(&accounts.kitchen_name, &accounts.kitchen_password)),
            reports: Arc::new(ApiKey::new(&accounts.api_key)),
            logins: Arc::new(SlidingWindow::new(LOGINS, WINDOW)),
            coupons: Arc::new(SlidingWindow::new(COUPONS, WINDOW)),
            ids: Arc::new(Mutex::new(StdRng::seed_from_u64(config.seed))),
        }
    }

    /// A new identifier: 128 bits from a generator that is fit for secrets, so that nobody guesses another's.
    pub(crate) fn fresh_id(&self) -> String {
        let mut bits = [0; 16];
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bits);
        format!("{:032x}", u128::from_be_bytes(bits))
    }
}
