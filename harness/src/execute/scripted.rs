//! A lane for tests: what becomes of each request is a function of its number.

use std::cell::Cell;
use std::sync::Arc;

use super::{Session, SessionConfig};
use crate::identity::{Vault, Wallet};
use crate::message::{Delivery, Outcome, Outgoing, Timing};
use crate::target::{Capabilities, Delivered, How, Lane, LocalFuture};

/// Nobody is there but the function.
pub(super) struct Scripted<F> {
    sent: Cell<u32>,
    outcome: F,
}

impl<F: Fn(u32) -> Outcome + 'static> Scripted<F> {
    /// A session of nobody on such a lane.
    pub(super) fn session(outcome: F) -> Session {
        let lane = Box::new(Self { sent: Cell::new(0), outcome });
        let wallet = Arc::new(Wallet::new(Vec::new(), Arc::new(Vault::default())));
        Session::new(lane, wallet, SessionConfig::default())
    }
}

impl<F: Fn(u32) -> Outcome> Lane for Scripted<F> {
    fn send<'a>(&'a self, _: &'a Outgoing, _: How<'a>) -> LocalFuture<'a, Delivered> {
        let index = self.sent.replace(self.sent.get() + 1);
        let delivery = Delivery::undelivered((self.outcome)(index), Timing::default());
        Box::pin(std::future::ready(delivery.into()))
    }

    fn send_raw<'a>(&'a self, _: &'a [u8], how: How<'a>) -> LocalFuture<'a, Delivered> {
        let _ = how;
        Box::pin(std::future::pending())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn authority(&self) -> &'static str {
        "scripted.test"
    }

    fn base_path(&self) -> &'static str {
        ""
    }
}
