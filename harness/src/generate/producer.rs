//! Producers: operations whose answers, or whose requests, tell how an object is named.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::draft::Draft;
use super::link::{last_segment, plain, singular};
use super::names::{asks_for, is_usual, made_elsewhere, object, ordered, parameters_below};
use crate::case::{Content, Dynamic, Role, Step, Value, escape_token};
use crate::surface::{Operation, Surface};
use crate::trace::Exchange;

/// Names of one object that are kept.
const MOST: usize = 16;
/// Names that are tried for one parameter.
const TRIED: usize = 5;
/// What the request itself said: the name of an object may be its sender's choice.
const SENT: &str = "sent:";
/// The last segment of where the answer says that the object is.
const LOCATED: &str = "header:location/last";
/// The last path parameter of the request.
const PLACED: &str = "placed";

/// An operation that tells how objects are named, for one identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Producer {
    /// The path that the objects hang below, such as `/orders`.
    pub collection: String,
    /// The request that gives a name.
    pub draft: Arc<Draft>,
    /// Where in the answer the id stands: see [`crate::case::Ref`].
    pub take: String,
    /// What else may name the object, best first: other members of the answer, or of the request.
    pub others: Vec<String>,
    /// The objects are made by it, and therefore the identity's own.
    pub makes: bool,
}

impl Producer {
    /// Learns from the answer to a request: of a collection, or of one that puts an object where nothing else makes it.
    pub fn learn(
        surface: &Surface,
        operation: &Operation,
        draft: &Arc<Draft>,
        exchange: &Exchange,
    ) -> Option<Self> {
        let makes = match operation.method.as_str() {
            "POST" => true,
            "PUT" => return Self::placed(operation, draft),
            "GET" => false,
            _ => return None,
        };
        if operation.path.ends_with('}') {
            return None;
        }
        let collection = operation.path.trim_end_matches('/').to_owned();
        if makes && let Some(elsewhere) = made_elsewhere(surface, &collection, exchange) {
            let take = LOCATED.to_owned();
            let draft = Arc::clone(draft);
            return Some(Self { collection: elsewhere, draft, take, others: Vec::new(), makes });
        }
        let asked = parameters_below(surface, &collection);
        let singular = singular(last_segment(&operation.path));
        let object = exchange.json().and_then(|json| object(json, &singular, !makes, &asked));
        let mut takes: Vec<String> = Vec::new();
        if let Some((at, members)) = object {
            takes.extend(
                ordered(members, &singular, &asked).iter().map(|key| format!("{at}/{}", escape_token(key))),
            );
        }
        if makes && let Some(headers) = exchange.headers() {
            let location = headers.text("location").is_some_and(|location| !location.is_empty());
            if exchange.status() == Some(201) && location {
                takes.push(LOCATED.to_owned());
            }
        }
        if makes && !asked.is_empty() {
            let known: BTreeSet<_> = takes.iter().map(|take| last_token(take).to_owned()).collect();
            let sent = sent(draft, &singular, &asked);
            takes.extend(
                sent.into_iter()
                    .filter(|key| !known.contains(key.as_str()))
                    .map(|key| format!("{SENT}/{key}")),
            );
        }
        takes.truncate(MOST);
        let take = (!takes.is_empty()).then(|| takes.remove(0))?;
        Some(Self { collection, draft: Arc::clone(draft), take, others: takes, makes })
    }

    /// What was put at a name of the sender's own choice.
    fn placed(operation: &Operation, draft: &Arc<Draft>) -> Option<Self> {
        let (collection, last) = operation.path.trim_end_matches('/').rsplit_once('/')?;
        let name = last.strip_prefix('{')?.strip_suffix('}')?;
        // A value that is new at each execution: what is there is what was put there.
        let chosen = draft.request().path_params.get(name)?;
        if collection.is_empty() || !is_fresh(chosen) {
            return None;
        }
        Some(Self {
            collection: collection.to_owned(),
            draft: Arc::clone(draft),
            take: PLACED.to_owned(),
            others: Vec::new(),
            makes: true,
        })
    }

