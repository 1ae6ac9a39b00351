//! Replaying and shrinking one case.

use std::time::{Duration, Instant};

use super::confirm::{Confirmation, confirm};
use crate::case::Case;
use crate::checks::Verdict;
use crate::execute::{Session, execute};
use crate::finding::{Evidence, fingerprint};
use crate::report::evidence;
use crate::shrink::Shrinker;
use crate::target::LocalFuture;

/// What replaying a case showed.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The verdict of the first run.
    pub verdict: Verdict,
    /// How often it was violated, the first run included.
    pub confirmation: Confirmation,
    /// The exchanges of the first run.
    pub evidence: Vec<Evidence>,
}

/// Runs a case so many times.
pub async fn replay(case: &Case, times: u32, session: &Session) -> Replayed {
    let trace = execute(case, session).await;
    let verdict = session.checks().judge(case, &trace);
    let evidence = evidence(case, &trace, session.wallet().vault());
    let pause = session.checks().by_id(&case.check).map_or(0, |check| check.about().confirm.pause);
    let mut confirmation =
        confirm(case, times.saturating_sub(1), Duration::from_millis(pause), session).await;
    confirmation.reproduced.n += 1;
    confirmation.requests += trace.exchanges.len() as u32;
    if verdict.violation().is_some() {
        confirmation.reproduced.k += 1;
    }
    Replayed { verdict, confirmation, evidence }
}

/// Opens a session on a target of its own, in the state that it starts with.
pub type Open<'a> = &'a dyn Fn() -> LocalFuture<'a, Result<Session, String>>;

/// Makes a violated case as small as it gets within so many executions, keeping its fingerprint. A smaller case
/// that does not hold up twice is given up.
///
/// With `fresh`, each candidate has a target of its own: what earlier cases left behind (a lock-out, a full store)
/// must not keep a case large.
pub async fn shrink(
    case: Case,
    executions: u32,
    until: Option<Instant>,
    session: &Session,
    fresh: Option<Open<'_>>,
) -> (Case, u32) {
    let wanted = fingerprint(&case);
    let mut shrinker = Shrinker::new(case);
    let mut spent = 0;
    while spent < executions && !session.is_stopped() && until.is_none_or(|until| Instant::now() < until) {
        let Some(candidate) = shrinker.candidate().cloned() else { break };
        spent += 1;
        let fails = fingerprint(&candidate) == wanted && {
            let opened = if let Some(open) = fresh { open().await.ok() } else { None };
            violates(&candidate, opened.as_ref().unwrap_or(session)).await
        };
        shrinker.answer(fails);
    }
    (shrinker.into_best(), spent)
}

async fn violates(case: &Case, session: &Session) -> bool {
    let trace = execute(case, session).await;
    session.checks().judge(case, &trace).violation().is_some()
}
