//! Exploring cases: a valid request with a few edits that provoke, for whoever looks at the answers.

use std::sync::Arc;

use super::draft::Draft;
use super::source::Source;
use super::world::World;
use crate::case::{Case, Content, Edit, Place, Role, Value};

/// Texts that parsers, interpreters and people's assumptions stumble over. None does anything by itself.
const PROVOKING: &[&str] = &[
    "'",
    "\"",
    "'\"",
    "\\",
    "%",
    "%00",
    "%s%n",
    "{{",
    "${",
    "../",
    "..\\",
    "<",
    "&",
    ";",
    "|",
    "\u{0}",
    "\u{7f}",
    "\u{202e}",
    "\u{feff}",
    "ÿ",
    "𝕏",
    "-1",
    "0",
    "1e309",
    "NaN",
    "9223372036854775808",
    "null",
    "true",
    "[]",
    "{}",
    "2024-02-30",
    "00000000-0000-0000-0000-000000000000",
    "",
];

/// What can be explored: for each operation and identity, the valid requests to start from.
#[derive(Debug, Default)]
pub struct Explorer(Vec<(String, Vec<Start>)>);

/// A valid request and its inputs.
#[derive(Debug)]
struct Start {
    draft: Arc<Draft>,
    /// A case that begins with it.
    opened: Case,
    inputs: Vec<Place>,
}

impl Explorer {
    /// All that this world may send.
    pub fn new(world: &World) -> Self {
        let reached = world.access.iter().filter(|((operation, _), access)| {
            access.draft.is_some()
                && (access.granted || access.status.is_some())
                && allowed(world, *operation)
        });
        let starts = reached.map(|((_, identity), access)| {
            let drafts = access.variants.values().chain(&access.full);
            let drafts = drafts.chain(access.invented.as_ref().or(access.draft.as_ref()));
            let starts = drafts.map(|draft| Start {
                draft: Arc::clone(draft),
                opened: draft.open("explore", world),
                inputs: draft.inputs(),
            });
            (identity.clone(), starts.collect())
        });
        Self(starts.collect())
    }

    /// A case of no check in particular: what passive checks look at. `None` when nothing can be sent.
    pub fn draw(&self, world: &World, src: &mut dyn Source) -> Option<Case> {
        let (identity, starts) = src.pick(&self.0)?;
        let start = src.pick(starts)?;
        let draft = &start.draft;
        let mut case = start.opened.clone();
        let edits = (0..=src.int(0..=2)).filter_map(|_| start.provoke(src)).collect();
        let mut step = draft.step("attack", Role::Attack, edits);
        step.identity.clone_from(identity);
        case.steps.push(step);
        case.note_identities(|name| world.role_of(name));
        (!src.exhausted()).then_some(case)
    }
}

/// What may be sent many times over: safe methods, and creations of our own.
pub(super) fn allowed(world: &World, operation: usize) -> bool {
    let operation = world.operation(operation);
    operation.is_safe()
        || (!world.settings.safe_only && matches!(operation.method.as_str(), "POST" | "PUT" | "PATCH"))
}

impl Start {
    fn provoke(&self, src: &mut dyn Source) -> Option<Edit> {
        let has_json =
            matches!(self.draft.request().body.as_ref().map(|body| &body.content), Some(Content::Json(_)));
        if has_json && src.ratio(1, 5) {
            return Some(broken_json(src));
        }
        let place = src.pick(&self.inputs)?.clone();
        let text = *src.pick(PROVOKING)?;
        Some(match src.int(0..=11) {
            0..=2 => Edit::set(place, text),
            3..=8 => Edit::append(place, text),
            // Rarely, and not the longest: the sweep has sent those to every input, and they cost as much as ten others.
            9 => {
                let text = if text.is_empty() { "A" } else { text };
                let times = u32::try_from(src.int(300..=3_000)).unwrap_or(300) / text.len() as u32;
                let (value, times) = (Value::text(text), times.max(1));
                Edit::set(
                    place,
                    Value::dynamic(crate::case::Dynamic::Repeat(crate::case::Repeat { value, times })),
                )
            }
            _ => {
                let odd = [
                    serde_json::json!(null),
                    serde_json::json!([1]),
                    serde_json::json!({"a": 1}),
                    serde_json::json!(-1.5),
                ];
                Edit::set(place, Value::from(src.pick(&odd)?.clone()))
            }
        })
    }
}

fn broken_json(src: &mut dyn Source) -> Edit {
    let whole =
        ["{", "[", "\"", "{\"a\":}", "nul", "{\"a\":1,}", "[1 2]", "\u{feff}{}", "{'a':1}", "1.", "\\"];
    match src.int(0..=1) {
        0 => Edit::set(Place::Body, *src.pick(&whole).unwrap_or(&"{")),
        _ => Edit::append(Place::Body, *src.pick(&whole).unwrap_or(&"{")),
    }
}
