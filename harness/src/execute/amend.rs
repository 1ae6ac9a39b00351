//! What edits make of values, pairs, parts and nodes.

use super::bind::{Bindings, Unbound};
use crate::case::{Dynamic, Edit, Pairs, Part, Value};
use crate::trace::Trace;

/// What an edit makes of one value; `None` takes it away.
pub(super) fn changed(
    old: Option<&Value>,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<Option<Value>, Unbound> {
    let mut old_bytes = || old.map_or(Ok(Vec::new()), |old| bindings.bytes(old, trace));
    Ok(Some(match edit {
        Edit::Remove { .. } => return Ok(None),
        Edit::Set { value, .. } | Edit::Duplicate { value, .. } => value.clone(),
        Edit::Append { value, .. } => {
            let mut text = old_bytes()?;
            text.extend(bindings.bytes(value, trace)?);
            bytes_value(text)
        }
        Edit::Insert { value, .. } => {
            let tail = old_bytes()?;
            let mut text = bindings.bytes(value, trace)?;
            text.extend(tail);
            bytes_value(text)
        }
        Edit::Splice { offset, delete, value, .. } => {
            let mut text = old_bytes()?;
            splice(&mut text, *offset, *delete, bindings.bytes(value, trace)?);
            bytes_value(text)
        }
        Edit::ForgeToken { .. } => return Err("only a credential is forged".to_owned()),
    }))
}

fn bytes_value(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Text(text),
        Err(error) => Value::dynamic(Dynamic::Base64(error.into_bytes())),
    }
}

fn splice(text: &mut Vec<u8>, offset: u32, delete: u32, value: Vec<u8>) {
    let from = (offset as usize).min(text.len());
    let to = from.saturating_add(delete as usize).min(text.len());
    text.splice(from..to, value);
}

pub(super) fn late(
    text: &mut Vec<u8>,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    let value = match edit.value() {
        Some(value) => bindings.bytes(value, trace)?,
        None => Vec::new(),
    };
    match edit {
        Edit::Remove { .. } => text.clear(),
        Edit::Set { .. } => *text = value,
        Edit::Append { .. } | Edit::Duplicate { .. } => text.extend(value),
        Edit::Insert { .. } => splice(text, 0, 0, value),
        Edit::Splice { offset, delete, .. } => splice(text, *offset, *delete, value),
        Edit::ForgeToken { .. } => {}
    }
    Ok(())
}

pub(super) fn pair(
    pairs: &mut Pairs,
    name: &str,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    if let Edit::Duplicate { value, .. } = edit {
        let at = pairs.0.iter().position(|(key, _)| key == name).map_or(pairs.0.len(), |at| at + 1);
        pairs.0.insert(at, (name.to_owned(), value.clone()));
        return Ok(());
    }
    match changed(pairs.get(name), edit, bindings, trace)? {
        Some(value) => pairs.set(name, value),
        None => pairs.remove(name),
    }
    Ok(())
}

pub(super) fn part(
    parts: &mut Vec<Part>,
    name: &str,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    let at = parts.iter().position(|part| part.name == name);
    let new = changed(at.map(|at| &parts[at].value), edit, bindings, trace)?;
    match (at, new) {
        (Some(at), Some(value)) if matches!(edit, Edit::Duplicate { .. }) => {
            let again = Part { value, ..parts[at].clone() };
            parts.insert(at + 1, again);
        }
        (Some(at), Some(value)) => parts[at].value = value,
        (Some(at), None) => {
            parts.remove(at);
        }
        (None, Some(value)) => {
            parts.push(Part { name: name.to_owned(), filename: None, media_type: None, value });
        }
        (None, None) => {}
    }
    Ok(())
}

pub(super) fn json_node(
    root: &mut Value,
    pointer: &str,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    let new = changed(root.pointer(pointer), edit, bindings, trace)?;
    if pointer.is_empty() {
        *root = new.unwrap_or(Value::Null);
        return Ok(());
    }
    let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
    let last = last.replace("~1", "/").replace("~0", "~");
    let missing = || format!("the body has nothing at `{parent}`");
    match root.pointer_mut(parent).ok_or_else(missing)? {
        Value::Object(members) => {
            let at = members.iter().position(|(key, _)| *key == last);
            match (at, new) {
                (Some(at), Some(value)) if matches!(edit, Edit::Duplicate { .. }) => {
                    members.insert(at + 1, (last, value));
                }
                (Some(at), Some(value)) => members[at].1 = value,
                (None, Some(value)) => members.push((last, value)),
                (Some(at), None) => {
                    members.remove(at);
                }
                (None, None) => {}
            }
            Ok(())
        }
        Value::List(items) => {
            let at = last.parse::<usize>().unwrap_or(items.len());
            match new {
                Some(value) if at < items.len() && !matches!(edit, Edit::Duplicate { .. }) => {
                    items[at] = value;
                }
                Some(value) => items.insert((at + 1).min(items.len()), value),
                None if at < items.len() => {
                    items.remove(at);
                }
                None => {}
            }
            Ok(())
        }
        _ => Err(missing()),
    }
}
