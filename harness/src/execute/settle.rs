//! Services that show what was written a while later: their readers are waited for.
//!
//! A case that made an object and is told that there is none asks again for a while. Where that helps, reads after
//! writes wait as long from then on: an effect that is looked for too early is not seen. Where it does not help, the
//! operation is not waited for again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::case::{Case, Dynamic, Role, Step, Value};
use crate::trace::{Exchange, Trace};

/// When an object is asked for again, each after the last: two seconds in all.
const PAUSES: [u64; 5] = [100, 200, 300, 600, 800];
/// The longest that a read waits for what was written.
const LONGEST: u64 = 2_000;

/// What is known of how late a service shows what was written.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// How late, in milliseconds.
    lag: AtomicU64,
    /// Operations that do not show it at all.
    never: Mutex<Vec<Box<str>>>,
}

impl Settling {
    /// How long to wait until an operation is asked again for what the case made; `None` when that is over.
    pub(super) fn pause(&self, operation: &str, asked: usize) -> Option<Duration> {
        let is_known = || self.never().iter().any(|known| **known == *operation);
        if asked == 0 && is_known() {
            return None;
        }
        let pause = PAUSES.get(asked).copied().map(Duration::from_millis);
        if pause.is_none() && !is_known() {
            self.never().push(operation.into());
        }
        pause
    }

    /// Notes that an object was there so long after it had been made.
    pub(super) fn shown(&self, after: Duration) {
        let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX).saturating_mul(3) / 2;
        self.lag.fetch_max(millis.clamp(1, LONGEST), Ordering::Relaxed);
    }

    /// How long a read still waits for what the case wrote before.
    pub(super) fn before(&self, step: &Step, case: &Case, trace: &Trace, now: Duration) -> Duration {
        let lag = Duration::from_millis(self.lag.load(Ordering::Relaxed));
        let reads = |step: &Step| {
            let base = step.request().and_then(|send| case.base(&send.base));
            base.is_some_and(|base| matches!(base.request.method.as_str(), "GET" | "HEAD"))
        };
        if lag.is_zero() || step.copies > 1 || !reads(step) {
            return Duration::ZERO;
        }
        let wrote = |exchange: &&Exchange| case.steps.get(exchange.step).is_some_and(|step| !reads(step));
        let last = trace.exchanges.iter().filter(wrote).map(Exchange::ended).max();
        last.map_or(Duration::ZERO, |last| (last + lag).saturating_sub(now))
    }

    fn never(&self) -> std::sync::MutexGuard<'_, Vec<Box<str>>> {
        self.never.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// When the object was made that a step asks for as its maker, unless it was seen since: it may only be late.
pub(super) fn made_for(case: &Case, index: usize, trace: &Trace) -> Option<Duration> {
    let step = &case.steps[index];
    let send = step.request().filter(|send| send.edits.is_empty() && step.role != Role::Attack)?;
    let request = &case.base(&send.base)?.request;
    let reference = request.path_params.0.iter().rev().find_map(|(_, value)| match value {
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Ref(reference) => Some(&reference.step),
            _ => None,
        },
        _ => None,
    })?;
    let made = trace.of(case, reference)?;
    let maker = &case.steps[made.step];
    let creates = maker
        .request()
        .and_then(|send| case.base(&send.base))
        .is_some_and(|base| base.request.method == "POST");
    let granted = made.status().is_some_and(|status| (200..300).contains(&status));
    if !creates || !granted || maker.identity != step.identity {
        return None;
    }
    let asked = trace.of_index(index)?;
    let path = |exchange: &Exchange| {
        let target = &exchange.sent.request.target;
        target[..target.iter().position(|byte| *byte == b'?').unwrap_or(target.len())].to_vec()
    };
    let own = path(asked);
    let seen = trace.exchanges.iter().any(|exchange| {
        exchange.status().is_some_and(|status| (200..300).contains(&status)) && path(exchange) == own
    });
    (!seen).then(|| made.ended())
}
