//! The brute force that a shrunk case has to withstand: everything that could still be taken away, one at a time.
//!
//! Written without the shrinker, so that one can be held against the other.

use std::cmp::Ordering;

use proofhouse::case::{Act, Case, Content, Dynamic, Edit, Pairs, Role, Step, Value};
use proofhouse::shrink::shortlex;

/// Every case that is simpler by one thing: a step that is no control (its references repaired either way), an edit
/// of one, a header, query parameter or cookie of a baseline, a node of a JSON body, half of a text. Left out is
/// what would not be read back as it is written, and what is larger when it is written: an object that is left with
/// one key that begins with `$` becomes a literal.
pub(crate) fn simpler(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    steps(case, &mut all);
    edits(case, &mut all);
    entries(case, &mut all);
    nodes(case, &mut all);
    halves(case, &mut all);
    all.retain(|simpler| {
        shortlex(simpler, case) == Ordering::Less
            && Case::from_json(simpler.to_json().as_bytes()).is_ok_and(|read| read == *simpler)
    });
    all
}

fn free(step: &Step) -> bool {
    step.role != Role::Control
}

fn changed(case: &Case, change: impl FnOnce(&mut Case)) -> Case {
    let mut case = case.clone();
    change(&mut case);
    case
}

fn steps(case: &Case, all: &mut Vec<Case>) {
    for (index, step) in case.steps.iter().enumerate().filter(|(_, step)| free(step)) {
        let bound = case.steps.iter().any(|other| !free(other) && names(other, &step.name));
        for plain in [true, false] {
            if !bound {
                all.push(changed(case, |case| {
                    case.steps.remove(index);
                    forget(case, &step.name, plain);
                }));
            }
        }
    }
}

fn edits(case: &Case, all: &mut Vec<Case>) {
    for (index, step) in case.steps.iter().enumerate().filter(|(_, step)| free(step)) {
        for edit in 0..step.request().map_or(0, |send| send.edits.len()) {
            all.push(changed(case, |case| {
                if let Some(send) = case.steps[index].request_mut() {
                    send.edits.remove(edit);
                }
            }));
        }
    }
}

fn entries(case: &Case, all: &mut Vec<Case>) {
    for (index, base) in case.bases.iter().enumerate() {
        for entry in 0..base.request.query.0.len() {
            all.push(changed(case, |case| drop(case.bases[index].request.query.0.remove(entry))));
        }
        for entry in 0..base.request.headers.0.len() {
            all.push(changed(case, |case| drop(case.bases[index].request.headers.0.remove(entry))));
        }
        for entry in 0..base.request.cookies.0.len() {
            all.push(changed(case, |case| drop(case.bases[index].request.cookies.0.remove(entry))));
        }
    }
}

fn nodes(case: &Case, all: &mut Vec<Case>) {
    for (index, base) in case.bases.iter().enumerate() {
        let Some(Content::Json(value)) = base.request.body.as_ref().map(|body| &body.content) else {
            continue;
        };
        let mut pruned = Vec::new();
        prune(value, &mut pruned);
        all.push(changed(case, |case| case.bases[index].request.body = None));
        for value in pruned {
            all.push(changed(case, |case| {
                if let Some(body) = &mut case.bases[index].request.body {
                    body.content = Content::Json(value);
                }
            }));
        }
    }
}

/// The value less one node, for each node in it.
fn prune(value: &Value, into: &mut Vec<Value>) {
    let count = match value {
        Value::List(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    };
    for index in 0..count {
        let mut inner = Vec::new();
        match value {
            Value::List(items) => {
                let mut rest = items.clone();
                rest.remove(index);
                into.push(Value::List(rest));
                prune(&items[index], &mut inner);
            }
            Value::Object(members) => {
                let mut rest = members.clone();
                rest.remove(index);
                into.push(Value::Object(rest));
                prune(&members[index].1, &mut inner);
            }
            _ => {}
        }
        for child in inner {
            let mut with = value.clone();
            match &mut with {
                Value::List(items) => items[index] = child,
                Value::Object(members) => members[index].1 = child,
                _ => {}
            }
            into.push(with);
        }
    }
}

fn halves(case: &Case, all: &mut Vec<Case>) {
    let mut count = 0;
    each_text(&mut case.clone(), &mut |_| count += 1);
    for wanted in 0..count {
        for first in [true, false] {
            let mut halved = false;
            let simpler = changed(case, |case| {
                let mut at = 0;
                each_text(case, &mut |text| {
                    if at == wanted && text.chars().count() > 1 {
                        let half = text.chars().count() / 2;
                        *text = if first {
                            text.chars().take(half).collect()
                        } else {
                            text.chars().skip(half).collect()
                        };
                        halved = true;
                    }
                    at += 1;
                });
            });
            all.extend(halved.then_some(simpler));
        }
    }
}

/// Every text of the baselines and of the steps that are no controls.
fn each_text(case: &mut Case, visit: &mut dyn FnMut(&mut String)) {
    each_value(case, &mut |value| inner_texts(value, visit));
}

fn inner_texts(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Text(text) => visit(text),
        Value::List(items) => items.iter_mut().for_each(|item| inner_texts(item, visit)),
        Value::Object(members) => members.iter_mut().for_each(|(_, value)| inner_texts(value, visit)),
        Value::Dynamic(leaf) => match &mut **leaf {
            Dynamic::Concat(parts) => parts.iter_mut().for_each(|part| inner_texts(part, visit)),
            Dynamic::Repeat(repeat) => inner_texts(&mut repeat.value, visit),
            Dynamic::Compress(compress) => inner_texts(&mut compress.value, visit),
            _ => {}
        },
        _ => {}
    }
}

