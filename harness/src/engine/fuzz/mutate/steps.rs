//! Steps: dropped, doubled, swapped, put in from elsewhere; and objects that are taken from another step.

use super::Draw;
use crate::case::{Act, Case, Dynamic, Value};
use crate::engine::fuzz::budget::STEPS;
use crate::generate::{Source, World, rename_in, rename_references};
use crate::shrink::{tidy_all, without_steps};

/// The steps of a case that is no long one.
const SHORT: usize = 4;

/// Changes which steps there are.
pub(super) fn change(case: &mut Case, world: &World, draw: &Draw<'_>, src: &mut dyn Source) {
    let count = case.steps.len();
    let at = src.index(count);
    // Long cases cost as much as many short ones, and what they need is seldom all of it.
    if count > SHORT && src.ratio(1, 2) {
        return drop_one(case, at);
    }
    match src.int(0..=9) {
        0..=2 => drop_one(case, at),
        3 => double(case, at, src),
        4 if count > 1 => {
            let other = src.index(count);
            case.steps.swap(at, other);
        }
        5 => relink(case, src),
        _ => {
            if let Some(drawn) = draw(src) {
                // Behind all others most of the time: what it needs of them is there.
                let at = if src.ratio(3, 4) { count } else { at };
                join(case, drawn, at);
                case.note_identities(|name| world.role_of(name));
            }
        }
    }
}

fn drop_one(case: &mut Case, at: usize) {
    if case.steps.len() > 1
        && let Some(mut smaller) = without_steps(case, &[at])
    {
        tidy_all(&mut smaller);
        *case = smaller;
    }
}

/// The same step once more, with values of its own half of the time.
fn double(case: &mut Case, at: usize, src: &mut dyn Source) {
    let Some(mut step) = case.steps.get(at).cloned().filter(|_| case.steps.len() < STEPS) else { return };
    step.name = free(case, &step.name);
    if src.ratio(1, 2)
        && let Act::Request(send) = &mut step.act
        && let Some(mut base) = case.base(&send.base).cloned()
    {
        base.name = free(case, &base.name);
        send.base.clone_from(&base.name);
        case.bases.push(base);
    }
    let to = at + 1 + src.index(case.steps.len() - at);
    case.steps.insert(to.min(case.steps.len()), step);
}

/// A reference takes from another step of the same operation.
fn relink(case: &mut Case, src: &mut dyn Source) {
    let mut named: Vec<String> = Vec::new();
    case.each_value(&mut |value| {
        value.each_dynamic(&mut |leaf| {
            if let Dynamic::Ref(reference) = leaf {
                named.push(reference.step.clone());
            }
        });
    });
    let Some(old) = src.pick(&named).cloned() else { return };
    let operation = case.step(&old).and_then(|step| case.operation_of(step));
    let alike = case.steps.iter().filter(|step| step.name != old && case.operation_of(step) == operation);
    let alike: Vec<String> = alike.map(|step| step.name.clone()).collect();
    let (Some(new), nth) =
        (src.pick(&alike).cloned(), src.index(named.iter().filter(|n| **n == old).count()))
    else {
        return;
    };
    let mut left = Some(nth);
    case.bases.iter_mut().for_each(|base| {
        base.request.each_value_mut(&mut |value| retarget(value, &old, &new, &mut left));
    });
}

/// Changes the so manieth reference to a step.
fn retarget(value: &mut Value, old: &str, new: &str, left: &mut Option<usize>) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| retarget(item, old, new, left)),
        Value::Object(members) => members.iter_mut().for_each(|(_, value)| retarget(value, old, new, left)),
        Value::Dynamic(leaf) => match &mut **leaf {
            Dynamic::Ref(reference) if reference.step == old => match left {
                Some(0) => {
                    new.clone_into(&mut reference.step);
                    *left = None;
                }
                Some(more) => *more -= 1,
                None => {}
            },
            Dynamic::Concat(parts) => parts.iter_mut().for_each(|part| retarget(part, old, new, left)),
            _ => {}
        },
        _ => {}
    }
}

/// Puts another case's steps in, each name behind a prefix of its own, so that none means something else now.
pub(super) fn join(case: &mut Case, mut other: Case, at: usize) {
    let prefix = prefix(case);
    other.steps.truncate(STEPS.saturating_sub(case.steps.len()));
    for base in &mut other.bases {
        base.name.insert_str(0, &prefix);
        rename_references(&mut base.request, &prefix);
    }
    for step in &mut other.steps {
        step.name.insert_str(0, &prefix);
        match &mut step.act {
            Act::Request(send) => {
                send.base.insert_str(0, &prefix);
                let values = send.edits.iter_mut().filter_map(crate::case::Edit::value_mut);
                values.for_each(|value| rename_in(value, &prefix));
            }
            Act::Raw(value) => rename_in(value, &prefix),
            Act::Wait(wait) => wait.retry_after.iter_mut().for_each(|name| name.insert_str(0, &prefix)),
            Act::Hook(_) | Act::Log(_) => {}
        }
    }
    for excerpt in other.operations {
        if case.operations.iter().all(|known| known.name != excerpt.name) {
            case.operations.push(excerpt);
        }
    }
    case.bases.append(&mut other.bases);
    case.steps.splice(at..at, other.steps);
    tidy_all(case);
}

fn prefix(case: &Case) -> String {
    let is_free = |prefix: &String| {
        let names = case.bases.iter().map(|base| &base.name).chain(case.steps.iter().map(|step| &step.name));
        !names.into_iter().any(|name| name.starts_with(prefix.as_str()))
    };
    (1..=u32::MAX).map(|number| format!("{number}.")).find(is_free).unwrap_or_default()
}

fn free(case: &Case, name: &str) -> String {
    let plain = name.split('~').next().unwrap_or_default();
    let is_taken = |name: &str| case.step(name).is_some() || case.base(name).is_some();
    (2..=u32::MAX).map(|number| format!("{plain}~{number}")).find(|name| !is_taken(name)).unwrap_or_default()
}
