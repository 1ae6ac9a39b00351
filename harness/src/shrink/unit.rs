//! Units: what can be taken away by itself or together with others of its kind.

use super::node::{Node, each_node};
use super::repair::{Repair, drop_steps};
use super::tidy::{tidy, tidy_all};
use crate::case::{Case, Content, Dynamic, Edit, Pairs, Request, Role, Step, Value};

/// A kind of units, and what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Baselines, excerpts and identities that nothing uses go.
    Unused,
    /// Steps go.
    Steps,
    /// Edits go.
    Edits,
    /// Bodies, query parameters, headers, cookies, fields of forms and parts go.
    Entries,
    /// Members, items and parts of concatenations go, the outermost first.
    Nodes,
    /// Overlaps, named connections and source addresses are cleared.
    Ties,
    /// Texts become `0` or `a`.
    Texts,
    /// Numbers become 0.
    Numbers,
    /// Repetitions, nestings, compressions and concatenations of one become what they hold.
    Wrappings,
    /// Members of forged headers and claims go.
    Claims,
}

/// Something that can be taken away. In their order, none shifts the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Unused,
    Step(usize),
    Edit(usize, usize),
    Body(usize),
    Entry(usize, Group, usize),
    Node(Node),
    Tie(usize, Tie),
    Claim(usize, usize, bool, String),
}

/// Entries of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Query,
    Header,
    Cookie,
    Field,
    Part,
}

const GROUPS: [Group; 5] = [Group::Query, Group::Header, Group::Cookie, Group::Field, Group::Part];

/// What ties a step to others or to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    Overlap,
    Connection,
    Source,
}

impl Kind {
    /// The units of a case; for nodes, those at one depth.
    pub(super) fn units(self, case: &Case, depth: usize) -> Vec<Unit> {
        match self {
            Self::Unused => {
                let mut tidied = case.clone();
                tidy_all(&mut tidied);
                if tidied == *case { Vec::new() } else { vec![Unit::Unused] }
            }
            // The last first: what depends on others goes before them.
            Self::Steps => free_steps(case).map(|(index, _)| Unit::Step(index)).rev().collect(),
            Self::Edits => {
                let edits = |(step, sends): (usize, &Step)| {
                    let count = sends.request().map_or(0, |send| send.edits.len());
                    (0..count).map(move |edit| Unit::Edit(step, edit))
                };
                free_steps(case).flat_map(edits).collect()
            }
            Self::Entries => entries(case),
            Self::Nodes => nodes(case, |node, _, spare| spare && node.depth() == depth),
            Self::Ties => free_steps(case).flat_map(|(index, step)| ties(index, step)).collect(),
            Self::Texts => nodes(case, |_, value, _| value.as_text().is_some_and(|text| text.len() > 1)),
            Self::Numbers => nodes(case, |_, value, _| match value {
                Value::Number(number) => number.as_f64() != Some(0.0),
                _ => false,
            }),
            Self::Wrappings => nodes(case, |_, value, _| unwrapped(value).is_some()),
            Self::Claims => claims(case),
        }
    }

    /// How many ways there are to take so many units away at once.
    pub(super) fn ways(self, units: usize) -> usize {
        match self {
            Self::Steps => 2,
            Self::Texts if units == 1 => 2,
            _ => 1,
        }
    }

    /// The case without these units, taken away in one of the ways.
    pub(super) fn without(self, case: &Case, units: &[Unit], way: usize) -> Option<Case> {
        let mut units = units.to_vec();
        units.sort_unstable();
        let mut simpler = if self == Self::Steps {
            let repair = if way == 0 { Repair::Plain } else { Repair::Drop };
            let steps: Vec<_> = units.iter().filter_map(Unit::step).collect();
            drop_steps(case, &steps, repair)?
        } else {
            let mut simpler = case.clone();
            units.iter().rev().for_each(|unit| self.take(&mut simpler, unit, way));
            simpler
        };
        tidy(&mut simpler, case);
        Some(simpler)
    }

    fn take(self, case: &mut Case, unit: &Unit, way: usize) {
        match unit {
            Unit::Unused => tidy_all(case),
            Unit::Step(_) => {}
            Unit::Edit(step, edit) => {
                if let Some(send) = case.steps[*step].request_mut() {
                    send.edits.remove(*edit);
                }
            }
            Unit::Body(base) => case.bases[*base].request.body = None,
            Unit::Entry(base, group, index) => group.remove(&mut case.bases[*base].request, *index),
            Unit::Tie(step, tie) => tie.clear(&mut case.steps[*step]),
            Unit::Claim(step, edit, header, name) => {
                let edit = case.steps[*step].request_mut().and_then(|send| send.edits.get_mut(*edit));
                if let Some(Edit::ForgeToken { forgery, .. }) = edit {
                    let members = if *header { &mut forgery.header } else { &mut forgery.claims };
                    members.shift_remove(name);
                }
            }
            Unit::Node(node) => match self {
                Self::Texts => node.change(case, |value| plain(value, way)),
                Self::Numbers => node.change(case, |value| *value = Value::Number(0.into())),
                Self::Wrappings => node.change(case, |value| {
                    if let Some(inner) = unwrapped(value) {
                        *value = inner;
                    }
                }),
                _ => node.remove(case),
            },
        }
    }
}

