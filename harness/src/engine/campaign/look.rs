//! Looking: every exchange goes past all passive checks, behind one shared search for their needles.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde_json::Value as Json;

use crate::case::{Case, declared_for};
use crate::checks::{Checks, Invariant, Judged, Kind, Passive, Seen, Sighting, look};
use crate::controls::media_family;
use crate::identity::Wallet;
use crate::surface::{Operation, SharedJson, Surface};
use crate::trace::{Exchange, Trace};

/// The passive checks of a run.
pub(in crate::engine) struct Lookout {
    checks: Vec<&'static dyn Passive>,
    needles: AhoCorasick,
    /// Which check each needle belongs to.
    owners: Vec<usize>,
    /// Checks that look at every answer.
    always: u64,
    /// Documented schemas of JSON answers, by operation and documented status.
    schemas: HashMap<String, BTreeMap<String, SharedJson>>,
    /// What was seen so far, by operation.
    seen: HashMap<String, Marks>,
    /// Each invariant, and whether any trace held what it is about.
    invariants: Vec<(&'static Invariant, AtomicBool)>,
}

/// What was seen of one operation: a bit for each check.
#[derive(Default)]
struct Marks {
    telling: AtomicU64,
    sighted: AtomicU64,
}

/// What a passive check saw of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looked {
    /// An answer that would have shown the weakness.
    pub(super) telling: bool,
    /// An answer that seemed to show it.
    pub(super) sighted: bool,
}

impl Lookout {
    pub(in crate::engine) fn new(
        surface: &Surface,
        checks: &Checks,
        selected: impl Fn(&str) -> bool,
    ) -> Self {
        let mut lookout = Self {
            checks: Vec::new(),
            needles: AhoCorasick::new::<_, &str>([]).expect("an empty set"),
            owners: Vec::new(),
            always: 0,
            schemas: surface.operations.iter().map(|op| (op.name(), schemas(op))).collect(),
            seen: surface.operations.iter().map(|op| (op.name(), Marks::default())).collect(),
            invariants: Vec::new(),
        };
        let mut patterns: Vec<&str> = Vec::new();
        for kind in checks.iter().filter(|kind| selected(kind.about().id)) {
            let check = match kind {
                Kind::Passive(check) => check,
                Kind::Invariant(invariant) => {
                    lookout.invariants.push((invariant, AtomicBool::new(false)));
                    continue;
                }
                Kind::Active(_) => continue,
            };
            let index = lookout.checks.len();
            lookout.checks.push(*check);
            let needles = check.interest().needles;
            if needles.is_empty() {
                lookout.always |= 1 << index;
            }
            for needle in needles {
                patterns.push(needle);
                lookout.owners.push(index);
            }
        }
        // Every answer is searched, so the fastest table is built where it fits. Without any, nothing would ever be
        // seen, and all of it would be held.
        lookout.needles = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(&patterns)
            .or_else(|_| AhoCorasick::new(&patterns))
            .expect("needles are few and short");
        lookout
    }

