//! References go back: a step takes from what was answered before it.

use std::collections::BTreeSet;

use crate::case::{Act, Case, Dynamic, Edit, Step, Value};

/// Whether every reference names an earlier step.
pub(super) fn is_bound(case: &Case) -> bool {
    let mut before = BTreeSet::new();
    case.steps.iter().all(|step| {
        let bound = references(case, step).iter().all(|name| before.contains(name));
        before.insert(step.name.as_str());
        bound
    })
}

/// The steps that a step refers to.
fn references<'c>(case: &'c Case, step: &'c Step) -> Vec<&'c str> {
    let mut names = Vec::new();
    let mut take = |value: &'c Value| {
        value.each_dynamic(&mut |leaf| {
            if let Dynamic::Ref(reference) = leaf {
                names.push(reference.step.as_str());
            }
        });
    };
    match &step.act {
        Act::Request(send) => {
            case.base(&send.base).into_iter().for_each(|base| base.request.each_value(&mut take));
            send.edits.iter().filter_map(Edit::value).for_each(take);
        }
        Act::Raw(value) => take(value),
        Act::Wait(wait) => names.extend(wait.retry_after.as_deref()),
        Act::Hook(_) | Act::Log(_) => {}
    }
    names
}
