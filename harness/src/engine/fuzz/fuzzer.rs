//! A fuzz target's service, with everything that running and changing its inputs takes.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::budget::affordable;
use super::compared::listening;
use super::feedback;
use super::hints::Hints;
use super::judge::Judge;
use super::kept::{Kept, key_of};
use super::mutate::{Mutator, Turns, cross};
use super::words::Words;
use crate::case::Case;
use crate::engine::property::{Prove, ProveError, Rig};
use crate::generate::{Bytes, Explorer, Family, Seeded, Source, World, draw_family};
use crate::message::Outcome;
use crate::target::take_strays;
use crate::trace::{Exchange, Trace};

/// Where a fuzz target lives: what it finds goes to `corpora/<name>/findings` of its package.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    manifest: &'static str,
    name: &'static str,
}

impl Home {
    /// The folder of the package, and the name of the target.
    pub const fn new(manifest: &'static str, name: &'static str) -> Self {
        Self { manifest, name }
    }

    pub(super) fn corpora(self) -> PathBuf {
        // Where the target was built need not be where it runs.
        let package = Path::new(self.manifest);
        let package = if package.is_dir() { package } else { Path::new(".") };
        package.join("corpora").join(self.name)
    }
}

/// A fuzz target's service, with everything that running and changing its inputs takes. Stays on its thread.
pub struct Fuzzer {
    rig: Rig,
    world: Arc<World>,
    explorer: Explorer,
    words: Words,
    judge: Judge,
    kept: Kept,
    hints: Hints,
    turns: Turns,
    is_guided: bool,
    /// Each input is run once more, to see whether it is answered alike.
    pub(super) looks_twice: bool,
}

impl Fuzzer {
    /// Learns the service as every rig does. An error where the service's data must not be lost: what a changed case
    /// does is not known before it is sent, so that nothing keeps it to what the target made itself.
    pub fn new(prove: Prove, home: Home) -> Result<Self, ProveError> {
        if !prove.is_disposable() {
            return Err(ProveError::Usage(
                "fuzzing changes and deletes whatever the service holds: say `.disposable()` where all of it may be \
                 lost, or let `prove_with(…)` build a service for each case"
                    .to_owned(),
            ));
        }
        let rig = prove.corpora_or(|| home.corpora()).try_rig()?;
        let world = Arc::clone(rig.world());
        let is_guided = !rig.fuzz_parts().unguided;
        Ok(Self {
            explorer: Explorer::new(&world),
            words: Words::of(&world.surface),
            judge: Judge::new(&rig),
            kept: Kept::default(),
            hints: Hints::default(),
            turns: Turns::default(),
            is_guided,
            looks_twice: rig.fuzz_parts().twice,
            world,
            rig,
        })
    }

    /// Runs an input that is a case file; whether the fuzzer may keep it.
    pub fn run(&mut self, data: &[u8]) -> bool {
        let Some(case) = self.kept.read(data) else { return false };
        affordable(&case, self.rig.has_virtual_clock()) && self.send(&case, key_of(data))
    }

    /// Runs an input that is bytes to draw a case from; whether the fuzzer may keep it.
    pub fn run_bytes(&mut self, data: &[u8]) -> bool {
        let mut bytes = arbitrary::Unstructured::new(data);
        let case = self.draw(&mut Bytes::new(&mut bytes));
        case.is_some_and(|case| {
            affordable(&case, self.rig.has_virtual_clock()) && self.send(&case, key_of(data))
        })
    }

    /// A case from the generator; `None` when the source ran dry.
    pub fn draw(&self, src: &mut dyn Source) -> Option<Case> {
        draw(&self.world, &self.explorer, src)
    }

    /// Sends a case and judges what came back; whether the fuzzer may keep it. `seed` is what is fresh in it.
    pub fn send(&mut self, case: &Case, seed: u64) -> bool {
        let (trace, wallet) = listening(|| executed(&self.rig, case, seed, true));
        let is_unsent = |one: &Exchange| matches!(one.delivery.outcome, Outcome::NotSent { .. });
        if trace.stopped.is_some() || trace.exchanges.iter().all(is_unsent) {
            return false;
        }
        if self.is_guided {
            feedback::tell(case, &trace);
            self.hints.learn(case, &mut |node, value, hint| self.turns.hear(seed, node, value, hint));
        }
        let has_sent_more = self.judge.look(&self.rig, case, &trace, &wallet, seed, self.is_guided);
        if self.looks_twice && !has_sent_more {
            let (again, _) = executed(&self.rig, case, seed, true);
            self.judge.compare(&self.rig, case, &trace, &again);
        }
        self.rig.renew();
        // What looking again ran is none of this input's coverage. Without guidance nothing is kept at all.
        self.is_guided && !has_sent_more
    }

