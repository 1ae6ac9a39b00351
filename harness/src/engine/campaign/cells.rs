//! Cells: a check on a subject, enumerated and ordered.

use crate::case::ANONYMOUS;
use crate::checks::{About, Check, Grain, Kind, Need, Phase, Subject};
use crate::generate::World;

/// A check on a subject.
#[derive(Clone)]
pub(super) struct CellPlan {
    pub(super) check: &'static dyn Check,
    pub(super) subject: Subject,
    /// Nobody gets in here: there is nothing to plan with.
    pub(super) unreached: bool,
}

impl CellPlan {
    pub(super) fn about(&self) -> &'static About {
        self.check.about()
    }

    /// The cell's name in the journal.
    pub(super) fn key(&self, world: &World) -> String {
        let operation =
            self.subject.operation.map_or_else(|| "*".to_owned(), |op| world.operation(op).name());
        let place = self.subject.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{}|{operation}|{}|{place}", self.about().id, self.subject.identity)
    }

    /// The most requests that the cell may cost here.
    pub(super) fn cost(&self, world: &World) -> u64 {
        if self.unreached {
            return 0;
        }
        let about = self.about();
        let limit = self.subject.operation.and_then(|op| world.limit(op));
        match (about.phase, limit) {
            (Phase::Limits, Some(limit)) => u64::from(limit.count) * 9 + 60,
            (Phase::Limits, None) => 1_200.min(about.budget.into()),
            _ if about.grain == Grain::Target => {
                (world.surface.operations.len() as u64 * 10 + 40).min(about.budget.into())
            }
            _ => about.budget.into(),
        }
    }
}

/// The cells of a phase, breadth-first: what is worst and likeliest for its cost comes first, over all operations.
pub(super) fn of_phase(phase: Phase, world: &World, selected: &dyn Fn(&str) -> bool) -> Vec<CellPlan> {
    let mut cells = Vec::new();
    for kind in world.checks.iter() {
        let Kind::Active(check) = kind else { continue };
        let about = check.about();
        if about.phase == phase && selected(about.id) {
            enumerate(*check, world, &mut cells);
        }
    }
    let worth = |about: &About| {
        let severity = 1_u64 << (2 * about.severity as u64);
        std::cmp::Reverse(severity * 1_000 * u64::from(about.chance) / u64::from(about.budget.max(1)))
    };
    // The sort is stable: within a check, the order of the document.
    cells.sort_by_key(|cell| (worth(cell.about()), cell.about().id));
    cells
}

fn enumerate(check: &'static dyn Check, world: &World, cells: &mut Vec<CellPlan>) {
    let grain = check.about().grain;
    if grain == Grain::Target {
        let subject = Subject { operation: None, identity: ANONYMOUS.to_owned(), place: None };
        cells.push(CellPlan { check, subject, unreached: false });
        return;
    }
    for operation in 0..world.surface.operations.len() {
        let mut push = |identity: &str, place, unreached| {
            let subject = Subject { operation: Some(operation), identity: identity.to_owned(), place };
            cells.push(CellPlan { check, subject, unreached });
        };
        match grain {
            Grain::Identity => {
                for profile in &world.profiles {
                    push(&profile.name, None, false);
                }
            }
            // Without a limit there is nothing to measure, whoever gets in.
            Grain::Operation if !may_measure(check.about(), world, operation) => {}
            Grain::Operation => {
                let identity = world.entitled(operation).or_else(|| world.tried_by(operation));
                push(identity.unwrap_or(ANONYMOUS), None, identity.is_none());
            }
            Grain::Input => match world.entitled(operation) {
                Some(identity) => {
                    for place in world.inputs(operation, identity) {
                        push(identity, Some(place), false);
                    }
                }
                None => push(ANONYMOUS, None, true),
            },
            Grain::Target => {}
        }
    }
}

/// Whether there is a limit to measure, for a check that needs one.
pub(super) fn may_measure(about: &About, world: &World, operation: usize) -> bool {
    about.needs.iter().all(|need| match need {
        Need::RateLimit => world.limit(operation).is_some(),
        Need::RateLimitOrStrict => world.limit(operation).is_some() || world.discovers_limit(operation),
        _ => true,
    })
}
