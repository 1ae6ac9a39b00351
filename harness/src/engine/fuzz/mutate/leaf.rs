//! Leaves: one text, number or run of bytes at a time, mostly by libFuzzer's own mutator.

use super::Bytes;
use crate::case::{Case, Dynamic, FreshKind, Value};
use crate::engine::fuzz::hints::Hints;
use crate::engine::fuzz::words::Words;
use crate::generate::Source;
use crate::shrink::{Node, each_node};

/// The longest text that is grown further.
const LONGEST: usize = 4_096;

/// Changes one leaf.
pub(super) fn change(case: &mut Case, words: &Words, bytes: &mut Bytes<'_>, src: &mut dyn Source) {
    let Some((node, value)) = pick(case, src) else { return };
    let new = match src.int(0..=15) {
        // What stands elsewhere in the case: two that are equal are a state of their own. Of another kind it is
        // refused nearly everywhere, and teaches the fuzzer the many ways of refusing.
        0 => {
            pick(case, src).map(|(_, other)| other).filter(|other| is_kind(other, &value) || src.ratio(1, 8))
        }
        1 if matches!(value, Value::Text(_)) => src.pick(words.all()).map(Value::text),
        _ => Some(mutated(&value, words, bytes, src)),
    };
    if let Some(new) = new {
        node.change(case, |value| *value = new);
    }
}

/// Makes one leaf what the service compared it with; `false`: nothing is known of any.
pub(super) fn hinted(case: &mut Case, hints: &mut Hints, src: &mut dyn Source) -> bool {
    let Some((node, new)) = hints.take(case, src) else { return false };
    node.change(case, |value| *value = new);
    true
}

/// One of the leaves.
pub(super) fn pick(case: &Case, src: &mut dyn Source) -> Option<(Node, Value)> {
    let mut count = 0;
    each_node(case, &mut |_, value, _| count += usize::from(is_leaf(value)));
    // What came last is what showed something new, more often than not.
    let mut left = src.index(count);
    if src.ratio(1, 2) {
        left = left.max(src.index(count));
    }
    let mut found = None;
    each_node(case, &mut |node, value, _| {
        if is_leaf(value) {
            if left == 0 && found.is_none() {
                found = Some((node, value.clone()));
            }
            left = left.saturating_sub(1);
        }
    });
    found
}

fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => true,
        Value::Dynamic(leaf) => {
            matches!(**leaf, Dynamic::Base64(_) | Dynamic::Repeat(_) | Dynamic::Fresh(_))
        }
        Value::Null | Value::List(_) | Value::Object(_) => false,
    }
}

