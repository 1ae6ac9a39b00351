//! Rate limits: so many in a window, counted for each key.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Problem;

/// Says whether one more is allowed.
pub(crate) trait Limiter: Send + Sync {
    /// Takes one from the allowance of `key`, or says how long to wait for the next.
    fn take(&self, key: &str) -> Result<(), Wait>;
}

/// How long to wait before it is worth asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) Duration);

impl From<Wait> for Problem {
    /// 429, with `Retry-After` in whole seconds, rounded up: to come back when told to is never too early (RFC 9110, 10.2.3).
    fn from(Wait(wait): Wait) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        Problem::too_many_requests(u64::try_from(seconds).unwrap_or(u64::MAX))
    }
}

/// Never more than `count` in any stretch of `window`. Those that are refused do not count, so that a client which keeps asking still recovers.
pub(crate) struct SlidingWindow {
    count: usize,
    window: Duration,
    taken: Mutex<HashMap<String, VecDeque<Instant>>>,
}

/// Keys that have been idle for a window are forgotten as soon as there are this many, so that invented keys cannot fill the memory.
const KEYS: usize = 10_000;

impl SlidingWindow {
    pub(crate) fn new(count: usize, window: Duration) -> Self {
        Self { count, window, taken: Mutex::default() }
    }
}

impl Limiter for SlidingWindow {
    fn take(&self, key: &str) -> Result<(), Wait> {
        let now = Instant::now();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= KEYS {
            taken.retain(|_, times| times.back().is_some_and(|last| now - *last < self.window));
        }
        let times = taken.entry(key.to_owned()).or_default();
        while times.front().is_some_and(|first| now - *first >= self.window) {
            times.pop_front();
        }
        if times.len() >= self.count {
            let first = times.front().copied().unwrap_or(now);
            return Err(Wait(first + self.window - now));
        }
        times.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn allows_count_then_says_truthfully_when() {
        let limit = SlidingWindow::new(3, Duration::from_secs(2));
        assert!((0..3).all(|_| limit.take("a").is_ok()));
        let Wait(wait) = limit.take("a").unwrap_err();
        assert_eq!(limit.take("b"), Ok(()), "keys do not share");
        tokio::time::advance(wait.saturating_sub(Duration::from_millis(1))).await;
        assert!(limit.take("a").is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(limit.take("a"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn forgets_idle_keys() {
        let limit = SlidingWindow::new(1, Duration::from_secs(2));
        for key in 0..KEYS {
            limit.take(&key.to_string()).unwrap();
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        limit.take("one more").unwrap();
        assert_eq!(limit.taken.lock().unwrap().len(), 1);
    }
}
