//! Declared limits that are not there.

use std::sync::Arc;

use super::{Defect, Part};
use crate::limits::{Limiter, SlidingWindow, Wait};
use crate::state::{COUPONS, LOGINS, WINDOW};

const FIRES: &[&str] = &["ratelimit-missing"];
const GUESSABLE: (&str, &str) = ("ratelimit-sensitive-flow", "codes can be tried without end");

pub(super) const COUPONS_UNLIMITED: Defect = Defect {
    id: "ratelimit-missing-on-coupons",
    title: "nobody counts how many coupons are looked at",
    operations: &["POST /coupons/check"],
    part: Part::Limit,
    fires: FIRES,
    also: &[GUESSABLE],
    build: |plan| plan.equip(|state| state.coupons = Arc::new(Unlimited)),
};

pub(super) const LOGIN_RECOUNT: Defect = Defect {
    id: "ratelimit-missing-on-login-recount",
    title: "attempts to log in are counted by a counter that each request makes anew",
    operations: &["POST /login"],
    part: Part::Limit,
    fires: FIRES,
    also: &[("authn-bruteforce-unlimited", "passwords can be tried without end")],
    build: |plan| plan.equip(|state| state.logins = Arc::new(Forgetful)),
};

pub(super) const TENFOLD: Defect = Defect {
    id: "ratelimit-missing-tenfold",
    title: "ten times as many coupons are looked at as the document says",
    operations: &["POST /coupons/check"],
    part: Part::Limit,
    fires: FIRES,
    also: &[GUESSABLE],
    build: |plan| plan.equip(|state| state.coupons = Arc::new(SlidingWindow::new(10 * COUPONS, WINDOW))),
};

struct Unlimited;

impl Limiter for Unlimited {
    fn take(&self, _: &str) -> Result<(), Wait> {
        Ok(())
    }
}

struct Forgetful;

impl Limiter for Forgetful {
    fn take(&self, key: &str) -> Result<(), Wait> {
        SlidingWindow::new(LOGINS, WINDOW).take(key)
    }
}
