//! Pre-flight as the run plans it: who is who, and who gets in where.

use std::sync::Arc;
use std::time::Instant;

use super::knee::{self, Bend};
use super::plan::{Planner, share};
use super::preflight;
use super::run::CampaignError;
use super::worker::{Done, Job};
use crate::checks::Phase;
use crate::generate::Draft;

/// How often what was refused is tried again, while it helps.
const ROUNDS: usize = 3;

impl Planner<'_> {
    pub(super) fn preflight(&mut self) -> Result<(), CampaignError> {
        self.phase = Arc::from("pre-flight");
        let names: Vec<_> = self.world.profiles.iter().map(|profile| profile.name.clone()).collect();
        let jobs = names.into_iter().map(Job::LogIn).collect();
        for done in self.epoch(jobs, None, false)? {
            let Some(logged_in) = done.profile else { continue };
            if let Some(profile) = Arc::make_mut(&mut self.world)
                .profiles
                .iter_mut()
                .find(|profile| profile.name == logged_in.name)
            {
                profile.alive = logged_in.alive;
                profile.jwt = logged_in.jwt;
                profile.subject = logged_in.subject;
                profile.scopes = logged_in.scopes;
                profile.note = logged_in.failure;
            }
        }
        let until = self.budget.until(share(Phase::PreFlight));
        let mut is_ramped = self.at_most < 2;
        for layer in preflight::order(&self.world) {
            self.reach(layer, until)?;
            if !is_ramped && let Some(probe) = knee::probe(&self.world) {
                is_ramped = true;
                self.ramp(&probe)?;
            }
        }
        // What was refused may get in now that there are objects to name; and what that makes lets in others.
        for _ in 0..ROUNDS {
            let before = self.reached();
            for layer in preflight::order(&self.world) {
                let unreached = layer.into_iter().filter(|operation| {
                    self.world.entitled(*operation).is_none() && self.may_yet(*operation)
                });
                let unreached = unreached.collect();
                self.reach(unreached, until)?;
            }
            if self.reached() == before {
                break;
            }
        }
        let reached = (0..self.world.surface.operations.len())
            .filter(|operation| self.world.entitled(*operation).is_some());
        // What reads is asked while nothing is made: its answers must not depend on who is faster.
        let (reads, writes): (Vec<_>, Vec<_>) =
            reached.partition(|operation| self.world.operation(*operation).is_safe());
        for operations in [reads, writes] {
            let jobs = operations.into_iter().map(Job::Suit).collect();
            for done in self.epoch(jobs, until, false)? {
                self.learn(done);
            }
        }
        Ok(())
    }

    /// Doubles what is under way at once until the target bends, and bounds the run a fifth below.
    fn ramp(&mut self, probe: &Draft) -> Result<(), CampaignError> {
        let mut level = 1;
        let mut alone = None;
        loop {
            let Some(done) = self.epoch(vec![Job::Load(Box::new(probe.clone()), level)], None, true)?.pop()
            else {
                return Ok(());
            };
            // They are counted, and not taken from the budget: its cases are the same for any number of workers.
            self.folded.requests += done.requests;
            let Some(load) = done.load else { return Ok(()) };
            match knee::bend(*alone.get_or_insert(load), load) {
                Bend::Straight if level < self.at_most => level = (level * 2).min(self.at_most),
                Bend::Straight | Bend::Limited => return Ok(()),
                Bend::Bent => {
                    self.governor.bound(knee::bound(level / 2));
                    return Ok(());
                }
            }
        }
    }

    fn reached(&self) -> usize {
        (0..self.world.surface.operations.len()).filter(|at| self.world.entitled(*at).is_some()).count()
    }

    /// Whether an operation that nobody got into asks for something that others may have made since.
    fn may_yet(&self, operation: usize) -> bool {
        let names =
            self.world.profiles.iter().map(|profile| profile.name.as_str()).chain([crate::case::ANONYMOUS]);
        let mut tried = names.filter_map(|name| self.world.access(operation, name));
        tried.any(|access| {
            access.draft.is_some() && !matches!(access.status, Some(401 | 403 | 405 | 429) | None)
        })
    }

    fn reach(&mut self, operations: Vec<usize>, until: Option<Instant>) -> Result<(), CampaignError> {
        let jobs = operations.into_iter().map(Job::Reach).collect();
        for done in self.epoch(jobs, until, false)? {
            self.learn(done);
        }
        Ok(())
    }

    /// Folds what pre-flight learned into the world.
    fn learn(&mut self, mut done: Done) {
        let world = Arc::make_mut(&mut self.world);
        for reach in std::mem::take(&mut done.reach) {
            let key = (reach.operation, reach.identity);
            let better = world.access.get(&key).is_none_or(|old| !old.granted || reach.access.granted);
            if better {
                world.access.insert(key, reach.access);
            }
            world.producers.extend(reach.producer);
        }
        world.learned.extend(done.learned.take().map(|(operation, learned)| (operation, Arc::new(learned))));
        self.fold(done, None);
    }
}
