//! What is asked again, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::get;

use super::scripted::Scripted;
use super::{Session, SessionConfig, execute};
use crate::case::{ANONYMOUS, Base, Case, Request, Role, Step};
use crate::identity::{Vault, Wallet};
use crate::message::{Outcome, Stage};
use crate::target::ServiceLane;

/// One request in this role that is asked again twice.
fn asking(role: Role) -> Case {
    let mut case = Case::new("patience", "GET /");
    let request = Request { method: "GET".into(), path: "/".into(), ..Request::default() };
    case.bases.push(Base { name: "read".into(), operation: "GET /".into(), request });
    case.steps.push(Step::send("ask", role, ANONYMOUS, "read", vec![]).retried(2));
    case
}

/// How often a step in this role is sent that is asked again twice, and answered with the status or with a panic.
async fn times(role: Role, status: Option<u16>) -> u32 {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let handler = move || {
        count.fetch_add(1, Ordering::Relaxed);
        let status = status.expect("a panic was asked for");
        std::future::ready(StatusCode::from_u16(status).expect("a status"))
    };
    let case = asking(role);
    let lane = Box::new(ServiceLane::<_, Body>::new(Router::new().route("/", get(handler))));
    let wallet = Arc::new(Wallet::new(Vec::new(), Arc::new(Vault::default())));
    execute(&case, &Session::new(lane, wallet, SessionConfig::default())).await;
    asked.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn what_nobody_served_is_asked_again() {
    assert_eq!(times(Role::Control, Some(503)).await, 3);
    assert_eq!(times(Role::Attack, Some(503)).await, 3);
    assert_eq!(times(Role::Control, None).await, 3, "somebody may restart what died");
}

#[tokio::test(start_paused = true)]
async fn what_was_served_or_panicked_under_attack_is_not() {
    assert_eq!(times(Role::Control, Some(500)).await, 1);
    assert_eq!(times(Role::Attack, Some(200)).await, 1);
    assert_eq!(times(Role::Attack, None).await, 1, "the panic is the answer");
}

#[tokio::test(start_paused = true)]
async fn whoever_shows_no_certificate_is_not_asked_twice() {
    let times = async |at| {
        let session = Scripted::session(move |_| Outcome::Refused { at, reason: "refused".into() });
        execute(&asking(Role::Control), &session).await.exchanges.len()
    };
    assert_eq!(times(Stage::Certificate).await, 1);
    assert_eq!(times(Stage::Handshake).await, 3, "which may pass");
}
