//! A world from the document alone: what is drawn before anything was sent.

use std::sync::Arc;

use serde_json::Value as Json;

use super::baseline::{Manner, request};
use super::link::{find_id, last_segment, singular};
use super::producer::Producer;
use super::schema::{Size, Want, draw};
use super::source::Seeded;
use super::world::{Profile, World};
use crate::surface::{Operation, Surface};

impl World {
    /// What a document alone says of an API: these names are somebody's who can send, and what an operation makes has
    /// the id that its answer is documented with.
    pub fn assumed<T: Into<String>>(surface: Arc<Surface>, names: impl IntoIterator<Item = T>) -> Self {
        let profile = |name: T| Profile { name: name.into(), alive: true, ..Profile::default() };
        let profiles: Vec<_> = names.into_iter().map(profile).collect();
        let mut world = Self { surface, profiles, ..Self::default() };
        // All of it is somebody's own test: what is drawn may change what it finds.
        world.settings.disposable_data = true;
        let mut makers: Vec<usize> = (0..world.surface.operations.len())
            .filter(|index| {
                let operation = world.operation(*index);
                operation.method == "POST" && !operation.path.ends_with('}')
            })
            .collect();
        // What hangs below something else needs that first.
        makers.sort_by_key(|index| {
            (world.operation(*index).path.matches('{').count(), world.waits_for(*index))
        });
        for index in makers {
            let Some(take) = documented_id(world.operation(index)) else { continue };
            for name in world.senders() {
                let mut src = Seeded::derive(0, &["assumed", &world.operation(index).name(), &name]);
                let Some(draft) = request(&world, index, &name, Manner::Minimal, &mut src) else { continue };
                let collection = world.operation(index).path.trim_end_matches('/').to_owned();
                let take = take.clone();
                world.producers.push(Producer {
                    others: Vec::new(),
                    collection,
                    draft: Arc::new(draft),
                    take,
                    makes: true,
                });
            }
        }
        world
    }

    /// Everybody who can send; nobody in particular, where there is no one else.
    pub(crate) fn senders(&self) -> Vec<String> {
        let alive = self.profiles.iter().filter(|profile| profile.alive);
        let names: Vec<_> = alive.map(|profile| profile.name.clone()).collect();
        if names.is_empty() { vec![crate::case::ANONYMOUS.to_owned()] } else { names }
    }
}

/// Where the answer to a creation holds the id, as far as its schema says.
fn documented_id(operation: &Operation) -> Option<String> {
    let singular = singular(last_segment(&operation.path));
    let made = operation.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let schemas = made.flat_map(|(_, response)| response.content.values().flatten());
    for schema in schemas {
        let mut src = Seeded::derive(0, &["documented", &operation.name()]);
        let sample = draw(schema, Want::body().size(Size::Full), &mut src);
        let json = sample.and_then(|sample| serde_json::to_value(sample).ok());
        if let Some(take) = json.as_ref().and_then(|json: &Json| find_id(json, &singular, false)) {
            return Some(take);
        }
    }
    None
}
