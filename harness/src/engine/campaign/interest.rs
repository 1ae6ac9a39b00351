//! What is interesting: cases that showed a behaviour which nothing showed before, in this run or an earlier one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::behaviour::behaviour;
use crate::case::{Case, Edit, Value};
use crate::corpora::Interesting;
use crate::report::Behaviours;
use crate::trace::Trace;

/// Behaviours of one operation; what has more tells the values apart, not the service.
const OF_ONE: u32 = 256;

/// The behaviours that were met, each with the weight of the smallest case that shows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(HashMap<u64, usize>);

/// A behaviour, and a case that shows it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) behaviour: u64,
    weight: usize,
    pub(super) case: Case,
}

impl Known {
    /// What a case showed, where that is new, or was shown by larger cases only.
    pub(super) fn shown(&self, case: Case, trace: &Trace) -> Option<Box<Shown>> {
        let attack = trace.exchanges.last().filter(|last| last.step + 1 == case.steps.len())?;
        // Who is told to come later, or not answered at all, learns nothing.
        if attack.is_blocked() || trace.stopped.is_some() {
            return None;
        }
        let behaviour = behaviour(case.operation_of(case.steps.last()?)?, attack)?;
        let weight = weight(&case);
        let is_news = self.0.get(&behaviour).is_none_or(|least| weight < *least);
        is_news.then(|| Box::new(Shown { behaviour, weight, case }))
    }
}

/// How much there is to a case.
fn weight(case: &Case) -> usize {
    let edits = case.steps.iter().filter_map(|step| step.request()).flat_map(|send| &send.edits);
    let of = |edit: &Edit| match edit.value() {
        Some(Value::Text(text)) => 16 + text.len(),
        Some(_) => 48,
        None => 16,
    };
    case.steps.len() * 64 + edits.map(of).sum::<usize>()
}

/// What the planner knows of behaviours.
#[derive(Debug, Default)]
pub(super) struct Interest {
    known: Arc<Known>,
    /// What the epoch under way added.
    fresh: HashMap<u64, usize>,
    /// How many of each operation this run met for the first time.
    new: HashMap<String, u32>,
    /// Those of earlier runs.
    earlier: HashSet<u64>,
    /// The cases, the newest last.
    pub(super) cases: Vec<Case>,
}

/// What is to be done with what was shown.
pub(super) enum Worth {
    /// Nobody saw this before.
    New,
    /// A smaller case of what is known.
    Smaller,
    Nothing,
}

impl Interest {
    pub(super) fn begin(earlier: Vec<Interesting>) -> Self {
        let known = earlier.iter().map(|one| (one.behaviour, weight(&one.case))).collect();
        Self {
            known: Arc::new(Known(known)),
            fresh: HashMap::new(),
            new: HashMap::new(),
            earlier: earlier.iter().map(|one| one.behaviour).collect(),
            cases: earlier.into_iter().map(|one| one.case).collect(),
        }
    }

    /// What is known now.
    pub(super) fn known(&mut self) -> Arc<Known> {
        if !self.fresh.is_empty() {
            let fresh = std::mem::take(&mut self.fresh);
            // A worker may not have put the last epoch away yet: then it is a copy.
            Arc::make_mut(&mut self.known).0.extend(fresh);
        }
        Arc::clone(&self.known)
    }

    /// Takes in what was shown, in the order of the work: of two in one epoch the first is new.
    pub(super) fn take(&mut self, shown: &Shown) -> Worth {
        let old = self.fresh.get(&shown.behaviour).or_else(|| self.known.0.get(&shown.behaviour)).copied();
        let worth = match old {
            Some(least) if shown.weight >= least => return Worth::Nothing,
            Some(_) => Worth::Smaller,
            None => {
                let new = self.new.entry(shown.case.operation.clone()).or_default();
                if *new >= OF_ONE {
                    return Worth::Nothing;
                }
                *new += 1;
                self.cases.push(shown.case.clone());
                Worth::New
            }
        };
        self.fresh.insert(shown.behaviour, shown.weight);
        worth
    }

    pub(super) fn summary(&self) -> Behaviours {
        Behaviours {
            new: self.new.values().map(|new| u64::from(*new)).sum(),
            known: self.earlier.len() as u64,
        }
    }
}
