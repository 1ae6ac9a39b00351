//! Traces: what happened when a case was executed. Judges read nothing else.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;

use crate::case::{Case, Place, Role};
use crate::message::{Delivery, Headers, Incoming, Outgoing};

/// What happened.
#[derive(Debug, Default)]
pub struct Trace {
    /// Every sending of every copy of every request, in the order in which they ended.
    pub exchanges: Vec<Exchange>,
    /// What was bound for this execution: canaries and fresh values by name.
    pub bindings: BTreeMap<String, String>,
    /// Why the rest was not done, when it was not: the run was stopped, or a capability is missing.
    pub stopped: Option<String>,
}

/// One request and what became of it.
#[derive(Debug)]
pub struct Exchange {
    /// The index of the step.
    pub step: usize,
    /// Which copy, from 0.
    pub copy: u32,
    /// Which attempt, from 0.
    pub attempt: u8,
    /// What was sent.
    pub sent: Arc<Sent>,
    /// What became of it.
    pub delivery: Delivery,
    /// When it began, by the run's clock, since the case began.
    pub began: Duration,
    /// A panic of the service in this process.
    pub panic: Option<Panic>,
    json: OnceCell<Option<Arc<Json>>>,
}

/// A request as it was sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// The request.
    pub request: Outgoing,
    /// What the edits brought in, as it was before encoding, by place.
    pub payloads: Vec<(Place, Vec<u8>)>,
}

/// A panic of the service in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What it said.
    pub message: String,
    /// `file:line:column`
    pub location: Option<String>,
}

impl Exchange {
    /// One request and what became of it.
    pub fn new(
        step: usize,
        copy: u32,
        attempt: u8,
        sent: Arc<Sent>,
        delivery: Delivery,
        began: Duration,
    ) -> Self {
        Self { step, copy, attempt, sent, delivery, began, panic: None, json: OnceCell::new() }
    }

    /// The answer, when a whole one came.
    pub fn answer(&self) -> Option<&Incoming> {
        self.delivery.outcome.answer()
    }

    /// The answer's status.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    /// Whether it was answered with a success (2xx).
    pub fn is_success(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// When it ended, since the case began.
    pub fn ended(&self) -> Duration {
        self.began + self.delivery.timing.total
    }

    /// The answer's body as JSON, when it is JSON and was not cut. Parsed once.
    pub fn json(&self) -> Option<&Json> {
        let parse = || {
            let answer = self.answer()?;
            let worth_it = !answer.cut && answer.body.iter().find(|b| !b.is_ascii_whitespace()).is_some();
            worth_it.then(|| parsed(&answer.body)).flatten()
        };
        self.json.get_or_init(parse).as_deref()
    }

    /// The answer's headers.
    pub fn headers(&self) -> Option<&Headers> {
        self.answer().map(|answer| &answer.headers)
    }

    /// The answer's media type: lower case, without parameters.
    pub fn media_type(&self) -> Option<String> {
        media_type(self.headers()?)
    }

    /// Whether nobody answered for the operation: a refusal to serve now, or no answer at all.
    /// Such an exchange is evidence of nothing (429 means slow down).
    pub fn is_blocked(&self) -> bool {
        match self.status() {
            None => true,
            Some(status) => matches!(status, 429 | 502 | 503 | 504),
        }
    }
}

/// A body as JSON. Services give the same answer over and over, such as one refusal for every bad value: the last few
/// of a thread are kept, and a body that is one of them byte for byte is not parsed again.
fn parsed(body: &Bytes) -> Option<Arc<Json>> {
    /// How many, and how long each may be.
    const KEPT: usize = 8;
    const LONGEST: usize = 16 << 10;
    type Parsed = (Bytes, Arc<Json>);
    thread_local! {
        static LAST: RefCell<(usize, Vec<Parsed>)> = const { RefCell::new((0, Vec::new())) };
    }
    if body.len() > LONGEST {
        return serde_json::from_slice(body).ok().map(Arc::new);
    }
    LAST.with_borrow_mut(|(next, last)| {
        if let Some((_, json)) = last.iter().find(|(known, _)| known == body) {
            return Some(Arc::clone(json));
        }
        let json = Arc::new(serde_json::from_slice(body).ok()?);
        // A copy: what came with it is not to stay.
        let one = (Bytes::copy_from_slice(body), Arc::clone(&json));
        if last.len() < KEPT {
            last.push(one);
        } else {
            last[*next % KEPT] = one;
            *next += 1;
        }
        Some(json)
    })
}

/// The media type of an answer: lower case, without parameters.
pub fn media_type(headers: &Headers) -> Option<String> {
    let text = headers.text("content-type")?;
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

impl Trace {
    /// The last attempt of the first copy of the step of this name.
    pub fn of<'a>(&'a self, case: &Case, step: &str) -> Option<&'a Exchange> {
        self.of_index(case.step_index(step)?)
    }

    /// The last attempt of the first copy of the step at this index.
    pub fn of_index(&self, step: usize) -> Option<&Exchange> {
        self.exchanges.iter().rev().find(|exchange| exchange.step == step && exchange.copy == 0)
    }

    /// Every exchange of the step of this name.
    pub fn all<'a>(&'a self, case: &Case, step: &str) -> impl Iterator<Item = &'a Exchange> {
        let index = case.step_index(step);
        self.exchanges.iter().filter(move |exchange| Some(exchange.step) == index)
    }

    /// The last attempt of every step in this role, with its index.
    pub fn in_role<'a>(&'a self, case: &'a Case, role: Role) -> impl Iterator<Item = &'a Exchange> {
        let steps = case.steps.iter().enumerate().filter(move |(_, step)| step.role == role);
        steps.filter_map(|(index, _)| self.of_index(index))
    }
}
