//! Exploring cases: a valid request with a few edits that provoke, for whoever looks at the answers.

use std::sync::Arc;

use super::draft::Draft;
use super::source::Source;
use super::world::World;
use crate::case::{ANONYMOUS, Case, Content, Edit, Place, Request, Role, Step, Value};

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

/// What can be explored: for each operation and identity, the valid requests to start from, and cases that showed
/// something new.
#[derive(Clone, Debug, Default)]
pub struct Explorer {
    valid: Arc<Vec<(String, Vec<Start>)>>,
    /// The newest last.
    interesting: Vec<Arc<Start>>,
}

/// Where exploring begins.
#[derive(Debug)]
struct Start {
    /// The case up to its attack.
    opened: Case,
    attack: Step,
    inputs: Vec<Place>,
    has_json: bool,
}

/// The last of what was interesting has most of the energy.
const RECENT: usize = 48;
/// Edits of one request.
const EDITS: usize = 4;

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
            (identity.clone(), drafts.map(|draft| Start::valid(draft, identity, world)).collect())
        });
        Self { valid: Arc::new(starts.collect()), interesting: Vec::new() }
    }

    /// Spends energy around a case that showed something new. Whether this world may send it.
    pub fn add(&mut self, case: &Case, world: &World) -> bool {
        let start = Start::again(case, world).map(Arc::new);
        let is_added = start.is_some();
        self.interesting.extend(start);
        is_added
    }

    /// A case of no check in particular: what passive checks look at. `None` when nothing can be sent.
    pub fn draw(&self, world: &World, src: &mut dyn Source) -> Option<Case> {
        let (start, begun) = self.start(src)?;
        let mut case = start.opened.clone();
        let mut attack = start.attack.clone();
        let edits = &mut attack.request_mut()?.edits;
        if begun && !edits.is_empty() && (edits.len() >= EDITS || src.ratio(1, 3)) {
            let at = src.int(0..=edits.len() as u64 - 1) as usize;
            edits.remove(at);
        }
        let more = 1 + src.int(0..=if begun { 1 } else { 2 });
        for _ in 0..more {
            if edits.len() < EDITS {
                edits.extend(start.provoke(src));
            }
        }
        case.steps.push(attack);
        case.note_identities(|name| world.role_of(name));
        (!src.exhausted()).then_some(case)
    }

    /// Where to begin, and whether something was done to it already.
    fn start(&self, src: &mut dyn Source) -> Option<(&Start, bool)> {
        if !self.interesting.is_empty() && src.ratio(1, 3) {
            let recent = &self.interesting[self.interesting.len().saturating_sub(RECENT)..];
            let all = if src.ratio(1, 2) { recent } else { &self.interesting };
            return Some((src.pick(all)?, true));
        }
        let (_, starts) = src.pick(&self.valid)?;
        Some((src.pick(starts)?, false))
    }
}

/// What may be sent many times over: safe methods, and creations of our own.
pub(super) fn allowed(world: &World, operation: usize) -> bool {
    let operation = world.operation(operation);
    operation.is_safe()
        || (!world.settings.safe_only && matches!(operation.method.as_str(), "POST" | "PUT" | "PATCH"))
}

impl Start {
    fn valid(draft: &Draft, identity: &str, world: &World) -> Self {
        let mut attack = draft.step("attack", Role::Attack, Vec::new());
        identity.clone_into(&mut attack.identity);
        Self {
            opened: draft.open("explore", world),
            attack,
            inputs: draft.request().inputs(),
            has_json: has_json(draft.request()),
        }
    }

    /// A case of an earlier run, as far as this one may send it: who sends and what is sent must be known here.
    fn again(case: &Case, world: &World) -> Option<Self> {
        let mut opened = case.clone();
        let attack = opened.steps.pop().filter(|step| step.role == Role::Attack)?;
        let operation = world.surface.named(case.operation_of(&attack)?)?.0;
        let is_known = |step: &Step| {
            let known = world.profiles.iter().any(|profile| profile.alive && profile.name == step.identity);
            step.request().is_some() && (known || step.identity == ANONYMOUS)
        };
        if !allowed(world, operation) || !world.may_send(operation) || !case.steps.iter().all(is_known) {
            return None;
        }
        let request = &case.base(&attack.request()?.base)?.request;
        let (inputs, has_json) = (request.inputs(), has_json(request));
        Some(Self { opened, attack, inputs, has_json })
    }

