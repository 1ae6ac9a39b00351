//! Bounds the traffic of all sessions: how many requests a second, how many at once, and when nobody may send.

use std::collections::{BTreeSet, VecDeque};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::settle::Settling;

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

/// Answers 503 among the last requests that are taken for overload, and among how many.
const OVERLOAD: usize = 10;
const OVERLOAD_OF: u64 = 100;

/// Answers 503 of late: after how many requests, and of which operation.
type Unavailable = VecDeque<(u64, Box<str>)>;

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
    /// What was answered 503 of late (RFC 9110 section 15.6.4).
    unavailable: std::sync::Mutex<Unavailable>,
    /// How many workers send.
    crew: AtomicUsize,
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

    /// How many workers send: what is under way at once, where nothing bounds it.
    pub fn crew(self, workers: usize) -> Self {
        self.crew.store(workers, Ordering::Relaxed);
        self
    }

    /// Notes that an operation was answered 503. Once a tenth of what is sent is, at several operations, the service
    /// is overrun: half as much is under way at once from now on.
    pub(super) fn overruns(&self, operation: &str) {
        let mut late = self.unavailable.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = self.sent();
        late.push_back((now, operation.into()));
        while late.len() > OVERLOAD || late.front().is_some_and(|(sent, _)| now - sent > OVERLOAD_OF) {
            late.pop_front();
        }
        let operations: BTreeSet<_> = late.iter().map(|(_, operation)| operation).collect();
        if late.len() < OVERLOAD || operations.len() < SEVERAL {
            return;
        }
        late.clear();
        let present = self.bounded().unwrap_or_else(|| self.crew.load(Ordering::Relaxed));
        if present > 1 {
            self.bound(present / 2);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_is_overrun_is_sent_half_as_much() {
        let governor = Governor::new(0).crew(8);
        let answers = |operations: &[&str]| {
            for number in 0..OVERLOAD {
                governor.sent.fetch_add(5, Ordering::Relaxed);
                governor.overruns(operations[number % operations.len()]);
            }
        };
        answers(&["GET /a"]);
        assert_eq!(governor.bounded(), None, "one operation is out of service");
        let several = ["GET /a", "POST /b", "POST /c"];
        answers(&several);
        assert_eq!(governor.bounded(), Some(4));
        answers(&several);
        answers(&several);
        answers(&several);
        assert_eq!(governor.bounded(), Some(1));
    }

    #[test]
    fn a_few_answers_among_many_are_no_overload() {
        let governor = Governor::new(0).crew(8);
        for number in 0..50 {
            governor.sent.fetch_add(20, Ordering::Relaxed);
            governor.overruns(["GET /a", "POST /b", "POST /c"][number % 3]);
        }
        assert_eq!(governor.bounded(), None);
    }
}
