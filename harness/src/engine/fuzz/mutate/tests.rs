//! Thousands of mutations of real cases: valid, deterministic, within their size.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::case::{ANONYMOUS, Act, Edit, Place, Value};
use crate::generate::{Explorer, Family, Seeded, draw_family};
use crate::surface::Surface;

/// What libFuzzer's mutator may do to a field: anything within its room.
pub(in crate::engine::fuzz) fn bytes(seed: u64) -> impl FnMut(&mut [u8], usize, usize) -> usize {
    let mut src = Seeded::new(seed);
    move |data, size, room| {
        let at = src.index(size.max(1));
        match src.int(0..=3) {
            0 => data[at] ^= 1 << src.int(0..=7),
            1 => data[at] = src.int(0..=255) as u8,
            2 if size > 1 => return size - 1,
            _ => {
                let grown = (size + src.index(40)).min(room);
                data[size.min(grown)..grown].fill(b'a' + (at % 26) as u8);
                return grown.max(1);
            }
        }
        size.clamp(1, room)
    }
}

fn world() -> World {
    let surface = Surface::from_openapi_text(proofhouse_range::openapi(), "range").expect("a document");
    World::assumed(Arc::new(surface), ["alice", "bob"])
}

/// A world to draw from and to mutate in.
pub(in crate::engine::fuzz) struct Lab {
    pub(in crate::engine::fuzz) world: World,
    words: Words,
    explorer: Explorer,
}

impl Lab {
    pub(in crate::engine::fuzz) fn new() -> Self {
        let world = world();
        Self { words: Words::of(&world.surface), explorer: Explorer::new(&world), world }
    }

    pub(in crate::engine::fuzz) fn draw(&self, seed: u64) -> Case {
        let families = [Family::Valid, Family::Any, Family::Sequence(2, 4)];
        (seed..)
            .find_map(|seed| draw_family(&self.world, families[seed as usize % 3], &mut Seeded::new(seed)))
            .expect("the range can be drawn from")
    }

    fn mutate(&self, case: &Case, room: usize, seed: u64) -> Option<(Case, Vec<u8>)> {
        let draw = |src: &mut dyn Source| {
            self.explorer.draw(&self.world, src).or_else(|| draw_family(&self.world, Family::Any, src))
        };
        let mut bytes = bytes(seed);
        let (world, words) = (&self.world, &self.words);
        let mut hints = Hints::default();
        let mut mutator = Mutator {
            world,
            words,
            hints: &mut hints,
            draw: &draw,
            bytes: &mut bytes,
            waiting_is_free: false,
        };
        mutator.mutate(case, room, &mut Seeded::new(seed))
    }
}

#[test]
fn thousands_of_mutations_stay_valid_and_read_back_as_they_were() {
    let lab = Lab::new();
    let mut made = 0;
    for start in 0..60 {
        let mut case = lab.draw(start);
        for step in 0..100 {
            let Some((new, json)) = lab.mutate(&case, 16_384, start * 1_000 + step) else { continue };
            assert!(json.len() <= 16_384);
            let read = Case::from_json(&json).unwrap_or_else(|error| panic!("{error}: {new:#?}"));
            assert_eq!(read, new);
            assert!(new != case && new.check == "explore");
            case = new;
            made += 1;
        }
    }
    assert!(made > 5_500, "most mutations come to something: {made} of 6,000");
}

#[test]
fn the_same_seed_makes_the_same_case_and_another_one_another() {
    let lab = Lab::new();
    let case = lab.draw(3);
    let made = |seed| lab.mutate(&case, 16_384, seed);
    assert!((0..200).all(|seed| made(seed) == made(seed)));
    let kinds: BTreeSet<Vec<u8>> = (0..200).filter_map(made).map(|(_, json)| json).collect();
    assert!(kinds.len() > 100, "{} of 200", kinds.len());
}

#[test]
fn nothing_is_larger_than_it_may_be() {
    let lab = Lab::new();
    let case = lab.draw(5);
    let size = serde_json::to_vec(&case).expect("writable").len();
    for room in [0, 1, size / 2, size - 1, size, size + 1, size + 40] {
        for seed in 0..100 {
            let made = lab.mutate(&case, room, seed);
            assert!(made.is_none_or(|(_, json)| json.len() <= room), "{room}");
        }
    }
}

