//! Which of its names an object goes by at an operation: an id here, what it was called there.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::placed::{Spot, spots};
use super::producer::Producer;
use super::world::World;

/// Which of [`Producer::names`] an operation takes, by path parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Naming {
    takes: BTreeMap<String, String>,
    tried: BTreeSet<(String, String)>,
}

impl Naming {
    /// Nothing was found out.
    pub fn is_empty(&self) -> bool {
        self.takes.is_empty()
    }

    /// What names the object at this parameter.
    pub fn take(&self, parameter: &str) -> Option<&str> {
        self.takes.get(parameter).map(String::as_str)
    }

    /// After a refusal: the object that is acted on is asked for by a name that was not tried. Whether there is one.
    pub fn next(&mut self, world: &World, draft: &Draft) -> bool {
        let operation = world.operation(draft.operation);
        let spots = spots(operation);
        let last = (0..spots.len()).rev().find_map(|at| {
            let producer = world.path_producer(operation, &spots, at, &draft.identity)?;
            Some((&spots[at], producer))
        });
        let Some((spot, producer)) = last else { return false };
        let parameter = &spot.parameter.name;
        let now = world.name_at(producer, spot, self).to_owned();
        self.tried.insert((parameter.clone(), now));
        let names = producer.names(parameter, None);
        let untried = names.into_iter().find(|name| {
            let pair = (parameter.clone(), (*name).to_owned());
            !self.tried.contains(&pair)
        });
        if let Some(name) = untried {
            self.takes.insert(parameter.clone(), name.to_owned());
            return true;
        }
        // None of them helped: what follows goes back to the likeliest.
        self.takes.remove(parameter);
        false
    }

    /// After a success: the names that were taken stay, whatever other operations take.
    pub fn keep(&mut self, world: &World, draft: &Draft) {
        for (parameter, _, take) in world.names_of(draft, self) {
            self.takes.insert(parameter, take);
        }
    }
}

impl World {
    /// The name that an object goes by at a spot: the operation's own choice, else what was granted at such a place.
    pub(super) fn name_at<'a>(&'a self, producer: &'a Producer, spot: &Spot<'_>, naming: &Naming) -> &'a str {
        let elsewhere = self.naming.get(&spot.shape).map(String::as_str);
        let preferred = naming.take(&spot.parameter.name).or(elsewhere);
        producer.names(&spot.parameter.name, preferred).first().copied().unwrap_or(&producer.take)
    }

    /// The parameters of a draft that name objects: each with its place in paths, and what it was taken from.
    pub(crate) fn names_of(&self, draft: &Draft, naming: &Naming) -> Vec<(String, String, String)> {
        let operation = self.operation(draft.operation);
        let spots = spots(operation);
        let named = (0..spots.len()).filter_map(|at| {
            let producer = self.path_producer(operation, &spots, at, &draft.identity)?;
            let take = self.name_at(producer, &spots[at], naming).to_owned();
            Some((spots[at].parameter.name.clone(), spots[at].shape.clone(), take))
        });
        named.collect()
    }
}
