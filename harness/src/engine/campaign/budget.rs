//! Budgets: what bounds a campaign.

use std::time::{Duration, Instant};

/// What a run may take beyond its time to see which identities still work.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is left of time and requests. Requests are counted by what the work cost, folded in its order; time by the
/// clock.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    deadline: Option<Instant>,
    began: Instant,
    total: Option<Duration>,
    requests: Option<u64>,
    spent: u64,
    cases: Option<u64>,
    judged: u64,
}

impl Budget {
    pub(super) fn new(time: Option<Duration>, requests: Option<u64>) -> Self {
        let began = Instant::now();
        let deadline = time.map(|time| began + time);
        Self { deadline, began, total: time, requests, spent: 0, cases: None, judged: 0 }
    }

    /// The same with a bound on the number of cases.
    pub(super) fn of_cases(mut self, cases: Option<u64>) -> Self {
        self.cases = cases;
        self
    }

    /// Counts cases.
    pub(super) fn judge(&mut self, cases: u64) {
        self.judged += cases;
    }

    /// Cases that may still be planned before a share of them is used up.
    pub(super) fn cases_left(&self, share: f64) -> u64 {
        self.cases.map_or(u64::MAX, |cases| ((cases as f64 * share) as u64).saturating_sub(self.judged))
    }

    /// Whether the number of cases is bounded.
    pub(super) fn counts_cases(&self) -> bool {
        self.cases.is_some()
    }

    /// Cases so far.
    pub(super) fn judged(&self) -> u64 {
        self.judged
    }

    /// Counts requests.
    pub(super) fn spend(&mut self, requests: u64) {
        self.spent += requests;
    }

    /// Requests that may still be planned.
    pub(super) fn left(&self) -> u64 {
        self.requests.map_or(u64::MAX, |requests| requests.saturating_sub(self.spent))
    }

    /// Until when planned work may begin: a share of the time is kept for what comes after.
    pub(super) fn until(&self, share: f64) -> Option<Instant> {
        self.total.map(|total| self.began + total.mul_f64(share))
    }

    /// When work that may begin until `until` is cut off: a little later, and no later than the time is up; what has
    /// no such bound, shortly after that.
    pub(super) fn end(&self, until: Option<Instant>) -> Option<Instant> {
        let (deadline, total) = (self.deadline?, self.total?);
        Some(until.map_or(deadline + LAST_WORDS, |until| (until + total / 10).min(deadline)))
    }

    /// The time in all.
    pub(super) fn total(&self) -> Option<Duration> {
        self.total
    }

    /// Whether exploring has a bound of its own.
    pub(super) fn is_bounded(&self) -> bool {
        self.deadline.is_some() || self.requests.is_some() || self.cases.is_some()
    }
}
