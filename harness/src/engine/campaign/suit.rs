//! What suits an operation that somebody gets into: a value for every optional input, and a full body.

use std::sync::Arc;

use serde_json::Value as Json;

use super::preflight::{Reach, repeats, try_draft};
use super::venture::harmed;
use super::watch::Post;
use super::worker::{Done, Worker};
use crate::case::{Place, Value};
use crate::controls::is_granted;
use crate::generate::{Access, Draft, Manner, Seeded, Source, request};
use crate::surface::{Location, Parameter};
use crate::trace::Exchange;

/// Values that are tried for one optional input.
const VALUES: usize = 4;

/// Finds, for the first identity that gets in, a valid value for every optional input, and a full body.
pub(super) async fn suit(worker: &Worker<'_>, operation: usize, posts: &[Post], done: &mut Done) {
    suit_all(worker, operation, done).await;
    if !posts.is_empty() {
        let reach = done.reach.first();
        let draft = reach.and_then(|reach| reach.access.full.clone().or_else(|| reach.access.draft.clone()));
        done.harmed = harmed(worker, posts, draft.as_deref(), done).await.map(Box::new);
    }
}

async fn suit_all(worker: &Worker<'_>, operation: usize, done: &mut Done) {
    let world = &worker.epoch.world;
    let Some(identity) = world.entitled(operation).map(str::to_owned) else { return };
    let Some(old) = world.access(operation, &identity) else { return };
    let Some(base) = old.draft.clone() else { return };
    let mut access = old.clone();
    let op = world.operation(operation);
    let sample = if op.is_safe() { try_draft(worker, &base, done).await } else { None };
    for parameter in &op.parameters {
        let Some(place) = place_of(parameter) else { continue };
        let has = base.inputs().contains(&place);
        let mut best: Option<(usize, Arc<Draft>)> = None;
        for value in candidates(worker, parameter, has, sample.as_ref()) {
            let draft = Arc::new(with_input(&base, &place, value));
            let Some(exchange) = try_draft(worker, &draft, done).await else { continue };
            if !is_granted(&exchange) {
                continue;
            }
            // An answer that holds something tells more than an empty one, and a narrow one more than all.
            let worth = crate::controls::Template::of(&exchange).map_or(0, |template| template.leaf_count());
            let all = sample
                .as_ref()
                .and_then(crate::controls::Template::of)
                .map_or(usize::MAX, |t| t.leaf_count());
            let worth = if worth >= all { 1 } else { worth.saturating_add(1) };
            if best.as_ref().is_none_or(|(old, _)| worth > *old) {
                best = Some((worth, draft));
            }
        }
        if let Some((_, draft)) = best {
            access.variants.insert(place, draft);
        }
    }
    if let Some(full) = full(worker, operation, &base, done).await {
        for place in full.inputs().into_iter().filter(|place| !base.inputs().contains(place)) {
            access.variants.entry(place).or_insert_with(|| Arc::clone(&full));
        }
        access.full = Some(full);
    }
    if world.operation(operation).method == "PATCH" {
        members_alone(worker, &base, &mut access, done).await;
    }
    done.reach.push(Reach { operation, identity: identity.clone(), access, producer: None });
    // Everybody who makes objects makes them in full, too.
    for profile in world.profiles.iter().filter(|profile| profile.name != identity) {
        let Some(old) = world.access(operation, &profile.name).filter(|access| access.granted) else {
            continue;
        };
        let Some(base) = old.draft.clone() else { continue };
        if let Some(full) = full(worker, operation, &base, done).await {
            let access = Access { full: Some(full), ..old.clone() };
            done.reach.push(Reach { operation, identity: profile.name.clone(), access, producer: None });
        }
    }
}

/// A change of each member by itself, where no granted body holds it: beside others it may be refused.
async fn members_alone(worker: &Worker<'_>, base: &Draft, access: &mut Access, done: &mut Done) {
    let world = &worker.epoch.world;
    let name = world.operation(base.operation).name();
    let mut src = Seeded::derive(worker.shared.seed, &["full", &name, "0"]);
    let whole = request(world, base.operation, &base.identity, Manner::Full, &mut src);
    for (member, _) in whole.iter().flat_map(Draft::members) {
        let Some(alone) = whole.as_ref().and_then(|whole| whole.with_member_alone(member)) else { continue };
        let known = base.inputs();
        let new: Vec<_> = alone.inputs().into_iter().filter(|place| !known.contains(place)).collect();
        if new.iter().all(|place| access.variants.contains_key(place)) {
            continue;
        }
        let alone = Arc::new(alone);
        let answer = try_draft(worker, &alone, done).await;
        if answer.is_some_and(|answer| is_granted(&answer)) && repeats(worker, &alone, done).await {
            for place in new {
                access.variants.entry(place).or_insert_with(|| Arc::clone(&alone));
            }
        }
    }
}

