//! Families of cases: what is drawn where no check plans, such as by property tests.

use super::baseline::{Manner, request};
use super::draft::Draft;
use super::explore::{broken_json, provocation};
use super::source::Source;
use super::world::World;
use crate::case::{Case, Content, Edit, FlipAt, Forgery, Place, Role, Signature, Step, Value};

/// A family of cases. All but the sequences end with one request, the attack; the steps before make what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Any of the others but sequences.
    Any,
    /// A valid request, as the document has it.
    Valid,
    /// A valid request whose JSON body is changed in one to three nodes.
    EditedBody,
    /// A valid request with a forgery of its sender's web token (RFC 7519).
    ForgedToken,
    /// A valid request that says another media type of its body than the document lists, or none.
    MediaType,
    /// A valid request whose body is not JSON any more.
    MalformedJson,
    /// A valid request with text behind one input that interpreters of many kinds stumble over.
    Injection,
    /// Valid requests one after the other, by one sender, on the same objects: so many at least, so many at most.
    Sequence(usize, usize),
}

const SINGLE: [Family; 6] = [
    Family::Valid,
    Family::EditedBody,
    Family::ForgedToken,
    Family::MediaType,
    Family::MalformedJson,
    Family::Injection,
];

/// Media types that an operation does not take where its document does not list them.
const MEDIA_TYPES: [&str; 7] = [
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/csv",
    "application/octet-stream",
    "application/jsonx",
];

/// What changes how a text is read: SQL, templates, shells, paths, LDAP, headers, markup. None does anything by itself.
const INJECTIONS: [&str; 14] = [
    "'",
    "\"",
    "' AND '1'='2",
    "' AND '1'='1",
    "\\",
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "$(true)",
    "`true`",
    "../../x",
    "*)(x=*",
    "\r\nX-Injected: 1",
    "<b>x</b>",
];

/// Draws a case of a family from what is known of the world. `None` when there is none, or the source ran dry.
pub fn draw_family(world: &World, family: Family, src: &mut dyn Source) -> Option<Case> {
    // Not every operation has what a family needs.
    for _ in 0..16 {
        let family = if family == Family::Any { *src.pick(&SINGLE)? } else { family };
        let sender = src.pick(&world.senders())?.clone();
        let case = match family {
            Family::Sequence(least, most) => sequence(world, &sender, least, most.max(least), src),
            family => single(world, &sender, family, src),
        };
        if src.exhausted() {
            return None;
        }
        if case.is_some() {
            return case;
        }
    }
    None
}

fn pick_operation(world: &World, src: &mut dyn Source) -> Option<usize> {
    let all: Vec<usize> =
        (0..world.surface.operations.len()).filter(|index| world.may_send(*index)).collect();
    src.pick(&all).copied()
}

