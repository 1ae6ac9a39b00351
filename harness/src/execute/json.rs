//! JSON as cases have it: names may stand twice, and texts need not be texts.

use std::io::Write as _;

use super::bind::{Bindings, Unbound};
use crate::case::{Dynamic, Value};
use crate::trace::Trace;

/// Writes a value without dynamic leaves as JSON; duplicate names stay, bytes that are not text go in raw.
pub(super) fn json(value: &Value) -> Vec<u8> {
    let mut text = Vec::with_capacity(128);
    // Without bindings nothing is unbound.
    let _ = write_json(value, &mut text, &mut |leaf, into| {
        write_leaf(leaf, into);
        Ok(())
    });
    text
}

/// The same with what its dynamic leaves are in this execution.
pub(super) fn bound_json(
    value: &Value,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<Vec<u8>, Unbound> {
    let mut text = Vec::with_capacity(256);
    write_json(value, &mut text, &mut |leaf, into| {
        match bindings.resolve_leaf(leaf, trace)? {
            Value::Dynamic(leaf) => write_leaf(&leaf, into),
            value => into.extend(json(&value)),
        }
        Ok(())
    })?;
    Ok(text)
}

fn write_leaf(leaf: &Dynamic, into: &mut Vec<u8>) {
    match leaf {
        Dynamic::Base64(bytes) => {
            into.push(b'"');
            into.extend(bytes);
            into.push(b'"');
        }
        Dynamic::Literal(json) => into.extend(json.to_string().as_bytes()),
        _ => into.extend(b"null"),
    }
}

fn write_json(
    value: &Value,
    into: &mut Vec<u8>,
    leaf: &mut dyn FnMut(&Dynamic, &mut Vec<u8>) -> Result<(), Unbound>,
) -> Result<(), Unbound> {
    match value {
        Value::Null => into.extend(b"null"),
        Value::Bool(true) => into.extend(b"true"),
        Value::Bool(false) => into.extend(b"false"),
        Value::Number(number) => {
            let _ = write!(into, "{number}");
        }
        Value::Text(text) => write_string(text, into),
        Value::List(items) => {
            into.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    into.push(b',');
                }
                write_json(item, into, leaf)?;
            }
            into.push(b']');
        }
        Value::Object(members) => {
            into.push(b'{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    into.push(b',');
                }
                write_string(key, into);
                into.push(b':');
                write_json(value, into, leaf)?;
            }
            into.push(b'}');
        }
        Value::Dynamic(dynamic) => leaf(dynamic, into)?,
    }
    Ok(())
}

fn write_string(text: &str, into: &mut Vec<u8>) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(into, text);
}
