//! What becomes of requests to a target that dies and comes back.

use std::cell::Cell;
use std::sync::Arc;

use super::{Session, SessionConfig, execute};
use crate::case::{ANONYMOUS, Base, Case, Request, Role, Step};
use crate::controls::tests_support::answer;
use crate::identity::{Vault, Wallet};
use crate::message::{Delivery, Outcome, Outgoing, Stage, Timing};
use crate::target::{Capabilities, Delivered, How, Lane, LocalFuture};

/// Answers but for some of the requests, to which nobody is there.
struct Dying {
    sent: Cell<u32>,
    gone: std::ops::Range<u32>,
}

impl Lane for Dying {
    fn send<'a>(&'a self, _: &'a Outgoing, _: How<'a>) -> LocalFuture<'a, Delivered> {
        let index = self.sent.replace(self.sent.get() + 1);
        let delivery = if self.gone.contains(&index) {
            Delivery::undelivered(
                Outcome::Refused { at: Stage::Connect, reason: "refused".into() },
                Timing::default(),
            )
        } else {
            answer(200, "{}").delivery
        };
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
        "dying.test"
    }

    fn base_path(&self) -> &'static str {
        ""
    }
}

/// The statuses of so many requests, and how many in a row found nobody.
async fn statuses(gone: std::ops::Range<u32>, requests: u32) -> (Vec<Option<u16>>, u64) {
    let mut case = Case::new("returning", "GET /");
    let request = Request { method: "GET".into(), path: "/".into(), ..Request::default() };
    case.bases.push(Base { name: "read".into(), operation: "GET /".into(), request });
    for index in 0..requests {
        case.steps.push(Step::send(format!("read-{index}"), Role::Control, ANONYMOUS, "read", vec![]));
    }
    let lane = Box::new(Dying { sent: Cell::new(0), gone });
    let wallet = Arc::new(Wallet::new(Vec::new(), Arc::new(Vault::default())));
    let session = Session::new(lane, wallet, SessionConfig::default());
    let trace = execute(&case, &session).await;
    let statuses = trace.exchanges.iter().map(crate::trace::Exchange::status).collect();
    (statuses, session.governor().unreachable())
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_back_is_waited_for() {
    // Eight looks are two seconds.
    assert_eq!(statuses(1..9, 3).await, (vec![Some(200); 3], 0));
}

#[tokio::test(start_paused = true)]
async fn one_that_stays_away_is_given_up() {
    let (statuses, unreachable) = statuses(1..1_000, 4).await;
    assert_eq!(statuses, [Some(200), None, None, None]);
    assert!(unreachable >= 2, "{unreachable}");
}

#[tokio::test(start_paused = true)]
async fn one_that_never_was_there_is_not_waited_for() {
    assert_eq!(statuses(0..1_000, 3).await, (vec![None; 3], 3));
}
