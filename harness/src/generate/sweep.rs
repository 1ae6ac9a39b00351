//! The sweep: every input provoked in each of a few ways, before exploring draws at random.
//!
//! What passive checks can hold rests on errors of every kind having been seen, not on luck.

use super::explore::allowed;
use super::world::World;
use crate::case::{Case, Content, Dynamic, Edit, Place, Repeat, Role, Value};

/// One provocation of one input.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    operation: usize,
    identity: String,
    place: Place,
    way: Way,
}

/// How an input is provoked: what makes most software answer an error, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// An id that no object has.
    Nobody,
    /// A value of another type.
    Mistyped,
    /// A quote behind a valid value.
    Quoted,
    /// Much more text than anyone writes.
    Long,
    /// A body that is cut off.
    CutOff,
    /// A character that ends strings.
    Nul,
}

const WAYS: [Way; 6] = [Way::Nobody, Way::Mistyped, Way::Quoted, Way::Long, Way::CutOff, Way::Nul];

/// Every probe of an API, all inputs in one way before the next.
pub fn sweep(world: &World) -> Vec<Probe> {
    let mut inputs = Vec::new();
    for operation in 0..world.surface.operations.len() {
        let Some(identity) = world.entitled(operation).filter(|_| allowed(world, operation)) else {
            continue;
        };
        let mut places = world.inputs(operation, identity);
        if has_json(world, operation, identity) {
            places.push(Place::Body);
        }
        inputs.extend(places.into_iter().map(|place| (operation, identity, place)));
    }
    let mut probes = Vec::new();
    for way in WAYS {
        let suits = inputs.iter().filter(|(_, _, place)| way.suits(place));
        probes.extend(suits.map(|(operation, identity, place)| Probe {
            operation: *operation,
            identity: (*identity).to_owned(),
            place: place.clone(),
            way,
        }));
    }
    probes
}

impl Probe {
    /// The case that sends it.
    pub fn case(&self, world: &World) -> Option<Case> {
        let access = world.access(self.operation, &self.identity)?;
        // Wrong passwords are tried on an account that nobody has.
        let invented = access
            .invented
            .as_ref()
            .filter(|draft| self.place == Place::Body || draft.inputs().contains(&self.place));
        let draft = if let Some(invented) = invented {
            Some(invented)
        } else if self.place == Place::Body {
            world.granted_draft(self.operation, &self.identity)
        } else {
            world.draft_with(self.operation, &self.identity, &self.place)
        }?;
        let place = self.place.clone();
        let edit = match (self.way, &self.place) {
            (Way::Nobody, Place::Path(name)) => Edit::set(place, world.nobody(self.operation, name)),
            (Way::Mistyped, Place::Node(_)) => Edit::set(place, Value::from(serde_json::json!({"a": [1]}))),
            (Way::Mistyped, _) => Edit::set(place, "-x1"),
            (Way::Quoted, _) => Edit::append(place, "'\""),
            (Way::Long, _) => {
                let repeat = Repeat { value: Value::text("A"), times: 3_000 };
                Edit::set(place, Value::dynamic(Dynamic::Repeat(repeat)))
            }
            (Way::CutOff, _) => Edit::set(place, "{\"a\":"),
            (Way::Nul, _) => Edit::append(place, "\u{0}"),
            (Way::Nobody, _) => return None,
        };
        let mut case = draft.open("explore", world);
        case.steps.push(draft.step("attack", Role::Attack, vec![edit]));
        case.note_identities(|name| world.role_of(name));
        Some(case)
    }
}

impl Way {
    fn suits(self, place: &Place) -> bool {
        match self {
            Self::Nobody => matches!(place, Place::Path(_)),
            Self::CutOff => *place == Place::Body,
            _ => *place != Place::Body,
        }
    }
}

fn has_json(world: &World, operation: usize, identity: &str) -> bool {
    let draft = world.granted_draft(operation, identity);
    let body = draft.and_then(|draft| draft.request().body.as_ref());
    body.is_some_and(|body| matches!(body.content, Content::Json(_)))
}
