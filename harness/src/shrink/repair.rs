//! Dropping steps: whatever refers to one of them is repaired, one way or the other.

use crate::case::{Act, Case, Content, Dynamic, Pairs, Request, Role, Step, Value};

/// What stands where a reference stood.
const PLAIN: &str = "1";

/// How a reference to a dropped step is repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// A plain value takes its place.
    Plain,
    /// What held it goes with it; a plain value where that cannot go.
    Drop,
}

/// The case without these steps; `None` when a control refers to one of them.
pub(super) fn drop_steps(case: &Case, indices: &[usize], repair: Repair) -> Option<Case> {
    let gone: Vec<&str> =
        indices.iter().filter_map(|index| case.steps.get(*index)).map(|s| s.name.as_str()).collect();
    let stays = |step: &Step| !gone.contains(&step.name.as_str());
    if case.steps.iter().any(|step| step.role == Role::Control && stays(step) && refers(step, &gone)) {
        return None;
    }
    let mut case = case.clone();
    case.steps.retain(|step| !gone.contains(&step.name.as_str()));
    let mend = Mend { gone: &gone, repair };
    case.bases.iter_mut().for_each(|base| mend.request(&mut base.request));
    case.steps.iter_mut().for_each(|step| mend.step(step));
    Some(case)
}

/// The case without these steps; plain values stand where something referred to them.
#[cfg(feature = "libfuzzer")]
pub(crate) fn without_steps(case: &Case, indices: &[usize]) -> Option<Case> {
    drop_steps(case, indices, Repair::Plain)
}

/// Whether the step itself, not its baseline, refers to one of these steps.
fn refers(step: &Step, names: &[&str]) -> bool {
    match &step.act {
        Act::Request(send) => {
            send.edits.iter().filter_map(crate::case::Edit::value).any(|value| mentions(value, names))
        }
        Act::Raw(value) => mentions(value, names),
        Act::Wait(wait) => wait.retry_after.as_deref().is_some_and(|name| names.contains(&name)),
        Act::Hook(_) | Act::Log(_) => false,
    }
}

fn mentions(value: &Value, names: &[&str]) -> bool {
    let mut found = false;
    value.each_dynamic(&mut |leaf| {
        found |= matches!(leaf, Dynamic::Ref(reference) if names.contains(&reference.step.as_str()));
    });
    found
}

struct Mend<'a> {
    gone: &'a [&'a str],
    repair: Repair,
}

impl Mend<'_> {
    fn step(&self, step: &mut Step) {
        match &mut step.act {
            Act::Request(send) => {
                send.edits.retain_mut(|edit| edit.value_mut().is_none_or(|value| self.value(value)));
            }
            Act::Raw(value) => self.or_plain(value),
            Act::Wait(wait) => {
                wait.retry_after.take_if(|name| self.gone.contains(&name.as_str()));
            }
            Act::Hook(_) | Act::Log(_) => {}
        }
    }

    fn request(&self, request: &mut Request) {
        request.path_params.0.iter_mut().for_each(|(_, value)| self.or_plain(value));
        for pairs in [&mut request.query, &mut request.headers, &mut request.cookies] {
            self.pairs(pairs);
        }
        let stays = match request.body.as_mut().map(|body| &mut body.content) {
            Some(Content::Json(value) | Content::Text(value)) => self.value(value),
            Some(Content::Form(pairs)) => {
                self.pairs(pairs);
                true
            }
            Some(Content::Multipart(parts)) => {
                parts.retain_mut(|part| self.value(&mut part.value));
                true
            }
            None => true,
        };
        if !stays {
            request.body = None;
        }
    }

    fn pairs(&self, pairs: &mut Pairs) {
        pairs.0.retain_mut(|(_, value)| self.value(value));
    }

    fn or_plain(&self, value: &mut Value) {
        if !self.value(value) {
            *value = Value::text(PLAIN);
        }
    }

    /// Repairs what is inside; `false` when the value itself has to go.
    fn value(&self, value: &mut Value) -> bool {
        match value {
            Value::List(items) => items.retain_mut(|item| self.value(item)),
            Value::Object(members) => members.retain_mut(|(_, value)| self.value(value)),
            Value::Dynamic(leaf) => match &mut **leaf {
                Dynamic::Ref(reference) if self.gone.contains(&reference.step.as_str()) => {
                    if self.repair == Repair::Drop {
                        return false;
                    }
                    *value = Value::text(PLAIN);
                }
                Dynamic::Concat(parts) => parts.retain_mut(|part| self.value(part)),
                Dynamic::Repeat(repeat) => return self.value(&mut repeat.value),
                Dynamic::Compress(compress) => return self.value(&mut compress.value),
                _ => {}
            },
            _ => {}
        }
        true
    }
}
