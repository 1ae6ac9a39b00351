//! What is to be done with a value, and what it becomes by it.

use memchr::memmem;

use super::operand::whole;
use crate::case::Value;
use crate::engine::fuzz::mutate::stretched;

/// What is to be done with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::fuzz) enum Hint {
    /// These bits of a number become those.
    Bits { mask: u64, bits: u64 },
    /// A text gets this length, in bytes.
    Length(usize),
    /// A part of a text becomes another.
    Part { old: Vec<u8>, new: Vec<u8> },
}

impl Hint {
    /// To put one part in another's place, where the text has that.
    pub(super) fn part(text: &str, old: &[u8], new: &[u8]) -> Option<Self> {
        memmem::find(text.as_bytes(), old).map(|_| Self::Part { old: old.to_vec(), new: new.to_vec() })
    }

    /// What the value becomes; `near` is how much more, since what was compared need not be asked to be equal.
    pub(in crate::engine::fuzz) fn applied(&self, value: &Value, near: i64) -> Option<Value> {
        match self {
            Self::Bits { mask, bits } => {
                let new = ((whole(value)? & !mask) | bits).wrapping_add_signed(near);
                let is_huge = matches!(value, Value::Number(number) if number.is_u64() && !number.is_i64());
                let is_below = new.cast_signed() < 0 && !is_huge;
                let number: serde_json::Number = if is_below { new.cast_signed().into() } else { new.into() };
                Some(if value.as_text().is_some() {
                    Value::text(number.to_string())
                } else {
                    Value::Number(number)
                })
            }
            Self::Length(length) => {
                let text = value.as_text()?;
                let length = length.saturating_add_signed(near as isize);
                Some(Value::Text(stretched(text, length)))
            }
            Self::Part { old, new } => {
                let text = value.as_text()?.as_bytes();
                let at = memmem::find(text, old)?;
                let replaced = [&text[..at], new, &text[at + old.len()..]].concat();
                String::from_utf8(replaced).ok().map(Value::Text)
            }
        }
    }
}