fn each_value(case: &mut Case, visit: &mut dyn FnMut(&mut Value)) {
    case.bases.iter_mut().for_each(|base| base.request.each_value_mut(visit));
    for step in case.steps.iter_mut().filter(|step| free(step)) {
        match &mut step.act {
            Act::Request(send) => send.edits.iter_mut().filter_map(Edit::value_mut).for_each(&mut *visit),
            Act::Raw(value) => visit(value),
            _ => {}
        }
    }
}

/// Whether the step refers to the one of this name.
fn names(step: &Step, name: &str) -> bool {
    match &step.act {
        Act::Request(send) => send.edits.iter().filter_map(Edit::value).any(|value| mentions(value, name)),
        Act::Raw(value) => mentions(value, name),
        Act::Wait(wait) => wait.retry_after.as_deref() == Some(name),
        _ => false,
    }
}

fn mentions(value: &Value, name: &str) -> bool {
    let mut found = false;
    value.each_dynamic(&mut |leaf| found |= matches!(leaf, Dynamic::Ref(to) if to.step == name));
    found
}

/// The names of the steps that the case refers to and does not have.
pub(crate) fn dangling(case: &Case) -> Vec<String> {
    let mut names = Vec::new();
    case.each_value(&mut |value| {
        value.each_dynamic(&mut |leaf| names.extend(matches_ref(leaf)));
    });
    names.extend(case.steps.iter().filter_map(|step| match &step.act {
        Act::Wait(wait) => wait.retry_after.clone(),
        _ => None,
    }));
    names.retain(|name| case.step(name).is_none());
    names
}

fn matches_ref(leaf: &Dynamic) -> Option<String> {
    match leaf {
        Dynamic::Ref(to) => Some(to.step.clone()),
        _ => None,
    }
}

/// Repairs what refers to a step that is gone: by a plain value, or by dropping what held it where that can go.
fn forget(case: &mut Case, name: &str, plain: bool) {
    let stays = |value: &mut Value| mend(value, name, plain);
    let or_plain = |value: &mut Value| {
        if !stays(value) {
            *value = Value::text("1");
        }
    };
    let pairs = |pairs: &mut Pairs| pairs.0.retain_mut(|(_, value)| stays(value));
    for base in &mut case.bases {
        let request = &mut base.request;
        for (_, value) in &mut request.path_params.0 {
            or_plain(value);
        }
        pairs(&mut request.query);
        pairs(&mut request.headers);
        pairs(&mut request.cookies);
        match request.body.as_mut().map(|body| &mut body.content) {
            Some(Content::Form(fields)) => pairs(fields),
            Some(Content::Multipart(parts)) => parts.retain_mut(|part| stays(&mut part.value)),
            Some(Content::Json(_) | Content::Text(_)) | None => {}
        }
        request.body.take_if(|body| match &mut body.content {
            Content::Json(value) | Content::Text(value) => !stays(value),
            Content::Form(_) | Content::Multipart(_) => false,
        });
    }
    for step in &mut case.steps {
        match &mut step.act {
            Act::Request(send) => send.edits.retain_mut(|edit| edit.value_mut().is_none_or(stays)),
            Act::Raw(value) => or_plain(value),
            Act::Wait(wait) => drop(wait.retry_after.take_if(|to| to == name)),
            _ => {}
        }
    }
}

fn mend(value: &mut Value, name: &str, plain: bool) -> bool {
    match value {
        Value::List(items) => items.retain_mut(|item| mend(item, name, plain)),
        Value::Object(members) => members.retain_mut(|(_, value)| mend(value, name, plain)),
        Value::Dynamic(leaf) => match &mut **leaf {
            Dynamic::Ref(to) if to.step == name && plain => *value = Value::text("1"),
            Dynamic::Ref(to) if to.step == name => return false,
            Dynamic::Concat(parts) => parts.retain_mut(|part| mend(part, name, plain)),
            Dynamic::Repeat(repeat) => return mend(&mut repeat.value, name, plain),
            Dynamic::Compress(compress) => return mend(&mut compress.value, name, plain),
            _ => {}
        },
        _ => {}
    }
    true
}