    /// What the checks see in a trace: the exchange and the sighting.
    pub(in crate::engine) fn sightings<'t>(
        &self,
        case: &Case,
        trace: &'t Trace,
        wallet: &Wallet,
    ) -> Vec<(&'static dyn Passive, &'t Exchange, Sighting)> {
        let mut found = Vec::new();
        for exchange in &trace.exchanges {
            let Some(answer) = exchange.answer() else { continue };
            let Some(mut seen) = Seen::new(case, trace, exchange) else { continue };
            let Some(step) = seen.step() else { continue };
            let mut wanted = self.always;
            for hit in self.needles.find_overlapping_iter(&answer.body) {
                wanted |= 1 << self.owners[hit.pattern().as_usize()];
            }
            let operation = seen.operation();
            seen.wallet = Some(wallet);
            seen.schema = operation.and_then(|name| self.schema(name, answer.status));
            let marks = operation.and_then(|name| self.seen.get(name));
            for (index, check) in self.checks.iter().enumerate() {
                let about = check.about();
                if !check.interest().covers(exchange) || step.mute.iter().any(|id| id == about.id) {
                    continue;
                }
                let sighting = if wanted & (1 << index) == 0 { None } else { look(*check, &seen) };
                if let Some(marks) = marks {
                    let bit = 1 << index;
                    if sighting.is_some() {
                        marks.sighted.fetch_or(bit, Ordering::Relaxed);
                    }
                    // One such answer is enough: it is not asked again.
                    if marks.telling.load(Ordering::Relaxed) & bit == 0 && check.is_telling(&seen) {
                        marks.telling.fetch_or(bit, Ordering::Relaxed);
                    }
                }
                found.extend(sighting.map(|sighting| (*check, exchange, sighting)));
            }
        }
        found
    }

    /// The invariants that a trace breaks.
    pub(in crate::engine) fn broken(&self, case: &Case, trace: &Trace) -> Vec<&'static Invariant> {
        // A case that was not done to its end shows nothing, and one without an answer no more.
        if self.invariants.is_empty() || trace.stopped.is_some() || trace.exchanges.is_empty() {
            return Vec::new();
        }
        let mut broken = Vec::new();
        for (invariant, telling) in &self.invariants {
            let judged = invariant.look(case, trace);
            if judged != Judged::Nothing {
                telling.store(true, Ordering::Relaxed);
            }
            if matches!(judged, Judged::Broken(_)) {
                broken.push(*invariant);
            }
        }
        broken
    }

    /// The invariants, each with whether any trace held what it is about.
    pub(super) fn invariants(&self) -> impl Iterator<Item = (&'static Invariant, bool)> {
        self.invariants.iter().map(|(invariant, telling)| (*invariant, telling.load(Ordering::Relaxed)))
    }

    /// What a check saw of an operation.
    pub(super) fn looked(&self, operation: &str, check: &str) -> Looked {
        let index = self.checks.iter().position(|known| known.about().id == check);
        let (Some(index), Some(marks)) = (index, self.seen.get(operation)) else { return Looked::default() };
        let is_set = |marks: &AtomicU64| marks.load(Ordering::Relaxed) & 1 << index != 0;
        Looked { telling: is_set(&marks.telling), sighted: is_set(&marks.sighted) }
    }

    /// The documented schema of a JSON answer with this status.
    fn schema(&self, operation: &str, status: u16) -> Option<&Json> {
        declared_for(self.schemas.get(operation)?, status).map(|schema| &**schema)
    }
}

fn schemas(operation: &Operation) -> BTreeMap<String, SharedJson> {
    let of = |response: &crate::surface::Response| {
        let mut json = response.content.iter().filter(|(media_type, _)| {
            let plain = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            media_family(&plain) == "json"
        });
        let first = &json.next()?.1.as_ref()?.json;
        // Of two that differ, nobody says which one it is.
        let same = json.all(|(_, schema)| schema.as_ref().is_some_and(|schema| *schema.json == **first));
        same.then(|| first.clone())
    };
    let responses = operation.responses.iter();
    responses.filter_map(|(status, response)| Some((status.clone(), of(response)?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::schemas;
    use crate::surface::{Operation, Response, Schema};

    #[test]
    fn one_schema_under_two_json_types_is_that_schema_and_two_are_none() {
        let told = |types: &[(&str, &str)]| {
            let content = types.iter().map(|(media_type, name)| {
                ((*media_type).to_owned(), Some(Schema::new(json!({"properties": {*name: {}}}))))
            });
            let response = Response { content: content.collect(), ..Response::default() };
            let operation =
                Operation { responses: [("200".to_owned(), response)].into(), ..Operation::default() };
            schemas(&operation).remove("200").map(|schema| schema["properties"].clone())
        };
        let name = Some(json!({"name": {}}));
        assert_eq!(
            told(&[("application/json", "name"), ("application/hal+json; charset=utf-8", "name")]),
            name
        );
        assert_eq!(told(&[("application/json", "name"), ("text/html", "other")]), name);
        assert_eq!(told(&[("application/json", "name"), ("application/hal+json", "other")]), None);
        assert_eq!(told(&[("text/html", "name")]), None);
    }
}
