//! What the checks of limits have in common.

use std::collections::BTreeMap;

use serde_json::json;

use crate::case::Case;
use crate::checks::{Subject, Verdict};
use crate::controls::Framed;
use crate::generate::{Draft, World};
use crate::surface::RateLimit;
use crate::trace::Exchange;

/// Requests that a burst sends beyond the limit, as a share of it.
pub(super) const OVER: f64 = 0.5;
/// Requests beyond the limit that a sound limiter may let through.
const SLACK: f64 = 0.1;
/// How much longer or shorter than declared the windows of a sound limiter may be.
const OFF: f64 = 0.1;

/// The draft and declared limit of a subject; the other verdict says why there is none.
pub(super) fn draft_of<'w>(
    at: &Subject,
    world: &'w World,
) -> Result<(&'w Draft, &'w RateLimit, u16), Verdict> {
    let operation = at.operation.ok_or(Verdict::NotMine)?;
    let limit = world.limit(operation).ok_or(Verdict::NotMine)?;
    if limit.count == 0 || limit.count > 5_000 || limit.window > 60_000 {
        let seconds = limit.window / 1_000;
        return Err(Verdict::vacuous(format!(
            "a limit of {} in {seconds} s takes too long to measure",
            limit.count
        )));
    }
    let access =
        world.access(operation, &at.identity).ok_or(Verdict::vacuous("the operation was never tried"))?;
    // A login that refuses a wrong password is judged by the operation itself, and its limit counts that too: an
    // invented account is as good, and nobody is locked out.
    let judged = |status: Option<u16>| matches!(status, Some(200..=299 | 400 | 401 | 403 | 404 | 409 | 422));
    let invented =
        access.invented.as_deref().zip(access.invented_status).filter(|(_, status)| judged(Some(*status)));
    let own = || access.draft.as_deref().zip(access.status).filter(|(_, status)| judged(Some(*status)));
    let (draft, status) = invented.or_else(own).ok_or_else(|| Verdict::vacuous(access.note.clone()))?;
    Ok((draft, limit, status))
}

/// Writes the limit down for the judge, and what the operation answers to those that it lets through.
pub(super) fn note(case: &mut Case, limit: &RateLimit, status: u16) {
    case.facts.insert("limit".to_owned(), json!(limit));
    case.facts.insert("answer".to_owned(), json!(status));
}

/// Whether an answer is what the operation gives to a request that it lets through and looks at. Anything else may
/// come from in front of the limit, and does not count.
pub(super) fn is_let_through(case: &Case, exchange: &Exchange) -> bool {
    let noted = case.facts.get("answer").and_then(serde_json::Value::as_u64);
    exchange.status().is_some_and(|status| Some(u64::from(status)) == noted)
}

/// The limit that a case wrote down.
pub(super) fn noted(case: &Case) -> Option<RateLimit> {
    serde_json::from_value(case.facts.get("limit")?.clone()).ok()
}

/// Whether an answer was held back by the limit, let through to the operation, or neither.
pub(super) fn framed(exchange: &Exchange, limit: &RateLimit) -> Framed {
    match exchange.status() {
        Some(status) if status == limit.answer || status == 429 => Framed::Denied,
        None | Some(502..=504) => Framed::Unclear,
        Some(_) => Framed::Allowed,
    }
}

/// What became of one burst.
pub(super) struct Burst<'t> {
    /// How many were sent.
    pub(super) sent: usize,
    /// How many the limit held back.
    pub(super) denied: usize,
    /// What was let through to the operation, in the order in which it was answered.
    pub(super) allowed: Vec<&'t Exchange>,
}

impl<'t> Burst<'t> {
    /// Sorts the answers of one burst.
    ///
    /// Where some requests succeed, an answer that is no success and that no repetition of a request explains (404,
    /// 409, 410, 422) is somebody's way to hold requests back with a status that nobody declared: it was not let
    /// through. Where none succeeds, as for a login with a wrong password, the usual answer is what is let through.
    pub(super) fn of(exchanges: impl Iterator<Item = &'t Exchange>, limit: &RateLimit) -> Self {
        let all: Vec<_> = exchanges.collect();
        let of =
            |wanted: Framed| all.iter().copied().filter(move |exchange| framed(exchange, limit) == wanted);
        let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
        of(Framed::Allowed)
            .filter_map(Exchange::status)
            .for_each(|status| *counts.entry(status).or_default() += 1);
        let succeeds = counts.keys().any(|status| (200..300).contains(status));
        let usual = counts.iter().max_by_key(|(_, count)| **count).map(|(status, _)| *status);
        let passes = |status: u16| {
            if succeeds { matches!(status, 200..=299 | 404 | 409 | 410 | 422) } else { Some(status) == usual }
        };
        let mut allowed: Vec<_> =
            of(Framed::Allowed).filter(|exchange| exchange.status().is_some_and(passes)).collect();
        allowed.sort_by_key(|exchange| exchange.ended());
        Self { sent: all.len(), denied: of(Framed::Denied).count(), allowed }
    }

    /// Whether the limit refused. A declared refusal that looks like a failure must come as often as a limit makes
    /// it come, or a failure now and then passes for a limit; `None` when that is not clear.
    pub(super) fn is_refused(&self, limit: &RateLimit) -> Option<bool> {
        let excess = self.sent as f64 - most(limit);
        match self.denied {
            0 => Some(false),
            _ if !matches!(limit.answer, 502..=504) => Some(true),
            denied if denied as f64 >= excess => Some(true),
            denied if (denied as f64) < excess / 2.0 => Some(false),
            _ => None,
        }
    }