    /// Changes the case in `data[..size]` into another of at most `max_size` bytes, and gives its size; what is no case
    /// is replaced by one from the generator. `bytes` is libFuzzer's own mutator.
    ///
    /// The same seed does the same in a run that has executed the same inputs: what was compared in them is used.
    pub fn mutate(
        &mut self,
        data: &mut [u8],
        size: usize,
        max_size: usize,
        seed: u32,
        bytes: &mut dyn FnMut(&mut [u8], usize, usize) -> usize,
    ) -> usize {
        let mut src = Seeded::new(u64::from(seed));
        let old = self.kept.read(&data[..size]);
        let waiting_is_free = self.rig.has_virtual_clock();
        if let Some(case) = &old {
            self.turns.meet(key_of(&data[..size]), case, &self.hints, &self.world, &mut src);
            if src.ratio(1, 3)
                && let turn @ Some(_) = self.turns.next(max_size, waiting_is_free)
            {
                return self.put(turn, data).unwrap_or(size);
            }
        }
        let draw = |src: &mut dyn Source| draw(&self.world, &self.explorer, src);
        let mut mutator = Mutator {
            world: &self.world,
            words: &self.words,
            hints: &mut self.hints,
            draw: &draw,
            bytes,
            waiting_is_free,
        };
        let new = match old {
            Some(case) => mutator.mutate(&case, max_size, &mut src),
            None => mutator.begin(max_size, &mut src),
        };
        self.put(new, data).unwrap_or(size)
    }

    /// Puts a case that is made of two into `out`, and gives its size; 0 when nothing fits, or it is no time for it.
    pub fn cross(&mut self, first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
        let mut src = Seeded::new(u64::from(seed));
        // libFuzzer would do this as often as it mutates.
        if !src.ratio(1, 6) {
            return 0;
        }
        let (Some(first), Some(second)) = (self.kept.read(first), self.kept.read(second)) else { return 0 };
        let waiting_is_free = self.rig.has_virtual_clock();
        let new = cross(&first, &second, out.len(), waiting_is_free, &self.world, &mut src);
        self.put(new, out).unwrap_or(0)
    }

    /// The content of a file for `-dict=`.
    pub fn dictionary(&self) -> String {
        self.words.dictionary()
    }

    #[cfg(test)]
    pub(super) fn rig(&self) -> &Rig {
        &self.rig
    }

    fn put(&mut self, new: Option<(Case, Vec<u8>)>, into: &mut [u8]) -> Option<usize> {
        let (case, json) = new?;
        let size = json.len();
        into.get_mut(..size)?.copy_from_slice(&json);
        self.kept.keep(json, Rc::new(case));
        Some(size)
    }
}

impl std::fmt::Debug for Fuzzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fuzzer").field("rig", &self.rig).finish_non_exhaustive()
    }
}

/// Executes a case. Panics that belong to no request are the last one's.
///
/// # Panics
///
/// When the service cannot be built any more: nothing that is sent then would tell anything.
pub(super) fn executed(
    rig: &Rig,
    case: &Case,
    seed: u64,
    hurried: bool,
) -> (Trace, Arc<crate::identity::Wallet>) {
    drop(take_strays());
    let (mut trace, wallet) = rig.execute(case, seed, hurried).unwrap_or_else(|error| panic!("{error}"));
    if let (Some(panic), Some(last)) = (take_strays().pop(), trace.exchanges.last_mut()) {
        last.panic.get_or_insert(panic);
    }
    (trace, wallet)
}

/// Valid requests, one or several, and some that are not.
fn draw(world: &World, explorer: &Explorer, src: &mut dyn Source) -> Option<Case> {
    let mut case = match src.int(0..=19) {
        0..=12 => draw_family(world, Family::Valid, src),
        13..=16 => draw_family(world, Family::Sequence(2, 3), src),
        17 | 18 => draw_family(world, Family::Any, src),
        _ => explorer.draw(world, src),
    }?;
    // Asking again is for targets that are far away.
    case.steps.iter_mut().for_each(|step| step.retry = 0);
    Some(case)
}
