//! What the checks of limits have in common.

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
pub(super) const SLACK: f64 = 0.1;

/// The draft and declared limit of a subject; the other verdict says why there is none.
pub(super) fn draft_of<'w>(at: &Subject, world: &'w World) -> Result<(&'w Draft, &'w RateLimit, u16), Verdict> {
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
    let invented = access.invented.as_deref().zip(access.invented_status).filter(|(_, status)| judged(Some(*status)));
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

/// How many requests a burst sends.
pub(super) fn burst(limit: &RateLimit) -> u32 {
    (f64::from(limit.count) * (1.0 + OVER)).ceil() as u32 + 4
}
