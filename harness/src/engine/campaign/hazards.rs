//! Hazards: operations that end sessions, lock somebody out, lose what others need, or switch the target off, whatever
//! their names are. What may be one is tried with an eye on the rest.

use std::sync::Arc;
use std::time::Instant;

use super::plan::Planner;
use super::quarantine::Held;
use super::run::CampaignError;
use super::venture::Harmed;
use super::watch::{self, Post};
use super::worker::Job;
use crate::generate::World;

/// What the planner knows of hazards.
#[derive(Default)]
pub(super) struct Hazards {
    /// Objects that are watched, with the operations that were tried for them.
    pub(super) kept: Vec<Post>,
    pub(super) tried: Vec<usize>,
    pub(super) quarantine: Vec<Held>,
    /// What was in quarantine has its turn.
    pub(super) is_last: bool,
    /// Why nothing is sent any more.
    pub(super) off: Option<String>,
    /// Valid requests that were sent, and granted, when the target was last seen to serve.
    served: (u64, u64),
}

/// Valid requests without any success after which the target is looked at.
const SUSPICIOUS: u64 = 16;

/// Whether an operation is neither the making of an object nor done to one: it may do anything.
pub(super) fn is_odd(world: &World, operation: usize) -> bool {
    let operation = world.operation(operation);
    let path = operation.path.trim_end_matches('/');
    let is_collection = || {
        let below = format!("{path}/{{");
        let mut reads = world.surface.operations.iter().filter(|other| other.method == "GET");
        reads.any(|other| other.path.trim_end_matches('/') == path || other.path.starts_with(&below))
    };
    let makes = operation.method == "POST" && is_collection();
    !(operation.is_safe() || path.contains('{') || makes)
}

impl Planner<'_> {
    /// Does a kind of work on operations that change something: one by one those that may do anything, the others
    /// together unless that did harm.
    pub(super) fn venture(
        &mut self,
        operations: &[usize],
        job: fn(usize, Arc<[Post]>) -> Job,
        until: Option<Instant>,
    ) -> Result<(), CampaignError> {
        let (odd, plain): (Vec<_>, Vec<_>) =
            operations.iter().copied().partition(|operation| is_odd(&self.world, *operation));
        let plain: Vec<_> = plain.into_iter().filter(|operation| !self.is_held(*operation)).collect();
        if !plain.is_empty() && self.hazards.off.is_none() {
            let jobs = plain.iter().map(|operation| job(*operation, Arc::default())).collect();
            for done in self.epoch(jobs, until, false)? {
                self.learn(done);
            }
            if self.look_around(&plain)? {
                self.one_by_one(&plain, job, until)?;
            }
        }
        self.one_by_one(&odd, job, until)
    }

    /// Whether these operations, done together, did harm: then each is done alone, so that it is known which.
    pub(super) fn look_around(&mut self, operations: &[usize]) -> Result<bool, CampaignError> {
        let harmed = self.looked(operations)?;
        if let Some(harmed) = &harmed {
            self.suffer(harmed, None);
        }
        Ok(harmed.is_some())
    }

    pub(super) fn one_by_one(
        &mut self,
        operations: &[usize],
        job: fn(usize, Arc<[Post]>) -> Job,
        until: Option<Instant>,
    ) -> Result<(), CampaignError> {
        for operation in operations {
            if self.hazards.off.is_some() || self.is_held(*operation) {
                continue;
            }
            let posts = self.posts()?;
            for mut done in self.epoch(vec![job(*operation, posts)], until, true)? {
                let harmed = done.harmed.take();
                self.learn(done);
                if let Some(harmed) = harmed {
                    self.quarantine(*operation, *harmed);
                }
            }
        }
        Ok(())
    }

    /// What shows that the target is as it was.
    fn posts(&mut self) -> Result<Arc<[Post]>, CampaignError> {
        let jobs: Vec<_> =
            watch::keepable(&self.world, &self.hazards.tried).into_iter().map(Job::Keep).collect();
        for mut done in self.epoch(jobs, None, true)? {
            if let Some((operation, kept)) = done.kept.take() {
                self.hazards.tried.push(operation);
                self.hazards.kept.extend(kept);
            }
            self.fold(done, None);
        }
        let mut posts = watch::sessions(&self.world);
        posts.extend(self.hazards.kept.iter().cloned());
        Ok(posts.into())
    }

    /// What is not as it was, after these operations.
    fn looked(&mut self, operations: &[usize]) -> Result<Option<Box<Harmed>>, CampaignError> {
        let posts = self.posts()?;
        let mut seen = None;
        for mut done in self.epoch(vec![Job::Look(posts, operations.to_vec())], None, true)? {
            seen = done.harmed.take();
            self.fold(done, None);
        }
        Ok(seen)
    }

    /// Looks at the target where nothing valid was granted for a while: what comes after would prove nothing.
    pub(super) fn guard(&mut self) -> Result<(), CampaignError> {
        let valid = self.folded.valid.values();
        let now = valid.fold((0, 0), |sum, valid| (sum.0 + valid.sent, sum.1 + valid.granted));
        let before = std::mem::replace(&mut self.hazards.served, now);
        let is_over = self.hazards.is_last || self.hazards.off.is_some() || self.halt.is_stopped();
        if now.1 > before.1 || is_over {
            return Ok(());
        }
        if now.0 < before.0 + SUSPICIOUS {
            self.hazards.served = before;
            return Ok(());
        }
        let world = &self.world;
        let may_be = |operation: &usize| world.may_send(*operation) && is_odd(world, *operation);
        let odd: Vec<_> = (0..world.surface.operations.len()).filter(may_be).collect();
        let Some(harmed) = self.looked(&odd)? else { return Ok(()) };
        match &harmed.undo {
            // What switches it on in one form switches it off in another.
            Some(undo) if !self.is_held(undo.operation) => self.quarantine(undo.operation, *harmed),
            _ => self.suffer(&harmed, None),
        }
        Ok(())
    }
}