fn single(world: &World, sender: &str, family: Family, src: &mut dyn Source) -> Option<Case> {
    let operation = pick_operation(world, src)?;
    let manner = *src.pick(&[Manner::Random, Manner::Minimal, Manner::Full])?;
    let draft = request(world, operation, sender, manner, src)?;
    let edits = edits(world, &draft, family, src)?;
    let mut case = draft.open("explore", world);
    case.steps.push(draft.step("attack", Role::Attack, edits));
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

fn edits(world: &World, draft: &Draft, family: Family, src: &mut dyn Source) -> Option<Vec<Edit>> {
    let body = draft.request().body.as_ref();
    let is_json = body.is_some_and(|body| matches!(body.content, Content::Json(_)));
    let inputs = draft.inputs();
    match family {
        Family::Valid => Some(Vec::new()),
        Family::EditedBody => {
            let nodes: Vec<Place> = inputs.into_iter().filter(|at| matches!(at, Place::Node(_))).collect();
            let amount = 1 + src.int(0..=2);
            let edits = (0..amount).filter_map(|_| {
                let place = src.pick(&nodes)?.clone();
                if src.ratio(1, 6) { Some(Edit::remove(place)) } else { provocation(place, src) }
            });
            let edits: Vec<_> = edits.collect();
            (!edits.is_empty()).then_some(edits)
        }
        Family::ForgedToken => (draft.identity != crate::case::ANONYMOUS
            && world.operation(draft.operation).needs_credential() != Some(false))
        .then(|| vec![Edit::forge(forgery(src))]),
        Family::MediaType => {
            body?;
            let documented = &world.operation(draft.operation).bodies;
            let other: Vec<&str> = MEDIA_TYPES
                .into_iter()
                .filter(|name| documented.iter().all(|body| !covers(&body.media_type, name)))
                .collect();
            Some(vec![if src.ratio(1, 6) {
                Edit::remove(Place::MediaType)
            } else {
                Edit::set(Place::MediaType, *src.pick(&other)?)
            }])
        }
        Family::MalformedJson => is_json.then(|| vec![broken_json(src)]),
        Family::Injection => {
            let place = src.pick(&inputs)?.clone();
            Some(vec![Edit::append(place, *src.pick(&INJECTIONS)?)])
        }
        Family::Any | Family::Sequence(..) => None,
    }
}

/// Whether a documented media type, which may be a range, covers another.
fn covers(documented: &str, name: &str) -> bool {
    let plain = documented.split(';').next().unwrap_or_default().trim();
    plain == "*/*"
        || plain.eq_ignore_ascii_case(name)
        || plain.strip_suffix("/*").is_some_and(|family| name.starts_with(family))
}

fn forgery(src: &mut dyn Source) -> Forgery {
    let mut forgery = Forgery::default();
    match src.int(0..=5) {
        0 => {
            forgery.header.insert("alg".to_owned(), "none".into());
            forgery.signature = Signature::Empty;
        }
        1 => forgery.signature = Signature::Empty,
        2 => forgery.signature = Signature::Absent,
        3 => forgery.signature = Signature::Random,
        4 => {
            forgery.signature =
                Signature::Flip(*src.pick(&[FlipAt::First, FlipAt::Middle]).unwrap_or(&FlipAt::First));
        }
        _ => {
            forgery.claims.insert("sub".to_owned(), "somebody-else".into());
        }
    }
    forgery
}

/// Requests that refer to one object of a kind refer to the same one: it is made once.
fn sequence(world: &World, sender: &str, least: usize, most: usize, src: &mut dyn Source) -> Option<Case> {
    let length = src.int(least.max(1) as u64..=most.max(1) as u64);
    let mut case: Option<Case> = None;
    for index in 0..length {
        let operation = pick_operation(world, src)?;
        let Some(mut draft) = request(world, operation, sender, Manner::Random, src) else { continue };
        // Each request is one of its own; what they need is shared by its name.
        let name = format!("request-{}", index + 1);
        let made: Vec<String> = case
            .iter()
            .flat_map(|case| &case.steps)
            .chain(&draft.setup)
            .map(|step| step.name.clone())
            .collect();
        for base in draft.bases.iter_mut().filter(|base| base.name == draft.target) {
            base.name.clone_from(&name);
            base.request.each_value_mut(&mut |value| apart(value, &name, &made, src));
        }
        draft.target.clone_from(&name);
        match &mut case {
            Some(case) => draft.append_to(case, world),
            None => case = Some(draft.open("explore", world)),
        }
        case.as_mut()?.steps.push(Step::send(&name, Role::Attack, sender, &name, Vec::new()));
    }
    let mut case = case?;
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

/// Fresh values of different requests are different ones, and an object may be any that was made of its kind.
fn apart(value: &mut Value, name: &str, made: &[String], src: &mut dyn Source) {
    use crate::case::Dynamic;
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| apart(item, name, made, src)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(_, value)| apart(value, name, made, src));
        }
        Value::Dynamic(leaf) => match &mut **leaf {
            Dynamic::Fresh(fresh) => fresh.name = format!("{name}{}", fresh.name),
            Dynamic::Ref(reference) => {
                let kind = reference.step.rfind("make-").map(|at| reference.step[at..].to_owned());
                let alike = |step: &&String| kind.as_ref().is_some_and(|kind| step.ends_with(kind.as_str()));
                let alike: Vec<_> = made.iter().filter(alike).collect();
                if src.ratio(1, 2)
                    && let Some(other) = src.pick(&alike)
                {
                    reference.step.clone_from(other);
                }
            }
            _ => {}
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::generate::Seeded;
    use crate::surface::Surface;

    fn world() -> World {
        let surface = Surface::from_openapi_text(proofhouse_range::openapi(), "range").expect("a document");
        World::assumed(Arc::new(surface), ["alice", "bob"])
    }

    fn drawn(family: Family, seeds: std::ops::Range<u64>) -> Vec<Case> {
        let world = world();
        seeds.filter_map(|seed| draw_family(&world, family, &mut Seeded::new(seed))).collect()
    }

    fn last_edits(case: &Case) -> &[Edit] {
        case.steps.last().and_then(Step::request).map_or(&[], |send| &send.edits)
    }

    #[test]
    fn every_family_can_be_drawn_and_read_back() {
        for family in SINGLE.into_iter().chain([Family::Any, Family::Sequence(2, 6)]) {
            let cases = drawn(family, 0..60);
            assert!(cases.len() > 50, "{family:?}: {}", cases.len());
            for case in &cases {
                let read = Case::from_json(case.to_json().as_bytes()).expect("a case");
                assert_eq!(read.steps.len(), case.steps.len());
            }
        }
    }

    #[test]
    fn families_are_what_they_say() {
        assert!(drawn(Family::Valid, 0..60).iter().all(|case| last_edits(case).is_empty()));
        let at = |edit: &Edit| edit.place().clone();
        assert!(
            drawn(Family::EditedBody, 0..60)
                .iter()
                .flat_map(last_edits)
                .all(|edit| matches!(at(edit), Place::Node(_)))
        );
        assert!(
            drawn(Family::MediaType, 0..60)
                .iter()
                .flat_map(last_edits)
                .all(|edit| at(edit) == Place::MediaType)
        );
        assert!(
            drawn(Family::MalformedJson, 0..60)
                .iter()
                .flat_map(last_edits)
                .all(|edit| at(edit) == Place::Body)
        );
        assert!(
            drawn(Family::ForgedToken, 0..60)
                .iter()
                .flat_map(last_edits)
                .all(|edit| matches!(edit, Edit::ForgeToken { .. }))
        );
    }

    #[test]
    fn what_a_request_needs_is_made_before_it() {
        let order = |case: &&Case| case.operation == "GET /orders/{id}";
        let reads = drawn(Family::Valid, 0..400);
        let reads: Vec<_> = reads.iter().filter(order).collect();
        assert!(reads.len() > 5 && reads.iter().all(|case| case.steps.len() > 1), "{}", reads.len());
    }

    #[test]
    fn a_sequence_works_on_the_same_object() {
        let cases = drawn(Family::Sequence(6, 12), 0..200);
        let makes = |case: &Case| case.steps.iter().filter(|step| step.role == Role::Setup).count();
        let uses = |case: &Case| {
            let refers = |base: &&crate::case::Base| {
                serde_json::to_string(&base.request).is_ok_and(|text| text.contains("id-make-orders"))
            };
            case.bases.iter().filter(refers).count()
        };
        let shared = cases.iter().filter(|case| uses(case) >= 2 && makes(case) < uses(case) + 2).count();
        assert!(shared > 20, "{shared}");
    }
}
