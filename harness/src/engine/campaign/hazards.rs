//! Hazards: operations that end sessions, lock somebody out, lose what others need, or switch the target off. They are
//! kept in from where they were seen to do so, and attacked when everything else is done.

use std::sync::Arc;
use std::time::Instant;

use super::cells;
use super::plan::Planner;
use super::run::CampaignError;
use super::venture::Harmed;
use super::watch::{self, Harm, Post};
use super::worker::Job;
use crate::checks::Phase;
use crate::generate::{Access, Draft, Producer, World};
use crate::report::Quarantined;

/// What the planner knows of hazards.
#[derive(Default)]
pub(super) struct Hazards {
    /// Objects that are watched, with the operations that were tried for them.
    kept: Vec<Post>,
    tried: Vec<usize>,
    quarantine: Vec<Held>,
    /// Why nothing is sent any more.
    pub(super) off: Option<String>,
    /// Valid requests that were sent, and granted, when the target was last seen to serve.
    served: (u64, u64),
}

/// An operation in quarantine, with what is known of it.
struct Held {
    operation: usize,
    harmed: Harmed,
    access: Vec<((usize, String), Access)>,
    producers: Vec<Producer>,
    why: String,
}

impl Hazards {
    pub(super) fn is_quarantined(&self) -> bool {
        !self.quarantine.is_empty()
    }
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
    !operation.is_safe() && !path.contains('{') && !(operation.method == "POST" && is_collection())
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
            if let Some(harmed) = self.looked(&plain)? {
                self.suffer(&harmed, None);
                self.one_by_one(&plain, job, until)?;
            }
        }
        self.one_by_one(&odd, job, until)
    }

    fn one_by_one(
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

    pub(super) fn is_held(&self, operation: usize) -> bool {
        self.hazards.quarantine.iter().any(|held| held.operation == operation)
    }

    /// Takes an operation out of the run until its end.
    fn quarantine(&mut self, operation: usize, harmed: Harmed) {
        let name = self.world.operation(operation).name();
        let why = format!("{}: {}", what(harmed.seen.harm), harmed.seen.what);
        self.suffer(&harmed, Some(&name));
        self.door.hold(&name, &why);
        let world = Arc::make_mut(&mut self.world);
        let uses = |draft: &Draft| draft.bases.iter().any(|base| base.operation == name);
        let (mut access, mut producers) = (Vec::new(), Vec::new());
        // What needs it is reached by other ways, or not at all.
        world.access.retain(|key, met| {
            let is_own = key.0 == operation;
            if is_own {
                access.push((key.clone(), met.clone()));
            }
            !is_own && !met.draft.as_ref().is_some_and(|draft| uses(draft))
        });
        world.producers.retain(|producer| {
            let keeps = !uses(&producer.draft);
            if !keeps {
                producers.push(producer.clone());
            }
            keeps
        });
        self.hazards.quarantine.push(Held { operation, harmed, access, producers, why });
    }

    /// Goes on with what is left.
    fn suffer(&mut self, harmed: &Harmed, by: Option<&str>) {
        match harmed.seen.harm {
            Harm::EndsSessions => {}
            Harm::Resets => {
                self.hazards.kept.clear();
                self.hazards.tried.clear();
            }
            Harm::LocksOut => {
                let world = Arc::make_mut(&mut self.world);
                let locked = world.profiles.iter_mut().find(|profile| profile.name == harmed.seen.who);
                if let Some(profile) = locked {
                    profile.alive = false;
                    let by = by.map(|by| format!(" since {by}")).unwrap_or_default();
                    profile.note = format!("it stopped working{by}: {}", harmed.seen.what);
                }
                // Others do what it cannot do any more.
                let is_its = |name: &str| *name == harmed.seen.who;
                world.access.retain(|(_, name), _| !is_its(name));
                world.producers.retain(|producer| !is_its(&producer.draft.identity));
                self.hazards.kept.retain(|post| !is_its(&post.draft.identity));
            }
            Harm::SwitchesOff if harmed.lasts => {
                let by = by.map(|by| format!("{by} switched the target off: ")).unwrap_or_default();
                self.hazards.off = Some(format!("{by}{}", harmed.seen.what));
            }
            Harm::SwitchesOff => {}
        }
    }

    /// Looks at the target where nothing valid was granted for a while: what comes after would prove nothing.
    pub(super) fn guard(&mut self) -> Result<(), CampaignError> {
        let valid = self.folded.valid.values();
        let now = valid.fold((0, 0), |sum, valid| (sum.0 + valid.sent, sum.1 + valid.granted));
        let before = std::mem::replace(&mut self.hazards.served, now);
        if now.1 > before.1 || self.halt.is_stopped() || self.hazards.off.is_some() {
            return Ok(());
        }
        if now.0 < before.0 + SUSPICIOUS {
            self.hazards.served = before;
            return Ok(());
        }
        if let Some(harmed) = self.looked(&[])? {
            self.suffer(&harmed, None);
        }
        Ok(())
    }

    /// Attacks what was kept in, where the run may, and leaves the target switched on.
    pub(super) fn quarantined(&mut self) -> Result<(), CampaignError> {
        for held in std::mem::take(&mut self.hazards.quarantine) {
            let Held { operation, harmed, access, producers, why } = held;
            let world = Arc::make_mut(&mut self.world);
            world.access.extend(access);
            let withheld = self.withheld(&harmed);
            let operation_name = self.world.operation(operation).name();
            let mut quarantined = Quarantined::new(&operation_name, &why);
            if let Some(off) = self.hazards.off.clone().or(withheld) {
                off.clone_into(&mut quarantined.unsent);
                for phase in Phase::ALL {
                    for cell in self.cells_of(*phase, operation) {
                        self.skip(&cell, &format!("quarantined: {off}"));
                    }
                }
                self.folded.quarantined.push(quarantined);
                continue;
            }
            self.folded.quarantined.push(quarantined);
            self.door.release(&operation_name);
            Arc::make_mut(&mut self.world).producers.extend(producers);
            for job in [Job::Reach(operation, Arc::default()), Job::Suit(operation, Arc::default())] {
                for done in self.epoch(vec![job], None, true)? {
                    self.learn(done);
                }
            }
            for phase in Phase::ALL {
                let cells = self.cells_of(*phase, operation);
                self.work_on(*phase, cells, 1.0)?;
            }
            if let Some(undo) = harmed.undo {
                for done in self.epoch(vec![Job::Undo(undo)], None, true)? {
                    self.fold(done, None);
                }
            }
        }
        Ok(())
    }

    fn cells_of(&self, phase: Phase, operation: usize) -> Vec<cells::CellPlan> {
        let mut cells = cells::of_phase(phase, &self.world, &|id| self.selection.has(id));
        cells.retain(|cell| cell.subject.operation == Some(operation));
        cells
    }

    /// Why an operation is not sent again: what it does is done to others, or cannot be mended.
    fn withheld(&self, harmed: &Harmed) -> Option<String> {
        if self.world.settings.disposable_data {
            return None;
        }
        let why = match harmed.seen.harm {
            Harm::EndsSessions => return None,
            Harm::LocksOut => "who is locked out stays so",
            Harm::Resets => "others may use what it takes away",
            Harm::SwitchesOff => "others may use the target",
        };
        Some(format!("not sent again, since {why} and data are not disposable"))
    }
}

fn what(harm: Harm) -> &'static str {
    match harm {
        Harm::EndsSessions => "it ends sessions",
        Harm::Resets => "it resets data",
        Harm::LocksOut => "it locks out",
        Harm::SwitchesOff => "it switches the target off",
    }
}
