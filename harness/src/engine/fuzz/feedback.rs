//! From a trace to counters.

use super::counters::{About, note};
use crate::case::Case;
use crate::engine::campaign::{Fnv, behaviour};
use crate::trace::{Exchange, Trace};

/// Tells the fuzzer how the service answered: each behaviour, and how each request ended after the last one that changed
/// something. What was refused or only read left the state as it was, and would make news of any order.
pub(super) fn tell(case: &Case, trace: &Trace) {
    let mut changed: Option<u64> = None;
    for exchange in &trace.exchanges {
        let Some(operation) = case.steps.get(exchange.step).and_then(|step| case.operation_of(step)) else {
            continue;
        };
        if let Some(key) = behaviour(operation, exchange) {
            note(About::Behaviour, key);
        }
        let now = met(operation, exchange);
        if let Some(changed) = changed {
            let mut pair = Fnv::default();
            pair.number(changed);
            pair.number(now);
            note(About::Pair, pair.0);
        }
        let is_done = exchange.status().is_some_and(|status| (200..400).contains(&status));
        let reads = matches!(&*exchange.sent.request.method, b"GET" | b"HEAD" | b"OPTIONS" | b"QUERY");
        if is_done && !reads {
            changed = Some(now);
        }
    }
}

/// An operation and how it ended, as far as that is a state: the class of the status.
fn met(operation: &str, exchange: &Exchange) -> u64 {
    let mut hash = Fnv::default();
    hash.text(operation);
    hash.number(exchange.status().map_or(0, |status| u64::from(status / 100)));
    hash.number(u64::from(exchange.panic.is_some()));
    hash.0
}

/// Tells the fuzzer what a judge saw.
pub(super) fn judged(check: &str, operation: &str, verdict: &str) {
    let mut hash = Fnv::default();
    [check, operation, verdict].into_iter().for_each(|part| hash.text(part));
    note(About::Verdict, hash.0);
}
