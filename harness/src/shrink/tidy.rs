//! Tidying: what nothing uses any more goes along with what used it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::case::{Case, Dynamic};

/// Drops the baselines, excerpts and identities that `before` used and the case does not.
pub(super) fn tidy(case: &mut Case, before: &Case) {
    let used = Used::of(before);
    prune(case, |now, kind, name| now.has(kind, name) || !used.has(kind, name));
}

/// Drops every baseline, excerpt and identity that the case does not use.
pub(crate) fn tidy_all(case: &mut Case) {
    prune(case, Used::has);
}

fn prune(case: &mut Case, keep: impl Fn(&Used, What, &str) -> bool) {
    // Baselines first: they are what uses excerpts.
    let now = Used::of(case);
    case.bases.retain(|base| keep(&now, What::Base, &base.name));
    let now = Used::of(case);
    case.operations.retain(|excerpt| keep(&now, What::Excerpt, &excerpt.name));
    case.identities.retain(|need| keep(&now, What::Identity, &need.name));
}

#[derive(Clone, Copy)]
enum What {
    Base,
    Excerpt,
    Identity,
}

/// The names that a case uses.
struct Used {
    bases: BTreeSet<String>,
    excerpts: BTreeSet<String>,
    identities: BTreeSet<String>,
}

impl Used {
    fn of(case: &Case) -> Self {
        let mut facts = BTreeSet::new();
        case.facts.values().for_each(|fact| texts(fact, &mut facts));
        let mut identities = facts.clone();
        identities.extend(case.steps.iter().map(|step| step.identity.clone()));
        case.each_value(&mut |value| {
            value.each_dynamic(&mut |leaf| {
                if let Dynamic::Credential(part) = leaf {
                    identities.insert(part.identity.clone());
                }
            });
        });
        let mut excerpts = facts;
        excerpts.insert(case.operation.clone());
        excerpts.extend(case.bases.iter().map(|base| base.operation.clone()));
        let sends = case.steps.iter().filter_map(|step| step.request());
        Self { bases: sends.map(|send| send.base.clone()).collect(), excerpts, identities }
    }

    fn has(&self, what: What, name: &str) -> bool {
        match what {
            What::Base => self.bases.contains(name),
            What::Excerpt => self.excerpts.contains(name),
            What::Identity => self.identities.contains(name),
        }
    }
}

/// A judge may look up what a fact names.
fn texts(json: &Json, into: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => {
            into.insert(text.clone());
        }
        Json::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Json::Object(members) => {
            into.extend(members.keys().cloned());
            members.values().for_each(|value| texts(value, into));
        }
        _ => {}
    }
}
