//! From a trace to counters.

use super::counters::{About, note};
use crate::case::Case;
use crate::engine::campaign::{Fnv, behaviour};
use crate::trace::{Exchange, Trace};

/// Tells the fuzzer how the service answered: each behaviour, and how each request ended after the last one that changed
/// something.
pub(super) fn tell(case: &Case, trace: &Trace) {
    for exchange in &trace.exchanges {
        let operation = case.steps.get(exchange.step).and_then(|step| case.operation_of(step));
        if let Some(key) = operation.and_then(|operation| behaviour(operation, exchange)) {
            note(About::Behaviour, key);
        }
    }
    each_order(case, trace, &mut |key| note(About::Pair, key));
}

/// Calls `visit` with a key of each request's end after the last one that changed something. What was refused or only
/// read left the state as it was, and would make news of any order.
fn each_order(case: &Case, trace: &Trace, visit: &mut dyn FnMut(u64)) {
    let mut changed: Option<u64> = None;
    for exchange in &trace.exchanges {
        let Some(operation) = case.steps.get(exchange.step).and_then(|step| case.operation_of(step)) else {
            continue;
        };
        let now = met(operation, exchange);
        if let Some(changed) = changed {
            let mut pair = Fnv::default();
            pair.number(changed);
            pair.number(now);
            visit(pair.0);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::case::{ANONYMOUS, Base, Request, Role, Step};
    use crate::controls::tests_support::answer;
    use crate::message::Outgoing;
    use crate::trace::Sent;

    /// The orders that these requests make, of a path each.
    fn orders(sent: &[(&'static str, &'static str, u16)]) -> Vec<u64> {
        let mut case = Case::new("explore", "GET /");
        let mut trace = Trace::default();
        for (index, (method, path, status)) in sent.iter().enumerate() {
            let (name, operation) = (format!("base-{index}"), format!("{method} {path}"));
            let request = Request { method: (*method).to_owned(), ..Request::default() };
            case.bases.push(Base { name: name.clone(), operation, request });
            case.steps.push(Step::send(format!("step-{index}"), Role::Setup, ANONYMOUS, &name, Vec::new()));
            let mut exchange = answer(*status, "{}");
            exchange.step = index;
            exchange.sent = Arc::new(Sent { request: Outgoing::new(*method, *path), ..Sent::default() });
            trace.exchanges.push(exchange);
        }
        let mut all = Vec::new();
        each_order(&case, &trace, &mut |key| all.push(key));
        all
    }

    #[test]
    fn only_what_changed_something_makes_an_order() {
        let (arm, seal) = (("POST", "/arm", 200), ("POST", "/seal", 200));
        let plain = orders(&[arm, seal]);
        assert_eq!(plain.len(), 1);
        assert_eq!(orders(&[arm, ("GET", "/door", 200), seal]).last(), plain.last(), "it was only read");
        assert_eq!(orders(&[arm, ("POST", "/arm", 409), seal]).last(), plain.last(), "it was refused");
        assert!(orders(&[("GET", "/door", 200), ("POST", "/arm", 400), seal]).is_empty());
        assert_ne!(orders(&[seal, arm]), plain);
        assert_ne!(orders(&[arm, ("POST", "/seal", 409)]), plain, "how it ended counts");
    }
}