    /// The requests that were answered within half a window, when no bucket that refills as declared lets as many
    /// through in that time.
    pub(super) fn surplus(&self, limit: &RateLimit) -> Option<&[&'t Exchange]> {
        let began = self.allowed.iter().map(|exchange| exchange.began).min()?;
        let window = limit.window as f64 / 1_000.0;
        let took = |exchange: &Exchange| exchange.ended().saturating_sub(began).as_secs_f64();
        let within = self.allowed.partition_point(|exchange| took(exchange) <= window / 2.0);
        let exceeds = |count: usize| {
            let refilled = took(self.allowed[count - 1]) / (window * (1.0 - OFF));
            count as f64 > most(limit) * (1.0 + refilled)
        };
        (1..=within).any(exceeds).then(|| &self.allowed[..within])
    }
}

/// How many requests a sound limiter lets through at once.
fn most(limit: &RateLimit) -> f64 {
    f64::from(limit.count) * (1.0 + SLACK) + 1.0
}

/// When a fixed window may have ended within a burst so that neither part is too much; in seconds, and `None` when
/// there is no such time. A request counts on a side when it began and was answered there.
fn seam(surplus: &[&Exchange], limit: &RateLimit) -> Option<(f64, f64)> {
    let mut began: Vec<_> = surplus.iter().map(|exchange| exchange.began.as_secs_f64()).collect();
    began.sort_by(f64::total_cmp);
    let most = most(limit) as usize;
    // Up to `most` requests may begin after the seam, and as many may be answered before it.
    let earliest = if began.len() > most { began[began.len() - most - 1] } else { f64::NEG_INFINITY };
    let latest = surplus.get(most).map_or(f64::INFINITY, |exchange| exchange.ended().as_secs_f64());
    (earliest < latest).then_some((earliest, latest))
}

/// Whether fixed windows, wherever they begin, explain that neither of two bursts was refused: both would have to
/// fall on the end of a window. A window may be a tenth longer or shorter than declared.
pub(super) fn windows_explain(first: &[&Exchange], second: &[&Exchange], limit: &RateLimit) -> bool {
    let (Some(first), Some(second)) = (seam(first, limit), seam(second, limit)) else { return false };
    let window = limit.window as f64 / 1_000.0;
    let (shortest, longest) = (window * (1.0 - OFF), window * (1.0 + OFF));
    let (least, most) = (second.0 - first.1, second.1 - first.0);
    if !least.is_finite() || !most.is_finite() || least <= 0.0 {
        return true;
    }
    // Some whole number of windows lies between the seams.
    let count = (least / longest).ceil().max(1.0);
    count * shortest <= most
}

/// How many requests a burst sends.
pub(super) fn burst(limit: &RateLimit) -> u32 {
    (f64::from(limit.count) * (1.0 + OVER)).ceil() as u32 + 4
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::controls::tests_support::answer;
    use crate::surface::LimitPer;

    fn limit(answer: u16) -> RateLimit {
        RateLimit { count: 10, window: 1_000, per: LimitPer::Identity, answer }
    }

    /// Answers of these statuses, one a millisecond from `at` on.
    fn sent(at: u64, statuses: &[u16]) -> Vec<Exchange> {
        let one = |(index, status): (usize, &u16)| {
            let mut exchange = answer(*status, "{}");
            exchange.began = Duration::from_millis(at + index as u64);
            exchange
        };
        statuses.iter().enumerate().map(one).collect()
    }

    fn passed(at: u64) -> Vec<Exchange> {
        sent(at, &[200; 19])
    }

    #[test]
    fn a_refusal_that_nobody_declared_is_not_let_through() {
        let statuses = [[200; 10].as_slice(), &[403; 9]].concat();
        let exchanges = sent(0, &statuses);
        let burst = Burst::of(exchanges.iter(), &limit(429));
        assert_eq!((burst.denied, burst.allowed.len()), (0, 10));
        assert!(burst.surplus(&limit(429)).is_none());
    }

    #[test]
    fn a_login_that_refuses_each_password_lets_through() {
        let exchanges = sent(0, &[401; 19]);
        assert_eq!(Burst::of(exchanges.iter(), &limit(429)).allowed.len(), 19);
    }

    #[test]
    fn a_failure_now_and_then_is_no_limit_that_answers_503() {
        let refused = |count: usize| {
            let statuses = [vec![200; 19 - count], vec![503; count]].concat();
            let exchanges = sent(0, &statuses);
            Burst::of(exchanges.iter(), &limit(503)).is_refused(&limit(503))
        };
        assert_eq!(
            (refused(0), refused(1), refused(5), refused(9)),
            (Some(false), Some(false), None, Some(true))
        );
    }

    #[test]
    fn a_bucket_that_refills_meanwhile_is_no_surplus() {
        let slow: Vec<_> = (0..19).flat_map(|index| sent(index * 50, &[200])).collect();
        assert!(Burst::of(slow.iter(), &limit(429)).surplus(&limit(429)).is_none());
        let fast = passed(0);
        assert_eq!(Burst::of(fast.iter(), &limit(429)).surplus(&limit(429)).map(<[_]>::len), Some(19));
    }

    #[test]
    fn two_bursts_that_may_both_fall_on_the_end_of_a_window_prove_nothing() {
        let limit = limit(429);
        let explain = |at: u64| {
            let (first, second) = (passed(0), passed(at));
            let (first, second) = (Burst::of(first.iter(), &limit), Burst::of(second.iter(), &limit));
            windows_explain(
                first.surplus(&limit).expect("fast"),
                second.surplus(&limit).expect("fast"),
                &limit,
            )
        };
        assert!(explain(1_000), "one window apart");
        assert!(explain(1_090), "one slow window apart");
        assert!(explain(1_900), "two fast windows apart");
        assert!(!explain(1_450), "never a whole number of windows");
    }
}
