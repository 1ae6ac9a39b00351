//! The quarantine: an operation that did harm is kept in until everything else is done, and attacked then where the run
//! may do that harm again.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cells;
use super::hazards::Hazards;
use super::plan::Planner;
use super::run::CampaignError;
use super::venture::Harmed;
use super::watch::Harm;
use super::worker::Job;
use crate::checks::Phase;
use crate::generate::{Access, Draft, Producer};
use crate::report::Quarantined;

/// An operation in quarantine, with what is known of it.
pub(super) struct Held {
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

impl Planner<'_> {
    pub(super) fn is_held(&self, operation: usize) -> bool {
        self.hazards.quarantine.iter().any(|held| held.operation == operation)
    }

    /// Takes an operation out of the run until its end.
    pub(super) fn quarantine(&mut self, operation: usize, harmed: Harmed) {
        let name = self.world.operation(operation).name();
        let why = format!("{}: {}", what(harmed.seen.harm), harmed.seen.what);
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
        self.suffer(&harmed, Some(&name));
        self.hazards.quarantine.push(Held { operation, harmed, access, producers, why });
    }

    /// Goes on with what is left.
    pub(super) fn suffer(&mut self, harmed: &Harmed, by: Option<&str>) {
        match harmed.seen.harm {
            Harm::Resets => {
                self.hazards.kept.clear();
                self.hazards.tried.clear();
            }
            Harm::LocksOut => {
                let world = Arc::make_mut(&mut self.world);
                let locked = world.profiles.iter_mut().find(|profile| profile.name == harmed.seen.who);
                if let Some(profile) = locked {
                    profile.alive = false;
                    let since = by.map_or_else(|| "during the run".to_owned(), |by| format!("since {by}"));
                    profile.note = format!("it stopped working {since}: {}", harmed.seen.what);
                }
                // Others do what it cannot do any more, where there are any.
                let is_its = |name: &str| *name == harmed.seen.who;
                let granted =
                    world.access.iter().filter(|((_, name), access)| access.granted && !is_its(name));
                let others: BTreeSet<usize> = granted.map(|((operation, _), _)| *operation).collect();
                world.access.retain(|(operation, name), _| !is_its(name) || !others.contains(operation));
                world.producers.retain(|producer| !is_its(&producer.draft.identity));
                self.hazards.kept.retain(|post| !is_its(&post.draft.identity));
            }
            Harm::SwitchesOff if harmed.lasts => {
                let by = by.map(|by| format!("{by} switched the target off: ")).unwrap_or_default();
                self.hazards.off = Some(format!("{by}{}", harmed.seen.what));
            }
            Harm::EndsSessions | Harm::SwitchesOff => {}
        }
    }

    /// Attacks what was kept in, where the run may.
    pub(super) fn quarantined(&mut self) -> Result<(), CampaignError> {
        self.hazards.is_last = true;
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
        }
        for cell in std::mem::take(&mut self.late) {
            self.skip(&cell, if self.halt.is_stopped() { "stopped" } else { "budget" });
        }
        Ok(())
    }

    fn cells_of(&self, phase: Phase, operation: usize) -> Vec<cells::CellPlan> {
        let mut cells = cells::of_phase(phase, &self.world, &|id| self.selection.has(id));
        let is_done = |cell: &cells::CellPlan| {
            let key = cell.key(&self.world);
            self.folded.cells.iter().any(|(known, _)| *known == key)
        };
        cells.retain(|cell| cell.subject.operation == Some(operation) && !is_done(cell));
        cells
    }

    /// Why an operation is not sent again: what it does is done to others, or cannot be mended.
    fn withheld(&self, harmed: &Harmed) -> Option<String> {
        let disposable = self.world.settings.disposable_data;
        let why = match harmed.seen.harm {
            Harm::SwitchesOff if disposable => {
                return Some("not sent again, since a target that is off proves nothing".to_owned());
            }
            Harm::EndsSessions => return None,
            _ if disposable => return None,
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
