//! Panics that take something with them that others need.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::time::Instant;

use super::{Defect, Part};
use crate::error::Problem;

const FIRES: &[&str] = &["error-panic-spreads"];
const FAILS: (&str, &str) = ("input-server-error", "the request that panics is answered with 500");

pub(super) const DISH_NUMBER: Defect = Defect {
    id: "error-panic-spreads-from-dish-number",
    title: "a dish number beyond 32 bits panics with the one connection of the menu in hand, which is reopened later",
    operations: &["GET /menu", "GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[FAILS],
    build: |plan| {
        let seat = Arc::new(Seat::default());
        plan.wrap(move |handler| handler.route_layer(from_fn_with_state(Arc::clone(&seat), dish_number)));
    },
};

pub(super) const ORDER_NOTE: Defect = Defect {
    id: "error-panic-spreads-from-order-note",
    title: "a note that is cut within a character panics with the one connection of the orders in hand, which is reopened later",
    operations: &["GET /orders", "POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[FAILS],
    build: |plan| {
        let seat = Arc::new(Seat::default());
        plan.wrap(move |handler| handler.route_layer(from_fn_with_state(Arc::clone(&seat), order_note)));
    },
};

/// A connection that whoever panics leaves unusable, until it is reopened: after a while, or after so many were refused.
#[derive(Default)]
struct Seat {
    connection: Mutex<()>,
    lost: Mutex<Option<(Instant, u32)>>,
}

const REOPENED: Duration = Duration::from_millis(500);
const REFUSED: u32 = 12;

impl Seat {
    /// Does something with the connection; `None` when it is lost.
    fn with<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if self.connection.is_poisoned() {
            let (since, refused) = lost.get_or_insert((Instant::now(), 0));
            if *refused < REFUSED && since.elapsed() < REOPENED {
                *refused += 1;
                return None;
            }
            self.connection.clear_poison();
        }
        *lost = None;
        drop(lost);
        let _connection = self.connection.lock().ok()?;
        Some(work())
    }
}

async fn dish_number(State(seat): State<Arc<Seat>>, request: Request, next: Next) -> Response {
    let number = request.uri().path().rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
    let known = seat.with(|| number.map(|number| u32::try_from(number).expect("a dish number")));
    if known.is_some() { next.run(request).await } else { Problem::internal().into_response() }
}

/// As much of a note as the log shows.
const SHOWN: usize = 20;

async fn order_note(State(seat): State<Arc<Seat>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = if parts.method == Method::POST { to_bytes(body, 1 << 16).await.ok() } else { None };
    let body = body.unwrap_or_default();
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let note = json["note"].as_str().unwrap_or_default();
    let logged = seat.with(|| if note.len() > SHOWN { note[..SHOWN].len() } else { 0 });
    let request = Request::from_parts(parts, Body::from(body));
    if logged.is_some() { next.run(request).await } else { Problem::internal().into_response() }
}
