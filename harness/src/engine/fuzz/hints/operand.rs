//! Which numbers of a case a comparison may have been about.

use super::LONGEST;
use super::hint::Hint;
use crate::case::Value;

/// What is below is equal to something by chance most of the time, and is met by chance as well. A field has larger
/// values now and then.
pub(super) const SMALL: u64 = 16;
/// The same for lengths: inputs of a fuzzer are made as short as they get.
pub(super) const SHORT: u64 = 3;
/// What libraries take for "not there" and for "no limit": nearly everything is compared with them.
const NOTHING: [u64; 2] = [u64::MAX, i64::MAX.cast_unsigned()];

/// A number that is sent, or a part of it, and which bits of it that is.
struct Operand {
    leaf: usize,
    value: u64,
    /// The bits that it is, and how far up they are; `None`: it is the length of a text.
    bits: Option<(u64, u32)>,
}

/// All numbers of a case, in order.
pub(super) struct Operands(Vec<Operand>);

impl Operands {
    /// Of these leaves.
    pub(super) fn of<'a>(leaves: impl Iterator<Item = &'a Value>) -> Self {
        let mut all = Vec::new();
        leaves.enumerate().for_each(|(leaf, value)| operands_of(leaf, value, &mut all));
        all.sort_unstable_by_key(|operand| operand.value);
        Self(all)
    }

    /// Calls `hint` with each leaf that this side of a comparison may have been, and what would make it the other.
    pub(super) fn each_hint(&self, own: u64, wanted: u64, width: u8, hint: &mut dyn FnMut(usize, Hint)) {
        if own < SHORT || wanted < SMALL || NOTHING.contains(&own) || NOTHING.contains(&wanted) {
            return;
        }
        let from = self.0.partition_point(|operand| operand.value < own);
        for operand in self.0[from..].iter().take_while(|operand| operand.value == own) {
            if own >= SMALL || operand.bits.is_none() {
                operand.each_hint(wanted, width, &mut |one| hint(operand.leaf, one));
            }
        }
    }
}

impl Operand {
    fn each_hint(&self, wanted: u64, width: u8, hint: &mut dyn FnMut(Hint)) {
        match self.bits {
            None => {
                if let Some(length) = usize::try_from(wanted).ok().filter(|length| *length <= LONGEST) {
                    hint(Hint::Length(length));
                }
            }
            Some((mask, shift)) => {
                let bits = wanted << shift;
                if bits >> shift == wanted && bits & !mask == 0 {
                    hint(Hint::Bits { mask, bits });
                }
                // Below zero in a type that is narrower than what is sent.
                let sign = 64 - 8 * u32::from(width.clamp(1, 8));
                let signed = (wanted << sign).cast_signed() >> sign;
                if mask == u64::MAX && signed < 0 && sign > 0 {
                    hint(Hint::Bits { mask, bits: signed.cast_unsigned() });
                }
            }
        }
    }
}

/// The number that a value is.
pub(in crate::engine::fuzz) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_i64().map(i64::cast_unsigned)),
        // What stands in a path or a query is text, and a number all the same.
        Value::Text(text) if text.len() <= 20 => {
            text.parse().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned))
        }
        _ => None,
    }
}

fn operands_of(leaf: usize, value: &Value, into: &mut Vec<Operand>) {
    if let Some(text) = value.as_text() {
        into.push(Operand { leaf, value: text.len() as u64, bits: None });
    }
    let Some(number) = whole(value) else { return };
    into.push(Operand { leaf, value: number, bits: Some((u64::MAX, 0)) });
    if number.cast_signed() < 0 {
        // As narrower types have it.
        for width in [16, 32] {
            into.push(Operand { leaf, value: number & ones(width), bits: Some((ones(width), 0)) });
        }
        return;
    }
    for half in [16, 32] {
        let (upper, lower) = (number >> half, number & ones(half));
        if upper >= 1 {
            into.push(Operand { leaf, value: upper, bits: Some((!ones(half), half)) });
            into.push(Operand { leaf, value: lower, bits: Some((ones(half), 0)) });
            // Shifting both sides of a comparison is what compilers spare.
            into.push(Operand { leaf, value: number & !ones(half), bits: Some((!ones(half), 0)) });
        }
    }
}

fn ones(bits: u32) -> u64 {
    u64::MAX.checked_shr(64 - bits).unwrap_or(0)
}
