//! P17, repetition: a violation counts when it is seen again, in the state that produced it.

use std::time::Duration;

use crate::case::Case;
use crate::checks::Verdict;
use crate::execute::{Session, execute};
use crate::finding::{Reproduced, fingerprint};

/// What repeating a witness showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confirmation {
    /// How often it was violated again.
    pub reproduced: Reproduced,
    /// Requests that it cost.
    pub requests: u32,
    /// The last verdict that was no violation.
    pub other: Option<Verdict>,
    /// Why it was not repeated as often as was asked.
    pub cut: Option<String>,
}

impl Confirmation {
    /// Adds what more repetitions showed.
    pub fn add(&mut self, more: Self) {
        self.reproduced.k += more.reproduced.k;
        self.reproduced.n += more.reproduced.n;
        self.requests += more.requests;
        self.other = more.other.or(self.other.take());
        self.cut = more.cut.or(self.cut.take());
    }

    /// Seen again every time.
    pub fn is_certain(&self) -> bool {
        self.reproduced.n > 0 && self.reproduced.k == self.reproduced.n
    }

    /// Seen again more often than not.
    pub fn is_seen(&self) -> bool {
        self.reproduced.k * 2 > self.reproduced.n
    }
}

/// Runs a witness so many times.
pub async fn confirm(case: &Case, times: u32, pause: Duration, session: &Session) -> Confirmation {
    let wanted = fingerprint(case);
    let mut confirmation =
        Confirmation { reproduced: Reproduced { k: 0, n: 0 }, requests: 0, other: None, cut: None };
    for _ in 0..times {
        if session.is_stopped() {
            confirmation.cut = Some("the run was stopped".to_owned());
            break;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let trace = execute(case, session).await;
        confirmation.requests += trace.exchanges.len() as u32;
        // A case that was not done to its end shows nothing, either way.
        if trace.stopped.is_some() {
            confirmation.cut = trace.stopped;
            break;
        }
        confirmation.reproduced.n += 1;
        match session.checks().judge(case, &trace) {
            Verdict::Violated(_) if fingerprint(case) == wanted => confirmation.reproduced.k += 1,
            other => confirmation.other = Some(other),
        }
    }
    confirmation
}