fn is_kind(one: &Value, other: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

fn mutated(value: &Value, words: &Words, bytes: &mut Bytes<'_>, src: &mut dyn Source) -> Value {
    match value {
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Number(number) => {
            let whole = number.as_i64().or_else(|| number.as_u64().map(u64::cast_signed));
            match whole.filter(|_| src.ratio(7, 8)) {
                Some(whole) => little_endian(whole, bytes, src),
                None => decimal(&number.to_string(), bytes, src),
            }
        }
        // One of several words is hardly ever any text.
        Value::Text(text) if words.has(text) && src.ratio(3, 4) => {
            src.pick(words.all()).map_or(Value::Null, Value::text)
        }
        Value::Text(text) if src.ratio(1, 3) => Value::Text(resized(text, src)),
        Value::Text(text) => text_of(grown(text.as_bytes(), bytes, src), src),
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Base64(raw) => text_of(grown(raw, bytes, src), src),
            Dynamic::Repeat(repeat) => {
                let mut repeat = repeat.clone();
                let times = i64::from(repeat.times);
                if let Value::Number(times) = little_endian(times, bytes, src) {
                    repeat.times = times.as_u64().map_or(1, |times| times.clamp(1, 1 << 16) as u32);
                }
                Value::dynamic(Dynamic::Repeat(repeat))
            }
            // What was new each time is some value now.
            Dynamic::Fresh(fresh) if fresh.kind == FreshKind::Integer => {
                Value::Number(src.int(0..=255).into())
            }
            Dynamic::Fresh(_) => {
                let length = 1 + src.index(12);
                Value::text(src.text_of(b"abcxyz019", length))
            }
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

/// The digits as text. What is no number any more is a text; parsers are written by hand, too.
fn decimal(digits: &str, bytes: &mut Bytes<'_>, src: &mut dyn Source) -> Value {
    let new = grown(digits.as_bytes(), bytes, src);
    match serde_json::from_slice::<serde_json::Number>(&new) {
        Ok(number) => Value::Number(number),
        Err(_) if src.ratio(1, 8) => text_of(new, src),
        Err(_) => Value::Number(0.into()),
    }
}

/// The text with another length: conditions on lengths are met by growing and cutting, whatever the text says.
fn resized(text: &str, src: &mut dyn Source) -> String {
    let length = text.len();
    let near = 1 + src.index(16);
    let new = match src.int(0..=7) {
        0 => length + 1,
        1 => length.saturating_sub(1),
        2 => length + near,
        3 => length.saturating_sub(near),
        4 => length / 2,
        _ => length * 2 + near,
    };
    stretched(text, new.min(LONGEST))
}

/// The text again and again, cut where it is so long.
pub(in crate::engine::fuzz) fn stretched(text: &str, length: usize) -> String {
    let again = if text.is_empty() { "a" } else { text };
    let mut long = again.repeat(length / again.len() + 1);
    let mut end = length.min(long.len());
    while !long.is_char_boundary(end) {
        end -= 1;
    }
    long.truncate(end);
    // A letter of several bytes leaves a gap.
    long.extend(std::iter::repeat_n('a', length - end));
    long
}

/// The number as the machine holds it: what the code compares it with lies in memory just so, and a comparison of a
/// half of it can be answered by putting in a half.
fn little_endian(whole: i64, bytes: &mut Bytes<'_>, src: &mut dyn Source) -> Value {
    let fits = |width: usize| width == 8 || (whole >> (8 * width - 1)) == 0 || (whole >> (8 * width)) == 0;
    let widths: Vec<usize> = [2, 4, 8].into_iter().filter(|width| fits(*width)).collect();
    // What has outgrown its type is refused before anything looks at it.
    let width = if src.ratio(3, 4) { widths[0] } else { *src.pick(&widths).unwrap_or(&8) };
    let mut raw = whole.to_le_bytes();
    match src.int(0..=7) {
        // One bit nearer to what it is compared with counts (`-use_value_profile=1`), and so does a little more or less.
        0..=2 => raw[src.index(width)] ^= 1 << src.int(0..=7),
        3 => {
            let by = src.int(1..=32).cast_signed();
            raw = whole.wrapping_add(if src.ratio(1, 2) { by } else { -by }).to_le_bytes();
        }
        _ => {
            let size = bytes(&mut raw[..width], width, width);
            raw[size.min(width)..width].fill(0);
        }
    }
    let sign = if whole < 0 || src.ratio(1, 32) { raw[width - 1] >> 7 } else { 0 };
    raw[width..].fill(if sign == 1 { 0xff } else { 0 });
    let new = i64::from_le_bytes(raw);
    if width == 8 && sign == 0 {
        Value::Number(new.cast_unsigned().into())
    } else {
        Value::Number(new.into())
    }
}

/// These bytes through the fuzzer's mutator, with room to grow.
fn grown(from: &[u8], bytes: &mut Bytes<'_>, src: &mut dyn Source) -> Vec<u8> {
    let room = if src.ratio(1, 4) { from.len() * 2 + 16 } else { from.len() + 64 };
    let room = room.min(LONGEST.max(from.len())).max(1);
    let mut raw = from.to_vec();
    raw.resize(room, 0);
    // The fuzzer takes no empty input.
    let size = bytes(&mut raw, from.len().max(1), room);
    raw.truncate(size);
    raw
}

/// Text where it is some, and mostly where it nearly is.
fn text_of(raw: Vec<u8>, src: &mut dyn Source) -> Value {
    match String::from_utf8(raw) {
        Ok(text) => Value::Text(text),
        Err(error) if src.ratio(3, 4) => Value::text(String::from_utf8_lossy(error.as_bytes())),
        Err(error) => Value::dynamic(Dynamic::Base64(error.into_bytes())),
    }
}
