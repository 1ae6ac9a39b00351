//! Definitions that contain themselves for the same value, which no validator can decide.
//!
//! `Pet = oneOf [Cat, …]` with `Cat = allOf [Pet, …]` is common in generated documents: `Cat` means the
//! properties of `Pet`, so that is what it gets.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::keywords::{self, Kind};
use super::schema::{Schemas, definition_name};

impl Schemas<'_> {
    /// Breaks every cycle of references for the same value among these new definitions.
    pub(super) fn break_cycles(&mut self, fresh: &[usize]) {
        // Each round takes at least one reference away.
        for _ in 0..=fresh.len() * 8 {
            let Some(cycle) = self.cycle(fresh) else { return };
            self.cut(&cycle);
        }
        if self.cycle(fresh).is_some() {
            let problem = Self::too_deep();
            for &index in fresh {
                self.definitions[index].json = Err(problem.clone());
            }
        }
    }

    /// A cycle, each definition using the next and the last one the first.
    fn cycle(&self, fresh: &[usize]) -> Option<Vec<usize>> {
        let mut done = HashSet::new();
        for &start in fresh {
            let mut path: Vec<usize> = Vec::new();
            let mut at = HashMap::new();
            // Leaving is a step of its own, so that the path is always that of the walk.
            let mut todo = vec![(start, true)];
            while let Some((index, enter)) = todo.pop() {
                if !enter {
                    path.pop();
                    at.remove(&index);
                    done.insert(index);
                    continue;
                }
                if let Some(&from) = at.get(&index) {
                    return Some(path[from..].to_vec());
                }
                if done.contains(&index) {
                    continue;
                }
                at.insert(index, path.len());
                path.push(index);
                todo.push((index, false));
                let same = self.definitions[index].uses.iter().filter(|(_, same)| *same);
                todo.extend(same.map(|(used, _)| (*used, true)));
            }
        }
        None
    }

    fn cut(&mut self, cycle: &[usize]) {
        let count = cycle.len();
        let choosing = |index: usize| {
            let Ok(Json::Object(members)) = self.definitions[index].json.as_deref() else { return false };
            members.contains_key("oneOf") || members.contains_key("anyOf")
        };
        // Best into a definition that chooses among others: its parts without the choice remain.
        let base = (0..count).find(|&at| count > 1 && choosing(cycle[at]));
        let target = cycle[base.unwrap_or(0)];
        let user = cycle[(base.unwrap_or(0) + count - 1) % count];
        let name = self.definitions[target].name.clone();
        let instead = base.map(|_| {
            let mut json = self.definitions[target].json.clone();
            if let Ok(json) = &mut json
                && let Json::Object(members) = Arc::make_mut(json)
            {
                members.remove("oneOf");
                members.remove("anyOf");
                members.remove("discriminator");
            }
            let index = self.add(&format!("{name}.base"), json);
            self.measure(index);
            self.definitions[index].name.clone()
        });
        if let Ok(json) = &mut self.definitions[user].json {
            replace(Arc::make_mut(json), &name, instead.as_deref());
        }
        self.measure(user);
    }
}

/// Replaces references for the same value.
fn replace(json: &mut Json, name: &str, instead: Option<&str>) {
    let Json::Object(members) = json else { return };
    if members.get("$ref").and_then(Json::as_str).and_then(definition_name) == Some(name) {
        match instead {
            Some(other) => members.insert("$ref".to_owned(), json!(format!("#/$defs/{other}"))),
            None => members.shift_remove("$ref"),
        };
    }
    each_same(members, &mut |inner| replace(inner, name, instead));
}

fn each_same(members: &mut Map<String, Json>, visit: &mut dyn FnMut(&mut Json)) {
    for (keyword, value) in members.iter_mut() {
        match (keywords::kind(keyword), value) {
            (Kind::Same, value) => visit(value),
            (Kind::SameList, Json::Array(items)) => items.iter_mut().for_each(&mut *visit),
            (Kind::SameMap, Json::Object(inner)) => inner.values_mut().for_each(&mut *visit),
            _ => {}
        }
    }
}