    /// Whether the answer names the object, and not its maker alone.
    pub fn is_answered(&self) -> bool {
        self.take != PLACED && !self.take.starts_with(SENT)
    }

    /// What may name the object where a parameter of this name stands, the likeliest first.
    pub fn names(&self, parameter: &str, preferred: Option<&str>) -> Vec<&str> {
        let all: Vec<&str> = std::iter::once(&self.take).chain(&self.others).map(String::as_str).collect();
        let mut names: Vec<&str> = all.iter().copied().filter(|take| Some(*take) == preferred).collect();
        let asked = |take: &&&str| asks_for(parameter, last_token(take));
        let usual = |take: &&&str| is_usual(last_token(take), &singular(last_segment(&self.collection)));
        let ranked = all.iter().filter(asked).chain(all.first()).chain(all.iter().filter(usual));
        for take in ranked {
            if !names.contains(take) && names.len() < TRIED {
                names.push(take);
            }
        }
        names
    }

    /// Whether a parameter is one of those that name this object, such as `{port}` of `/hosts/{name}/{port}`.
    pub(super) fn answers(&self, parameter: &str) -> Option<&str> {
        let mut all = std::iter::once(&self.take).chain(&self.others);
        all.find(|take| plain(last_token(take)) == plain(parameter)).map(String::as_str)
    }

    /// The steps and baselines that give an id, and the reference to it; names begin with `prefix`.
    pub fn steps(&self, prefix: &str) -> (Draft, Step, Value) {
        self.steps_for(prefix, &self.take)
    }

    /// The same, with this of [`Producer::names`].
    pub fn steps_for(&self, prefix: &str, take: &str) -> (Draft, Step, Value) {
        let draft = self.draft.renamed(prefix, &self.draft.identity);
        let name = format!("{prefix}make-{}", last_segment(&self.collection));
        let step = draft.step(&name, Role::Setup, Vec::new()).retried(2);
        let reference = || Value::reference(&name, take);
        let chosen = match take.strip_prefix(SENT) {
            Some(pointer) => member_sent(&draft, pointer),
            None if take == PLACED => draft.request().path_params.0.last().map(|(_, value)| value),
            None => None,
        };
        let value = chosen.cloned().unwrap_or_else(reference);
        (draft, step, value)
    }
}

/// The members of the request that may name what it makes.
fn sent(draft: &Draft, singular: &str, asked: &BTreeSet<String>) -> Vec<String> {
    let body = draft.request().body.as_ref().map(|body| &body.content);
    let members: &[(String, Value)] = match body {
        Some(Content::Json(Value::Object(members))) => members,
        Some(Content::Form(pairs)) => &pairs.0,
        _ => return Vec::new(),
    };
    let may = |key: &str| is_usual(key, singular) || asked.iter().any(|parameter| asks_for(parameter, key));
    let scalar = |value: &Value| matches!(value, Value::Text(_) | Value::Number(_) | Value::Dynamic(_));
    members
        .iter()
        .filter(|(key, value)| scalar(value) && may(key))
        .map(|(key, _)| escape_token(key))
        .collect()
}

fn member_sent<'d>(draft: &'d Draft, pointer: &str) -> Option<&'d Value> {
    match &draft.request().body.as_ref()?.content {
        Content::Json(body) => body.pointer(pointer),
        Content::Form(pairs) => pairs.get(&crate::case::tokens(pointer)?.concat()),
        _ => None,
    }
}

fn is_fresh(value: &Value) -> bool {
    matches!(value, Value::Dynamic(leaf) if matches!(**leaf, Dynamic::Fresh(_)))
}

fn last_token(take: &str) -> &str {
    take.rsplit('/').next().unwrap_or_default()
}
