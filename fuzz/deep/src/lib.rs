//! A parcel station with three bugs that valid requests hardly ever reach, for measuring what guidance is worth.
//!
//! | bug | operation | what reaches it |
//! | --- | --- | --- |
//! | `parcels` | `POST /parcels` | a number of 32 bits that is compared in two halves |
//! | `labels` | `POST /labels` | one length of the text under one combination of flags |
//! | `door` | `POST /door/release` | three requests in one order, two of them with the right code |
//!
//! The values stand in no document, seed or dictionary. Everything else is sound. The bugs were fixed before anything
//! was tuned to find them, and stay as they are.

mod answer;
mod door;
mod labels;
mod parcels;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower_service::Service;

use answer::{Refusal, json};
use door::Door;
use parcels::Parcels;

/// The body of requests and answers: all of it at once.
pub type Body = Full<Bytes>;

/// The document.
pub const OPENAPI: &str = include_str!("../openapi.yaml");

/// The station, with a state of its own.
#[derive(Clone, Debug, Default)]
pub struct Station {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    parcels: Parcels,
    door: Door,
}

impl Station {
    fn answer(&self, method: &str, path: &str, body: &[u8]) -> Result<Response<Body>, Refusal> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (method, path) {
            ("POST", "/parcels") => {
                let id = state.parcels.take_in(&answer::read(body)?)?;
                Ok(json(StatusCode::CREATED, &serde_json::json!({"id": id})))
            }
            ("POST", "/labels") => Ok(json(StatusCode::OK, &labels::print(&answer::read(body)?)?)),
            ("GET", "/door") => Ok(state.door.shown()),
            ("POST", "/door/arm") => state.door.arm(answer::read(body)?),
            ("POST", "/door/seal") => state.door.seal(answer::read(body)?),
            ("POST", "/door/release") => state.door.release(),
            ("GET", path) => {
                let id = path.strip_prefix("/parcels/").and_then(|id| id.parse().ok());
                let parcel = id.and_then(|id| state.parcels.get(id));
                let parcel = parcel.ok_or(Refusal(StatusCode::NOT_FOUND, "there is no such thing"))?;
                Ok(json(StatusCode::OK, &parcel))
            }
            _ => Err(Refusal(StatusCode::NOT_FOUND, "there is no such thing")),
        }
    }
}

impl Service<Request<Body>> for Station {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (head, body) = request.into_parts();
        let body = body.into_inner().unwrap_or_default();
        let answered = self.answer(head.method.as_str(), head.uri.path(), &body);
        ready(Ok(answered.unwrap_or_else(Refusal::answer)))
    }
}
