//! Pre-flight as the run plans it: who is who, and who gets in where.

use std::sync::Arc;
use std::time::Instant;

use super::plan::{Planner, share};
use super::preflight;
use super::run::CampaignError;
use super::worker::{Done, Job};
use crate::checks::Phase;

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
        for layer in preflight::order(&self.world) {
            self.reach(layer, until)?;
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
            if let Some(draft) = reach.access.draft.as_ref().filter(|_| reach.access.granted) {
                let learned = done.learned.as_ref().map(|(_, learned)| learned.naming.clone());
                for (_, place, take) in world.names_of(draft, &learned.unwrap_or_default()) {
                    world.naming.entry(place).or_insert(take);
                }
            }
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
