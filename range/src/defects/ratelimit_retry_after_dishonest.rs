//! Refusals whose `Retry-After` is not true.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::{Defect, Part};
use crate::limits::{Limiter, SlidingWindow, Wait};
use crate::state::{COUPONS, LOGINS, WINDOW};

const FIRES: &[&str] = &["ratelimit-retry-after-dishonest"];

pub(super) const WORDS: Defect = Defect {
    id: "ratelimit-retry-after-dishonest-in-words",
    title: "Retry-After is a word that no client can read",
    operations: &["POST /coupons/check"],
    part: Part::Limit,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(in_words))),
};

pub(super) const AN_HOUR: Defect = Defect {
    id: "ratelimit-retry-after-dishonest-an-hour",
    title: "whoever looked at too many coupons is told to wait for an hour, and need not",
    operations: &["POST /coupons/check"],
    part: Part::Limit,
    fires: FIRES,
    also: &[],
    build: |plan| {
        plan.equip(|state| {
            let told = Duration::from_secs(3_600);
            state.coupons = Arc::new(Told { limiter: SlidingWindow::new(COUPONS, WINDOW), told });
        });
    },
};

pub(super) const TOO_SHORT: Defect = Defect {
    id: "ratelimit-retry-after-dishonest-too-short",
    title: "attempts to log in are counted for a minute, and Retry-After says a second",
    operations: &["POST /login"],
    part: Part::Limit,
    fires: &["ratelimit-retry-after-dishonest", "ratelimit-never-recovers"],
    also: &[],
    build: |plan| {
        plan.equip(|state| {
            let limiter = SlidingWindow::new(LOGINS, 120 * WINDOW);
            state.logins = Arc::new(Told { limiter, told: Duration::from_secs(1) });
        });
    },
};

async fn in_words(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("soon"));
    }
    response
}

/// Says the same wait to everybody.
struct Told {
    limiter: SlidingWindow,
    told: Duration,
}

impl Limiter for Told {
    fn take(&self, key: &str) -> Result<(), Wait> {
        self.limiter.take(key).map_err(|_| Wait(self.told))
    }
}
