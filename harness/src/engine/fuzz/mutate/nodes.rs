//! Nodes: members and items that come, go and change what they are.

use super::leaf;
use crate::case::{Case, Dynamic, Repeat, Value};
use crate::engine::fuzz::words::Words;
use crate::generate::Source;
use crate::shrink::{Node, each_node};

/// Changes the shape of one value.
pub(super) fn change(case: &mut Case, words: &Words, src: &mut dyn Source) {
    let mut nodes: Vec<(Node, bool)> = Vec::new();
    each_node(case, &mut |node, _, spare| nodes.push((node, spare)));
    let Some((node, spare)) = src.pick(&nodes).cloned() else { return };
    if spare && src.ratio(1, 4) {
        return node.remove(case);
    }
    let other = leaf::pick(case, src).map(|(_, value)| value);
    let name = src.pick(words.all()).cloned().unwrap_or_else(|| "a".to_owned());
    let kind = src.int(0..=5);
    let at = src.int(0..=u64::from(u32::MAX)) as usize;
    node.change(case, |value| match value {
        Value::Object(members) => object(members, name, other, kind, at),
        Value::List(items) => list(items, other, kind, at),
        value => single(value, other, kind, at),
    });
}

fn object(members: &mut Vec<(String, Value)>, name: String, other: Option<Value>, kind: u64, at: usize) {
    let length = members.len();
    let is_free = members.iter().all(|(known, _)| *known != name);
    match kind {
        0..=2 if is_free => members.push((name, other.unwrap_or(Value::Null))),
        3 if is_free && length > 0 => members[at % length].0 = name,
        4 if length > 1 => members.swap(at % length, (at / length) % length),
        _ if length > 0 => {
            let copied = members[at % length].1.clone();
            members[(at / length) % length].1 = copied;
        }
        _ => {}
    }
}

fn list(items: &mut Vec<Value>, other: Option<Value>, kind: u64, at: usize) {
    let length = items.len();
    match kind {
        0 | 1 if length > 0 => items.insert(at % length, items[(at / length) % length].clone()),
        2 if length > 1 => items.swap(at % length, (at / length) % length),
        3 => items.clear(),
        _ => items.push(other.unwrap_or(Value::Null)),
    }
}

fn single(value: &mut Value, other: Option<Value>, kind: u64, at: usize) {
    match kind {
        0 => *value = Value::Null,
        1 => *value = Value::List(vec![value.clone()]),
        2 => *value = Value::Number(odd(at)),
        3 if value.as_text().is_some_and(|text| !text.is_empty()) => {
            let times = 1 << (1 + at % 10);
            *value = Value::dynamic(Dynamic::Repeat(Repeat { value: value.clone(), times }));
        }
        4 => *value = Value::text(""),
        _ => *value = other.unwrap_or(Value::Null),
    }
}

/// Where number types end, and a little beyond.
fn odd(at: usize) -> serde_json::Number {
    let bit = 1_u64 << (at % 64);
    match at / 64 % 4 {
        0 => bit.into(),
        1 => (bit - 1).into(),
        2 => bit.wrapping_neg().cast_signed().into(),
        _ => 0.into(),
    }
}