/// A valid body with everything that is optional, when there is more than in the plain one and it is granted.
/// How much a request says: flags count, which are no inputs that anything is put into.
fn extent(draft: &Draft) -> usize {
    fn leaves(value: &Value) -> usize {
        match value {
            Value::List(items) => items.iter().map(leaves).sum(),
            Value::Object(members) => members.iter().map(|(_, value)| leaves(value)).sum(),
            _ => 1,
        }
    }
    let mut all = 0;
    draft.request().each_value(&mut |value| all += leaves(value));
    all
}

async fn full(
    worker: &Worker<'_>,
    operation: usize,
    base: &Arc<Draft>,
    done: &mut Done,
) -> Option<Arc<Draft>> {
    let world = &worker.epoch.world;
    let op = world.operation(operation);
    if op.bodies.is_empty() || op.method == "DELETE" {
        return None;
    }
    let changes = matches!(op.method.as_str(), "PUT" | "PATCH");
    let mut learned = world.learned.get(&operation).map(|learned| (**learned).clone()).unwrap_or_default();
    let mut best: Option<Arc<Draft>> = None;
    for (attempt, manner) in [Manner::Full, Manner::Random, Manner::Random, Manner::Random].iter().enumerate()
    {
        let mut src = Seeded::derive(worker.shared.seed, &["full", &op.name(), &attempt.to_string()]);
        let Some(full) = learned.request(world, operation, &base.identity, *manner, &mut src) else {
            continue;
        };
        let full = Arc::new(full);
        if extent(&full) <= extent(best.as_ref().unwrap_or(base)) {
            continue;
        }
        let Some(answer) = try_draft(worker, &full, done).await else { break };
        if !is_granted(&answer) {
            // A refusal that says something new is worth another try.
            if learned.learn(crate::learn::lessons_of(&answer)) {
                continue;
            }
            break;
        }
        if !changes {
            return Some(full);
        }
        if repeats(worker, &full, done).await {
            best = Some(full);
        }
    }
    best
}

fn place_of(parameter: &Parameter) -> Option<Place> {
    match parameter.location {
        Location::Query => Some(Place::Query(parameter.name.clone())),
        Location::Header => Some(Place::Header(parameter.name.clone())),
        Location::Cookie => Some(Place::Cookie(parameter.name.clone())),
        Location::Path => None,
    }
}

/// Values for one input: the document's example, one drawn, and texts that the plain answer holds.
fn candidates(
    worker: &Worker<'_>,
    parameter: &Parameter,
    has: bool,
    sample: Option<&Exchange>,
) -> Vec<Value> {
    use crate::generate::schema::{Want, draw};
    let mut values: Vec<Value> = Vec::new();
    let mut add = |value: Value| {
        let scalar = !matches!(value, Value::List(_) | Value::Object(_) | Value::Null);
        if scalar && !values.contains(&value) && values.len() < VALUES {
            values.push(value);
        }
    };
    if let Some(example) = parameter.schema.examples.iter().find(|example| parameter.schema.accepts(example))
    {
        add(crate::generate::schema::harmless(Value::from(example.clone())));
    }
    for text in sample.and_then(Exchange::json).map(|json| harvest(json, &parameter.name)).unwrap_or_default()
    {
        if parameter.schema.accepts(&text) {
            add(Value::from(text));
        }
    }
    let mut src = Seeded::derive(worker.shared.seed, &["candidate", &parameter.pointer, &parameter.name]);
    let want = Want::parameter(parameter.location, parameter.style).without_examples();
    for _ in 0..if has { 1 } else { 2 } {
        if let Some(value) = draw(&parameter.schema, want, &mut src as &mut dyn Source) {
            add(value);
        }
    }
    values
}

/// Texts of an answer that could be what a parameter of this name asks for: members of its name first, then
/// words of any text.
fn harvest(json: &Json, name: &str) -> Vec<Json> {
    fn walk(json: &Json, key: &str, name: &str, named: &mut Vec<Json>, words: &mut Vec<Json>) {
        match json {
            Json::Object(members) => {
                members.iter().for_each(|(key, value)| walk(value, key, name, named, words));
            }
            Json::Array(items) => items.iter().take(5).for_each(|item| walk(item, key, name, named, words)),
            Json::String(text) if key.eq_ignore_ascii_case(name) && text.len() < 64 => {
                named.push(json.clone());
            }
            Json::Number(_) if key.eq_ignore_ascii_case(name) => named.push(json.clone()),
            Json::String(text) if text.len() < 200 && words.len() < 8 => {
                let word = text.split_whitespace().find(|word| {
                    (3..=20).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphabetic())
                });
                words.extend(word.map(Json::from));
            }
            _ => {}
        }
    }
    let (mut named, mut words) = (Vec::new(), Vec::new());
    walk(json, "", name, &mut named, &mut words);
    named.truncate(1);
    words.truncate(2);
    named.extend(words);
    named
}

fn with_input(base: &Draft, place: &Place, value: Value) -> Draft {
    let mut draft = base.clone();
    let target = draft.target.clone();
    if let Some(base) = draft.bases.iter_mut().find(|base| base.name == target) {
        match place {
            Place::Query(name) => base.request.query.set(name, value),
            Place::Header(name) => base.request.headers.set(name, value),
            Place::Cookie(name) => base.request.cookies.set(name, value),
            _ => {}
        }
    }
    draft
}
