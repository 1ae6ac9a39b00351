//! Looking: every exchange goes past all passive checks, behind one shared search for their needles.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;

use crate::case::Case;
use crate::checks::{CHECKS, Kind, Passive, Sighting, look};
use crate::trace::{Exchange, Trace};

/// The passive checks of a run.
pub(super) struct Lookout {
    checks: Vec<&'static dyn Passive>,
    needles: AhoCorasick,
    /// Which check each needle belongs to.
    owners: Vec<usize>,
    /// Checks that look at every body.
    always: Vec<usize>,
}

/// How many answers a passive check looked at, by check and operation.
pub(super) type Looked = BTreeMap<(&'static str, String), u64>;

impl Lookout {
    pub(super) fn new(selected: impl Fn(&str) -> bool) -> Self {
        let mut lookout = Self {
            checks: Vec::new(),
            needles: AhoCorasick::new::<_, &str>([]).expect("an empty set"),
            owners: Vec::new(),
            always: Vec::new(),
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
                lookout.always.push(index);
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
        looked: &mut Looked,
    ) -> Vec<(&'static dyn Passive, &'t Exchange, Sighting)> {
        let mut found = Vec::new();
        for exchange in &trace.exchanges {
            let Some(answer) = exchange.answer() else { continue };
            let Some(step) = case.steps.get(exchange.step) else { continue };
            let mut wanted = 0_u64;
            for index in &self.always {
                wanted |= 1 << index;
            }
            for hit in self.needles.find_overlapping_iter(&answer.body) {
                wanted |= 1 << self.owners[hit.pattern().as_usize()];
            }
            for (index, check) in self.checks.iter().enumerate() {
                let about = check.about();
                let interest = check.interest();
                if answer.status < interest.from
                    || answer.status > interest.to
                    || step.mute.iter().any(|id| id == about.id)
                {
                    continue;
                }
                // What was answered in error is what shows whether errors tell too much.
                if answer.status >= 400
                    && let Some(operation) = case.operation_of(step)
                {
                    match looked.get_mut(&(about.id, operation.to_owned())) {
                        Some(count) => *count += 1,
                        None => {
                            looked.insert((about.id, operation.to_owned()), 1);
                        }
                    }
                }
                if wanted & (1 << index) != 0
                    && let Some(sighting) = look(*check, exchange)
                {
                    found.push((*check, exchange, sighting));
                }
            }
        }
        found
    }
}