#[test]
fn every_kind_of_change_happens() {
    let lab = Lab::new();
    let mut seen = BTreeSet::new();
    for start in 0..40 {
        let case = lab.draw(start);
        for seed in 0..100 {
            let Some((new, _)) = lab.mutate(&case, 32_768, start * 100 + seed) else { continue };
            let edits = |case: &Case| {
                case.steps
                    .iter()
                    .filter_map(|step| step.request())
                    .map(|send| send.edits.len())
                    .sum::<usize>()
            };
            let names =
                |case: &Case| case.steps.iter().map(|step| step.name.clone()).collect::<BTreeSet<_>>();
            let senders = |case: &Case| case.steps.iter().map(|s| s.identity.clone()).collect::<Vec<_>>();
            let same_steps = names(&case) == names(&new);
            seen.extend((new.steps.len() > case.steps.len()).then_some("steps more"));
            seen.extend((new.steps.len() < case.steps.len()).then_some("steps less"));
            seen.extend((same_steps && edits(&new) > edits(&case)).then_some("edits more"));
            seen.extend((same_steps && edits(&new) < edits(&case)).then_some("edits less"));
            seen.extend((same_steps && senders(&new) != senders(&case)).then_some("sender"));
            let is_order =
                same_steps && new.steps.iter().map(|s| &s.name).ne(case.steps.iter().map(|s| &s.name));
            seen.extend(is_order.then_some("order"));
            seen.extend((same_steps && new.bases != case.bases).then_some("values"));
        }
    }
    let all = ["edits less", "edits more", "order", "sender", "steps less", "steps more", "values"];
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn a_planned_attack_is_no_attack_of_its_check_any_more() {
    let lab = Lab::new();
    let mut case = lab.draw(4);
    "authz-object-read".clone_into(&mut case.check);
    case.facts.insert("owner".to_owned(), "alice".into());
    case.steps.iter_mut().for_each(|step| step.role = Role::Control);
    for seed in 0..50 {
        let Some((new, _)) = lab.mutate(&case, 16_384, seed) else { continue };
        assert!(new.check == "explore" && new.facts.is_empty());
        assert!(new.steps.iter().all(|step| step.role != Role::Control));
    }
}

#[test]
fn crossovers_are_of_both_and_valid() {
    let lab = Lab::new();
    let (mut joined, mut valued) = (0, 0);
    for start in 0..60 {
        let (first, second) = (lab.draw(start), lab.draw(start + 1_000));
        for seed in 0..20 {
            let made = |seed| cross(&first, &second, 16_384, false, &lab.world, &mut Seeded::new(seed));
            let Some((new, json)) = made(seed) else { continue };
            assert_eq!(made(seed).map(|(case, _)| case).as_ref(), Some(&new));
            assert!(json.len() <= 16_384);
            assert_eq!(Case::from_json(&json).expect("valid"), new);
            joined += usize::from(new.steps.len() > first.steps.len());
            valued += usize::from(new.steps.len() == first.steps.len() && new.bases != first.bases);
        }
    }
    assert!(joined > 200 && valued > 100, "{joined} joined, {valued} with values of the other");
    let (first, second) = (lab.draw(1), lab.draw(2));
    assert!(cross(&first, &second, 10, false, &lab.world, &mut Seeded::new(1)).is_none(), "it does not fit");
}

#[test]
fn a_reference_to_what_comes_later_is_none() {
    let mut case = Case::new("explore", "GET /");
    case.bases.push(crate::case::Base {
        name: "b".to_owned(),
        operation: "GET /".to_owned(),
        request: crate::case::Request { method: "GET".into(), path: "/".into(), ..Default::default() },
    });
    let refers = |step: &str| vec![Edit::set(Place::Query("q".to_owned()), Value::reference(step, "/id"))];
    let step = |name: &str, edits| crate::case::Step::send(name, Role::Attack, ANONYMOUS, "b", edits);
    case.steps = vec![step("one", Vec::new()), step("two", refers("one"))];
    assert!(order::is_bound(&case));
    case.steps.swap(0, 1);
    assert!(!order::is_bound(&case) && written(&case, 10_000, true).is_none());
    case.steps.swap(0, 1);
    case.steps[0].act = Act::Raw(Value::reference("one", "/id"));
    assert!(!order::is_bound(&case), "itself is no earlier one");
}
