//! The objects that a path names: each below the one that it was made in.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::naming::Naming;
use super::producer::Producer;
use super::world::World;
use crate::case::Value;
use crate::surface::{Location, Operation, Parameter, Template};

/// A parameter in a path.
pub(super) struct Spot<'o> {
    pub(super) parameter: &'o Parameter,
    /// The path before it.
    collection: &'o str,
    /// The path up to its end, without the names of parameters.
    pub(super) shape: String,
    /// A word stands before it, and not another parameter.
    heads: bool,
}

/// The parameters of an operation's path, in the order of the path.
pub(super) fn spots(operation: &Operation) -> Vec<Spot<'_>> {
    let placed = operation.parameters.iter().filter(|parameter| parameter.location == Location::Path);
    let mut spots: Vec<_> = placed
        .filter_map(|parameter| {
            let marker = format!("{{{}}}", parameter.name);
            let from = operation.path.find(&marker)?;
            let collection = operation.path[..from].trim_end_matches('/');
            let shape = Template::new(&operation.path[..from + marker.len()]).shape();
            Some((from, Spot { parameter, collection, shape, heads: !collection.ends_with('}') }))
        })
        .collect();
    spots.sort_by_key(|(from, _)| *from);
    spots.into_iter().map(|(_, spot)| spot).collect()
}

/// The values of the path parameters that name objects, with their steps added to the draft. What is made below
/// something is asked for below that very thing.
pub(super) fn placed(
    world: &World,
    operation: &Operation,
    identity: &str,
    naming: &Naming,
    draft: &mut Draft,
) -> BTreeMap<String, Value> {
    let spots = spots(operation);
    let mut values: BTreeMap<usize, Value> = BTreeMap::new();
    for at in (0..spots.len()).rev() {
        if values.contains_key(&at) {
            continue;
        }
        let Some((head, producer)) = world.producer_at(operation, &spots, at, identity) else { continue };
        let prefix = format!("{}-", spots[head].parameter.name);
        for (part, spot) in spots.iter().enumerate().take(at + 1).skip(head) {
            let own = producer.answers(&spot.parameter.name).filter(|_| head != at);
            let take = own.unwrap_or_else(|| world.name_at(producer, spot, naming));
            let (made, step, value) = producer.steps_for(&prefix, take);
            values.insert(part, value);
            if part == head {
                adopt(&spots, &made, world, &mut values);
                draft.prepare(made, step);
            }
        }
    }
    values.into_iter().map(|(at, value)| (spots[at].parameter.name.clone(), value)).collect()
}

/// The parents of an object are those that it was made below.
fn adopt(spots: &[Spot<'_>], made: &Draft, world: &World, values: &mut BTreeMap<usize, Value>) {
    let maker = self::spots(world.operation(made.operation));
    let same = spots.iter().zip(&maker).take_while(|(spot, parent)| spot.shape == parent.shape);
    for (at, (_, parent)) in same.enumerate() {
        if let Some(value) = made.request().path_params.get(&parent.parameter.name) {
            values.entry(at).or_insert_with(|| value.clone());
        }
    }
}

impl World {
    /// What gives the object at a spot: a producer of its own, or the one of the spots before it where several
    /// parameters name one object together. With the first spot that it is for.
    fn producer_at(
        &self,
        operation: &Operation,
        spots: &[Spot<'_>],
        at: usize,
        identity: &str,
    ) -> Option<(usize, &Producer)> {
        if let Some(producer) = self.path_producer(operation, spots, at, identity) {
            return Some((at, producer));
        }
        let head = (0..at).rev().find(|head| spots[*head].heads)?;
        if spots[head + 1..=at].iter().any(|spot| spot.heads) {
            return None;
        }
        let producer = self.path_producer(operation, spots, head, identity)?;
        let together = spots[head..=at].iter().all(|spot| producer.answers(&spot.parameter.name).is_some());
        together.then_some((head, producer))
    }

    /// The producer of the object at one spot of a path, if it may be used there.
    pub(super) fn path_producer(
        &self,
        operation: &Operation,
        spots: &[Spot<'_>],
        at: usize,
        identity: &str,
    ) -> Option<&Producer> {
        let changes = !operation.is_safe();
        let spot = &spots[at];
        self.producer(spot.collection, identity)
            .or_else(|| self.producer_named(&spot.parameter.name, identity, changes))
            .filter(|producer| !changes || self.may_use(producer, operation, at + 1 == spots.len()))
    }

    /// What was there before is not changed, unless all of it may be lost; something new may be put into it where
    /// nobody can make such a thing, such as a server that has zones.
    fn may_use(&self, producer: &Producer, operation: &Operation, is_last: bool) -> bool {
        let inside = || !is_last || (operation.method == "POST" && self.has_objects(&operation.path));
        self.settings.disposable_data
            || producer.makes
            || producer.draft.makes_what_it_acts_on()
            || (inside() && !self.is_makeable(&producer.collection))
    }

    /// Whether single objects hang below a path.
    fn has_objects(&self, path: &str) -> bool {
        let item = format!("{}/{{}}", Template::new(path).shape());
        self.surface
            .operations
            .iter()
            .any(|operation| Template::new(&operation.path).shape().starts_with(&item))
    }

    /// Whether an operation makes objects of a collection.
    fn is_makeable(&self, collection: &str) -> bool {
        let shape = Template::new(collection).shape();
        let item = format!("{shape}/{{}}");
        self.surface.operations.iter().any(|operation| match operation.method.as_str() {
            "POST" => Template::new(&operation.path).shape() == shape,
            "PUT" => Template::new(&operation.path).shape() == item,
            _ => false,
        })
    }
}
