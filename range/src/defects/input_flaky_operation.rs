//! Operations that fail by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use super::plan::Plan;
use super::{Defect, Part};
use crate::error::Problem;

const FIRES: &[&str] = &["input-flaky-operation"];

pub(super) const ONE_OF_THREE: Defect = Defect {
    id: "input-flaky-operation-one-of-three",
    title: "one of the three connections that tickets are read over is broken",
    operations: &["GET /kitchen/tickets"],
    part: Part::Whole,
    fires: FIRES,
    also: &[],
    build: |plan| pool(plan, 3),
};

pub(super) const ONE_OF_FIVE: Defect = Defect {
    id: "input-flaky-operation-one-of-five",
    title: "one of the five connections that the document is read over is broken",
    operations: &["GET /openapi.json"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| pool(plan, 5),
};

/// Connections that are used in turn, the last of which is broken.
fn pool(plan: &mut Plan, connections: usize) {
    let turn = Arc::new(AtomicUsize::new(0));
    plan.wrap(move |handler| {
        let turn = Arc::clone(&turn);
        handler.route_layer(from_fn(move |request: Request, next: Next| {
            let connection = turn.fetch_add(1, Ordering::Relaxed) % connections;
            over(connection + 1 == connections, request, next)
        }))
    });
}

async fn over(broken: bool, request: Request, next: Next) -> Response {
    if broken { Problem::internal().into_response() } else { next.run(request).await }
}
