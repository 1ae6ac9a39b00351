//! What becomes of requests to a target that dies and comes back.

use super::execute;
use super::scripted::Scripted;
use crate::case::{ANONYMOUS, Base, Case, Request, Role, Step};
use crate::controls::tests_support::answer;
use crate::message::{Outcome, Stage};

/// The statuses of so many requests, and how many in a row found nobody.
async fn statuses(gone: std::ops::Range<u32>, requests: u32) -> (Vec<Option<u16>>, u64) {
    let mut case = Case::new("returning", "GET /");
    let request = Request { method: "GET".into(), path: "/".into(), ..Request::default() };
    case.bases.push(Base { name: "read".into(), operation: "GET /".into(), request });
    for index in 0..requests {
        case.steps.push(Step::send(format!("read-{index}"), Role::Control, ANONYMOUS, "read", vec![]));
    }
    let session = Scripted::session(move |index| {
        if gone.contains(&index) {
            Outcome::Refused { at: Stage::Connect, reason: "refused".into() }
        } else {
            answer(200, "{}").delivery.outcome
        }
    });
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
