//! Exchanges for tests of controls.

use std::sync::Arc;
use std::time::Duration;

use crate::message::{Headers, Incoming, Outcome, Timing};
use crate::trace::Exchange;

/// An exchange whose answer is JSON, or text when the body is not.
pub(crate) fn answer(status: u16, body: &str) -> Exchange {
    let media_type = if serde_json::from_str::<serde_json::Value>(body).is_ok() {
        "application/json"
    } else {
        "text/plain"
    };
    answer_as(status, media_type, body)
}

/// An exchange whose answer has this media type.
pub(crate) fn answer_as(status: u16, media_type: &str, body: &str) -> Exchange {
    let headers: Headers = [("Content-Type", media_type)].into_iter().collect();
    let incoming = Incoming { status, headers, body: body.to_owned().into(), ..Incoming::default() };
    exchange(Outcome::Answered(incoming))
}

/// An exchange with this outcome.
pub(crate) fn exchange(outcome: Outcome) -> Exchange {
    let delivery = crate::message::Delivery::undelivered(outcome, Timing::default());
    Exchange::new(0, 0, 0, Arc::default(), delivery, Duration::ZERO)
}
