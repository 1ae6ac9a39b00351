//! Limits that hold on after their window.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Defect, Part};
use crate::limits::{Limiter, SlidingWindow, Wait};
use crate::state::{COUPONS, LOGINS, WINDOW};

const FIRES: &[&str] = &["ratelimit-never-recovers"];
const DISHONEST: (&str, &str) =
    ("ratelimit-retry-after-dishonest", "Retry-After goes by the window, the lock does not");

pub(super) const TRIPPED: Defect = Defect {
    id: "ratelimit-never-recovers-once-tripped",
    title: "whoever has looked at too many coupons once is refused for ever",
    operations: &["POST /coupons/check"],
    part: Part::Limit,
    fires: FIRES,
    also: &[DISHONEST],
    build: |plan| plan.equip(|state| state.coupons = Arc::new(Lock::new(COUPONS, Duration::MAX))),
};

pub(super) const LONG_LOCKOUT: Defect = Defect {
    id: "ratelimit-never-recovers-long-lockout",
    title: "too many attempts to log in lock the account for ten times the window",
    operations: &["POST /login"],
    part: Part::Limit,
    fires: FIRES,
    also: &[DISHONEST, ("authn-lockout-dos", "a stranger keeps the account's owner out")],
    build: |plan| plan.equip(|state| state.logins = Arc::new(Lock::new(LOGINS, 10 * WINDOW))),
};

/// Refuses a key for `length` after it has reached the limit; `Retry-After` says the window all the same.
struct Lock {
    window: SlidingWindow,
    length: Duration,
    since: Mutex<HashMap<String, Instant>>,
}

impl Lock {
    fn new(count: usize, length: Duration) -> Self {
        Self { window: SlidingWindow::new(count, WINDOW), length, since: Mutex::default() }
    }
}

impl Limiter for Lock {
    fn take(&self, key: &str) -> Result<(), Wait> {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if since.get(key).is_some_and(|since| since.elapsed() < self.length) {
            return Err(Wait(WINDOW));
        }
        since.remove(key);
        self.window.take(key).inspect_err(|_| {
            since.insert(key.to_owned(), Instant::now());
        })
    }
}