    fn provoke(&self, src: &mut dyn Source) -> Option<Edit> {
        if self.has_json && src.ratio(1, 5) {
            return Some(broken_json(src));
        }
        provocation(src.pick(&self.inputs)?.clone(), src)
    }
}

/// An edit of this place that provokes.
pub(crate) fn provocation(place: Place, src: &mut dyn Source) -> Option<Edit> {
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

fn has_json(request: &Request) -> bool {
    matches!(request.body.as_ref().map(|body| &body.content), Some(Content::Json(_)))
}

/// An edit that leaves no JSON, or none of the documented kind.
pub(crate) fn broken_json(src: &mut dyn Source) -> Edit {
    let whole =
        ["{", "[", "\"", "{\"a\":}", "nul", "{\"a\":1,}", "[1 2]", "\u{feff}{}", "{'a':1}", "1.", "\\"];
    match src.int(0..=1) {
        0 => Edit::set(Place::Body, *src.pick(&whole).unwrap_or(&"{")),
        _ => Edit::append(Place::Body, *src.pick(&whole).unwrap_or(&"{")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Base, Pairs};
    use crate::generate::{Access, Seeded};
    use crate::surface::{Operation, Surface};

    /// A world with one search that anybody may use.
    fn world() -> World {
        let operation =
            Operation { method: "GET".to_owned(), path: "/menu".to_owned(), ..Operation::default() };
        let request = Request {
            method: "GET".to_owned(),
            path: "/menu".to_owned(),
            query: Pairs(vec![("q".to_owned(), Value::text("soup"))]),
            ..Request::default()
        };
        let base = Base { name: "target".to_owned(), operation: operation.name(), request };
        let draft = Draft {
            operation: 0,
            identity: ANONYMOUS.to_owned(),
            setup: Vec::new(),
            bases: vec![base],
            target: "target".to_owned(),
        };
        let access =
            Access { draft: Some(Arc::new(draft)), granted: true, status: Some(200), ..Access::default() };
        World {
            surface: Arc::new(Surface { operations: vec![operation], ..Surface::default() }),
            access: [((0, ANONYMOUS.to_owned()), access)].into(),
            ..World::default()
        }
    }

    fn edits(case: &Case) -> &[Edit] {
        &case.steps.last().and_then(Step::request).expect("an attack").edits
    }

    #[test]
    fn a_third_of_the_energy_goes_to_what_was_interesting() {
        let (world, mark) = (world(), Edit::append(Place::Query("q".to_owned()), "the-interesting-one"));
        let mut explorer = Explorer::new(&world);
        let drawn = |explorer: &Explorer| -> Vec<Case> {
            let draw = |index: u64| explorer.draw(&world, &mut Seeded::derive(index, &["test"]));
            (0..600).filter_map(draw).collect()
        };
        let begun = |cases: &[Case]| cases.iter().filter(|case| edits(case).contains(&mark)).count();
        let plain = drawn(&explorer);
        assert_eq!((plain.len(), begun(&plain)), (600, 0));
        let mut case = plain[0].clone();
        case.steps.last_mut().and_then(Step::request_mut).expect("an attack").edits = vec![mark.clone()];
        assert!(explorer.add(&case, &world));
        let around = drawn(&explorer);
        // A third of them, less those that lost the edit again.
        assert!((90..=220).contains(&begun(&around)), "{}", begun(&around));
        assert!(around.iter().all(|case| (1..=EDITS).contains(&edits(case).len())));
    }

    #[test]
    fn what_this_run_may_not_send_is_nothing_to_begin_with() {
        let mut world = world();
        let mut explorer = Explorer::new(&world);
        let case = explorer.draw(&world, &mut Seeded::derive(1, &["test"])).expect("a case");
        let mut stranger = case.clone();
        stranger.steps.iter_mut().for_each(|step| "mallory".clone_into(&mut step.identity));
        assert!(!explorer.add(&stranger, &world), "nobody here is called so");
        Arc::make_mut(&mut world.surface).operations.clear();
        assert!(!explorer.add(&case, &world), "the operation is gone");
    }
}
