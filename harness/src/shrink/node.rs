//! Addresses of nodes: which value of a case, and the way down in it.

use crate::case::{Act, Case, Dynamic, Role, Value};

/// A node of a value. Roots are counted through the baselines, then through the steps that are no controls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    root: usize,
    way: Vec<usize>,
}

impl Node {
    /// How far below its root it is.
    pub(super) fn depth(&self) -> usize {
        self.way.len()
    }

    /// Calls `name` with what the node is called, from the outside in: its operation, its parameter or field, and the
    /// members on the way. What is called alike means the same in other cases. Nodes of edits have no name.
    #[cfg(feature = "libfuzzer")]
    pub(crate) fn each_name(&self, case: &Case, name: &mut dyn FnMut(&str)) {
        let mut root = 0;
        for base in &case.bases {
            base.request.each_named(&mut |parameter, value| {
                if root == self.root {
                    name(&base.operation);
                    name(parameter);
                    self.each_member(value, name);
                }
                root += 1;
            });
        }
    }

    #[cfg(feature = "libfuzzer")]
    fn each_member(&self, root: &Value, name: &mut dyn FnMut(&str)) {
        let mut at = root;
        for index in &self.way {
            let next = match at {
                Value::Object(members) => members.get(*index).map(|(member, value)| {
                    name(member);
                    value
                }),
                Value::List(items) => items.get(*index),
                _ => None,
            };
            let Some(next) = next else { return };
            at = next;
        }
    }

    /// Changes the node.
    pub(crate) fn change(&self, case: &mut Case, change: impl FnOnce(&mut Value)) {
        self.reach(case, &self.way, change);
    }

    /// Takes the node out of the list, object or concatenation that holds it.
    pub(crate) fn remove(&self, case: &mut Case) {
        let Some((last, way)) = self.way.split_last() else { return };
        self.reach(case, way, |holder| match holder {
            Value::List(items) if *last < items.len() => drop(items.remove(*last)),
            Value::Object(members) if *last < members.len() => drop(members.remove(*last)),
            Value::Dynamic(leaf) => match &mut **leaf {
                Dynamic::Concat(parts) if *last < parts.len() => drop(parts.remove(*last)),
                _ => {}
            },
            _ => {}
        });
    }

    fn reach(&self, case: &mut Case, way: &[usize], change: impl FnOnce(&mut Value)) {
        let mut change = Some(change);
        let mut root = 0;
        each_root_mut(case, &mut |value| {
            if root == self.root
                && let Some(node) = way.iter().try_fold(value, |at, index| child_mut(at, *index))
                && let Some(change) = change.take()
            {
                change(node);
            }
            root += 1;
        });
    }
}

/// Calls `visit` with every node that may be changed, in order, and whether its holder can do without it.
pub(crate) fn each_node<'a>(case: &'a Case, visit: &mut dyn FnMut(Node, &'a Value, bool)) {
    let mut root = 0;
    each_root(case, &mut |value| {
        walk(value, &mut Node { root, way: Vec::new() }, false, visit);
        root += 1;
    });
}

/// How far down the deepest node is.
pub(super) fn deepest(case: &Case) -> usize {
    let mut deepest = 0;
    each_node(case, &mut |node, _, _| deepest = deepest.max(node.depth()));
    deepest
}

fn walk<'a>(value: &'a Value, at: &mut Node, spare: bool, visit: &mut dyn FnMut(Node, &'a Value, bool)) {
    visit(at.clone(), value, spare);
    let (children, spare): (Vec<&Value>, bool) = match value {
        Value::List(items) => (items.iter().collect(), true),
        Value::Object(members) => (members.iter().map(|(_, value)| value).collect(), true),
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Concat(parts) => (parts.iter().collect(), true),
            Dynamic::Repeat(repeat) => (vec![&repeat.value], false),
            Dynamic::Compress(compress) => (vec![&compress.value], false),
            _ => return,
        },
        _ => return,
    };
    for (index, child) in children.into_iter().enumerate() {
        at.way.push(index);
        walk(child, at, spare, visit);
        at.way.pop();
    }
}

fn child_mut(value: &mut Value, index: usize) -> Option<&mut Value> {
    match value {
        Value::List(items) => items.get_mut(index),
        Value::Object(members) => members.get_mut(index).map(|(_, value)| value),
        Value::Dynamic(leaf) => match &mut **leaf {
            Dynamic::Concat(parts) => parts.get_mut(index),
            Dynamic::Repeat(repeat) => Some(&mut repeat.value),
            Dynamic::Compress(compress) => Some(&mut compress.value),
            _ => None,
        },
        _ => None,
    }
}

fn each_root<'a>(case: &'a Case, visit: &mut dyn FnMut(&'a Value)) {
    case.bases.iter().for_each(|base| base.request.each_value(visit));
    for step in case.steps.iter().filter(|step| step.role != Role::Control) {
        match &step.act {
            Act::Request(send) => {
                send.edits.iter().filter_map(crate::case::Edit::value).for_each(&mut *visit);
            }
            Act::Raw(value) => visit(value),
            _ => {}
        }
    }
}

fn each_root_mut(case: &mut Case, visit: &mut dyn FnMut(&mut Value)) {
    case.bases.iter_mut().for_each(|base| base.request.each_value_mut(visit));
    for step in case.steps.iter_mut().filter(|step| step.role != Role::Control) {
        match &mut step.act {
            Act::Request(send) => {
                send.edits.iter_mut().filter_map(crate::case::Edit::value_mut).for_each(&mut *visit);
            }
            Act::Raw(value) => visit(value),
            _ => {}
        }
    }
}
