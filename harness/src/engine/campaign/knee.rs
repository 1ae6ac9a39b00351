//! The knee of the load curve: how many requests may be under way at once before the target slows down or fails.
//!
//! What a target answers because it is overrun is not what it answers by itself: a run that overruns it sees failures
//! and time-outs of its own making.

use std::time::Duration;

use super::worker::{Done, Worker};
use crate::case::Role;
use crate::execute::execute;
use crate::generate::{Draft, World};
use crate::trace::Exchange;

/// How often each level is tried.
const WAVES: usize = 3;
/// An answer that takes so many times what it takes alone is slow, and so is none below the second figure.
const SLOWER: u32 = 5;
const SLOW: Duration = Duration::from_millis(50);

/// How a level was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// What an answer in the middle took.
    pub(super) median: Duration,
    /// Answers that failed, or never came.
    pub(super) failed: usize,
    /// Answers that were refused for their number (429): another matter, and no knee.
    pub(super) limited: usize,
}

/// The cheapest valid read that somebody is granted: as little as possible before it.
pub(super) fn probe(world: &World) -> Option<Draft> {
    let reads = (0..world.surface.operations.len()).filter(|index| world.operation(*index).method == "GET");
    let drafts = reads.filter_map(|index| world.granted_draft(index, world.entitled(index)?));
    drafts
        .filter(|draft| draft.setup.is_empty())
        .min_by_key(|draft| draft.inputs().len())
        .map(|draft| (**draft).clone())
}

/// Sends so many at once, a few times.
pub(super) async fn measure(worker: &Worker<'_>, draft: &Draft, at_once: usize, done: &mut Done) -> Load {
    let mut case = draft.open("pre-flight", &worker.epoch.world);
    for wave in 0..WAVES {
        let step = draft.step(&format!("wave-{wave}"), Role::Control, Vec::new());
        case.steps.push(step.copied(u32::try_from(at_once).unwrap_or(u32::MAX)));
    }
    case.note_identities(|name| worker.epoch.world.role_of(name));
    // Nobody looks at these answers: a run with one worker does without them, and must find the same.
    let trace = execute(&case, worker.session).await;
    done.requests += trace.exchanges.len() as u64;
    let mut times: Vec<Duration> =
        trace.exchanges.iter().map(|exchange| exchange.delivery.timing.total).collect();
    times.sort_unstable();
    let count =
        |fits: &dyn Fn(&Exchange) -> bool| trace.exchanges.iter().filter(|exchange| fits(exchange)).count();
    Load {
        median: times.get(times.len() / 2).copied().unwrap_or_default(),
        failed: count(&|exchange| exchange.status().is_none_or(|status| status >= 500)),
        limited: count(&|exchange| exchange.status() == Some(429)),
    }
}

/// What a level says of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bend {
    /// It goes on as it did alone.
    Straight,
    /// It says that this is too much, as it may.
    Limited,
    /// It slows down or fails: the knee lies below.
    Bent,
}

/// Compares a level with one request alone.
pub(super) fn bend(alone: Load, load: Load) -> Bend {
    if load.limited > 0 {
        Bend::Limited
    } else if load.failed > alone.failed || load.median > (alone.median * SLOWER).max(SLOW) {
        Bend::Bent
    } else {
        Bend::Straight
    }
}

/// Four fifths of the last level that it bore, and at least one.
pub(super) fn bound(borne: usize) -> usize {
    (borne * 4 / 5).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(millis: u64, failed: usize, limited: usize) -> Load {
        Load { median: Duration::from_millis(millis), failed, limited }
    }

    #[test]
    fn a_target_bends_where_it_slows_down_or_fails() {
        let alone = load(20, 0, 0);
        assert_eq!(bend(alone, load(80, 0, 0)), Bend::Straight);
        assert_eq!(bend(alone, load(101, 0, 0)), Bend::Bent);
        assert_eq!(bend(alone, load(20, 1, 0)), Bend::Bent);
        assert_eq!(bend(alone, load(20, 3, 2)), Bend::Limited);
        assert_eq!(bend(load(1, 0, 0), load(50, 0, 0)), Bend::Straight, "nobody notices");
        assert_eq!(bend(load(1, 1, 0), load(9, 1, 0)), Bend::Straight, "it fails alone, too");
    }

    #[test]
    fn a_fifth_is_kept_free() {
        assert_eq!([1, 2, 4, 8, 16].map(bound), [1, 1, 3, 6, 12]);
    }
}
