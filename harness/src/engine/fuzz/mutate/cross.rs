//! Crossover: steps, requests or values of one case in another.

use super::steps::join;
use super::{leaf, unplanned, written};
use crate::case::Case;
use crate::generate::{Source, World};

/// A case of both, with its bytes, at most so many; `None` when nothing fits.
pub(in crate::engine::fuzz) fn cross(
    first: &Case,
    second: &Case,
    room: usize,
    waiting_is_free: bool,
    world: &World,
    src: &mut dyn Source,
) -> Option<(Case, Vec<u8>)> {
    for _ in 0..4 {
        let mut case = first.clone();
        unplanned(&mut case);
        match src.int(0..=3) {
            0 => values(&mut case, second, src),
            1 => requests(&mut case, second, src),
            kind => {
                let mut other = second.clone();
                unplanned(&mut other);
                // The first steps of one, all of the other or the last of it.
                if kind == 3 && case.steps.len() > 1 {
                    let keep = 1 + src.index(case.steps.len() - 1);
                    case.steps.truncate(keep);
                }
                let at = case.steps.len();
                join(&mut case, other, at);
            }
        }
        case.note_identities(|name| world.role_of(name));
        if case != *first
            && let Some(json) = written(&case, room, waiting_is_free)
        {
            return Some((case, json));
        }
    }
    None
}

/// Leaves take the values of the other's leaves.
fn values(case: &mut Case, other: &Case, src: &mut dyn Source) {
    for _ in 0..=src.int(0..=2) {
        if let (Some((node, _)), Some((_, new))) = (leaf::pick(case, src), leaf::pick(other, src)) {
            node.change(case, |value| *value = new);
        }
    }
}

/// A request of an operation takes what the other sends to the same operation, but for what it refers to.
fn requests(case: &mut Case, other: &Case, src: &mut dyn Source) {
    let shared: Vec<(usize, usize)> = case
        .bases
        .iter()
        .enumerate()
        .flat_map(|(at, base)| {
            let same = other.bases.iter().enumerate().filter(|(_, other)| other.operation == base.operation);
            same.map(move |(theirs, _)| (at, theirs))
        })
        .collect();
    let Some((at, theirs)) = src.pick(&shared).copied() else { return };
    let (own, theirs) = (&mut case.bases[at].request, &other.bases[theirs].request);
    match src.int(0..=2) {
        0 => own.body.clone_from(&theirs.body),
        1 => own.query.clone_from(&theirs.query),
        _ => {
            own.body.clone_from(&theirs.body);
            own.query.clone_from(&theirs.query);
            own.headers.clone_from(&theirs.headers);
        }
    }
}
