//! Looking: every exchange goes past all passive checks, behind one shared search for their needles.

use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use serde_json::Value as Json;

use crate::case::{Case, declared_for};
use crate::checks::{CHECKS, Kind, Passive, Seen, Sighting, look};
use crate::controls::media_family;
use crate::identity::Wallet;
use crate::surface::{Operation, Surface};
use crate::trace::{Exchange, Trace};

/// The passive checks of a run.
pub(super) struct Lookout {
    checks: Vec<&'static dyn Passive>,
    needles: AhoCorasick,
    /// Which check each needle belongs to.
    owners: Vec<usize>,
    /// Checks that look at every answer.
    always: u64,
    /// Documented schemas of JSON answers, by operation and documented status.
    schemas: HashMap<String, BTreeMap<String, Arc<Json>>>,
}

/// What a passive check saw of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    /// Answers that would have shown the weakness.
    pub(super) telling: u64,
    /// Answers that seemed to show it.
    pub(super) sighted: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.telling += other.telling;
        self.sighted += other.sighted;
    }
}

/// What passive checks saw, by operation and check.
pub(super) type Looked = BTreeMap<String, BTreeMap<&'static str, Count>>;

impl Lookout {
    pub(super) fn new(surface: &Surface, selected: impl Fn(&str) -> bool) -> Self {
        let mut lookout = Self {
            checks: Vec::new(),
            needles: AhoCorasick::new::<_, &str>([]).expect("an empty set"),
            owners: Vec::new(),
            always: 0,
            schemas: surface.operations.iter().map(|op| (op.name(), schemas(op))).collect(),
        };
        let mut patterns: Vec<&str> = Vec::new();
        for kind in CHECKS {
            let Kind::Passive(check) = kind else { continue };
            if !selected(check.about().id) {
                continue;
            }
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
        if let Ok(needles) = AhoCorasick::new(&patterns) {
            lookout.needles = needles;
        }
        lookout
    }

    /// What the checks see in a trace: the exchange and the sighting.
    pub(super) fn sightings<'t>(
        &self,
        case: &Case,
        trace: &'t Trace,
        wallet: &Wallet,
        looked: &mut Looked,
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
            for (index, check) in self.checks.iter().enumerate() {
                let about = check.about();
                if !check.interest().covers(exchange) || step.mute.iter().any(|id| id == about.id) {
                    continue;
                }
                let sighting = if wanted & (1 << index) == 0 { None } else { look(*check, &seen) };
                let sighted = u64::from(sighting.is_some());
                let telling = u64::from(check.is_telling(&seen));
                if let Some(operation) = operation.filter(|_| sighted + telling > 0) {
                    if !looked.contains_key(operation) {
                        looked.insert(operation.to_owned(), BTreeMap::new());
                    }
                    if let Some(counts) = looked.get_mut(operation) {
                        *counts.entry(about.id).or_default() += Count { telling, sighted };
                    }
                }
                found.extend(sighting.map(|sighting| (*check, exchange, sighting)));
            }
        }
        found
    }

    /// The documented schema of a JSON answer with this status.
    fn schema(&self, operation: &str, status: u16) -> Option<&Json> {
        declared_for(self.schemas.get(operation)?, status).map(|schema| &**schema)
    }
}

fn schemas(operation: &Operation) -> BTreeMap<String, Arc<Json>> {
    let of = |response: &crate::surface::Response| {
        let mut json = response.content.iter().filter(|(media_type, _)| {
            let plain = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            media_family(&plain) == "json"
        });
        let (first, more) = (json.next()?, json.next());
        // Of two, nobody says which one it is.
        if more.is_some() { None } else { first.1.as_ref().map(|schema| Arc::clone(&schema.json)) }
    };
    let responses = operation.responses.iter();
    responses.filter_map(|(status, response)| Some((status.clone(), of(response)?))).collect()
}
