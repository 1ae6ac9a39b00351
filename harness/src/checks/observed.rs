//! A trace as people who write invariants want to read it: who asked what, and what came.

use std::ops::Deref;

use serde_json::Value as Json;

use crate::case::{Act, Case, Step};
use crate::trace::{Exchange, Trace};

/// A trace, or its beginning, beside the case that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    case: &'a Case,
    exchanges: &'a [Exchange],
}

/// One request with its answer. It derefs to the [`Exchange`].
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The step that sent it.
    pub step: &'a Step,
    /// The operation, `METHOD /template`; empty for raw bytes.
    pub operation: &'a str,
    exchange: &'a Exchange,
}

impl<'a> Observed<'a> {
    /// A trace beside its case.
    pub fn new(case: &'a Case, trace: &'a Trace) -> Self {
        Self { case, exchanges: &trace.exchanges }
    }

    /// The first so many exchanges of it.
    pub(super) fn up_to(self, exchanges: usize) -> Self {
        Self { exchanges: &self.exchanges[..exchanges.min(self.exchanges.len())], ..self }
    }

    /// What was done.
    pub fn case(self) -> &'a Case {
        self.case
    }

    /// What happened, in the order in which it ended.
    pub fn exchanges(self) -> &'a [Exchange] {
        self.exchanges
    }

    /// Every request with its answer, in the order in which they ended.
    pub fn all(self) -> impl Iterator<Item = Observation<'a>> {
        self.exchanges.iter().filter_map(move |exchange| {
            let step = self.case.steps.get(exchange.step)?;
            let operation = self.case.operation_of(step).unwrap_or_default();
            Some(Observation { step, operation, exchange })
        })
    }

    /// Those of one operation, `METHOD /template` as the document has it.
    pub fn of_operation(self, operation: &'a str) -> impl Iterator<Item = Observation<'a>> {
        self.all().filter(move |one| one.operation == operation)
    }
}

impl<'a> Observation<'a> {
    /// Who sent it: an identity's name, or `anonymous`.
    pub fn identity(self) -> &'a str {
        &self.step.identity
    }

    /// Whether it was sent as the document has it, with nothing changed.
    pub fn is_valid(self) -> bool {
        matches!(&self.step.act, Act::Request(send) if send.edits.is_empty())
    }

    /// Whether it was answered with a success (2xx).
    pub fn is_success(self) -> bool {
        self.exchange.is_success()
    }

    /// The request's path and query as they were sent.
    pub fn target(self) -> String {
        String::from_utf8_lossy(&self.exchange.sent.request.target).into_owned()
    }

    /// The method as it was sent.
    pub fn method(self) -> String {
        String::from_utf8_lossy(&self.exchange.sent.request.method).into_owned()
    }

    /// The request's body as JSON, where it is JSON.
    pub fn sent_json(self) -> Option<Json> {
        serde_json::from_slice(&self.exchange.sent.request.body).ok()
    }

    /// The answer's body as JSON, where it is JSON and was not cut.
    pub fn answer_json(self) -> Option<&'a Json> {
        self.exchange.json()
    }

    /// A header field of the answer.
    pub fn header(self, name: &str) -> Option<&'a str> {
        self.exchange.headers()?.text(name)
    }

    /// The exchange itself.
    pub fn exchange(self) -> &'a Exchange {
        self.exchange
    }
}

impl Deref for Observation<'_> {
    type Target = Exchange;

    fn deref(&self) -> &Exchange {
        self.exchange
    }
}