impl Unit {
    fn step(&self) -> Option<usize> {
        match self {
            Self::Step(index) => Some(*index),
            _ => None,
        }
    }
}

impl Group {
    fn len(self, request: &Request) -> usize {
        let content = request.body.as_ref().map(|body| &body.content);
        match (self, content) {
            (Self::Query, _) => request.query.0.len(),
            (Self::Header, _) => request.headers.0.len(),
            (Self::Cookie, _) => request.cookies.0.len(),
            (Self::Field, Some(Content::Form(fields))) => fields.0.len(),
            (Self::Part, Some(Content::Multipart(parts))) => parts.len(),
            _ => 0,
        }
    }

    fn remove(self, request: &mut Request, index: usize) {
        let remove = |pairs: &mut Pairs| drop(pairs.0.remove(index));
        let content = request.body.as_mut().map(|body| &mut body.content);
        match (self, content) {
            (Self::Query, _) => remove(&mut request.query),
            (Self::Header, _) => remove(&mut request.headers),
            (Self::Cookie, _) => remove(&mut request.cookies),
            (Self::Field, Some(Content::Form(fields))) => remove(fields),
            (Self::Part, Some(Content::Multipart(parts))) => drop(parts.remove(index)),
            _ => {}
        }
    }
}

impl Tie {
    fn clear(self, step: &mut Step) {
        match self {
            Self::Overlap => step.overlap = false,
            Self::Connection => step.connection = None,
            Self::Source => step.source = None,
        }
    }
}

/// The steps that are no controls, with their indices.
pub(super) fn free_steps(case: &Case) -> impl DoubleEndedIterator<Item = (usize, &Step)> {
    case.steps.iter().enumerate().filter(|(_, step)| step.role != Role::Control)
}

fn entries(case: &Case) -> Vec<Unit> {
    let mut units = Vec::new();
    for (index, base) in case.bases.iter().enumerate() {
        units.extend(base.request.body.is_some().then_some(Unit::Body(index)));
        for group in GROUPS {
            units.extend((0..group.len(&base.request)).map(|entry| Unit::Entry(index, group, entry)));
        }
    }
    units
}

fn nodes(case: &Case, wanted: impl Fn(&Node, &Value, bool) -> bool) -> Vec<Unit> {
    let mut units = Vec::new();
    each_node(case, &mut |node, value, spare| {
        if wanted(&node, value, spare) {
            units.push(Unit::Node(node));
        }
    });
    units
}

fn ties(index: usize, step: &Step) -> impl Iterator<Item = Unit> {
    let ties = [
        (step.overlap, Tie::Overlap),
        (step.connection.is_some(), Tie::Connection),
        (step.source.is_some(), Tie::Source),
    ];
    ties.into_iter().filter(|(tied, _)| *tied).map(move |(_, tie)| Unit::Tie(index, tie))
}

fn claims(case: &Case) -> Vec<Unit> {
    let mut units = Vec::new();
    for (step, sends) in free_steps(case) {
        for (edit, forged) in sends.request().into_iter().flat_map(|send| &send.edits).enumerate() {
            if let Edit::ForgeToken { forgery, .. } = forged {
                let claim = |header| move |name: &String| Unit::Claim(step, edit, header, name.clone());
                units.extend(forgery.header.keys().map(claim(true)));
                units.extend(forgery.claims.keys().map(claim(false)));
            }
        }
    }
    units
}

/// A text becomes the shortest of its own kind, or of the other.
fn plain(value: &mut Value, way: usize) {
    let digits = value.as_text().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    *value = Value::text(if digits == (way == 0) { "0" } else { "a" });
}

fn unwrapped(value: &Value) -> Option<Value> {
    let Value::Dynamic(leaf) = value else { return None };
    match &**leaf {
        Dynamic::Concat(parts) if parts.len() < 2 => {
            Some(parts.first().cloned().unwrap_or_else(|| Value::text("")))
        }
        Dynamic::Repeat(repeat) => Some(repeat.value.clone()),
        Dynamic::Nest(nest) => Some(Value::text(&nest.inner)),
        Dynamic::Compress(compress) => Some(compress.value.clone()),
        _ => None,
    }
}
