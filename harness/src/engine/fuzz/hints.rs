//! Hints: what a value of a case was compared with, and would have to be to be equal to it.
//!
//! The idea is that of REDQUEEN (Aschermann et al., NDSS 2019), input-to-state correspondence: what a service compares
//! is often what was sent, or a part of it, as it stands. Here the parts are known: a case has fields, and no bytes.
//! Most of what looks so is chance. What was seen with several values of a field is not, and goes first.

use std::collections::HashMap;

use memchr::memmem;

use super::compared::{each_number, each_text};
use crate::case::{Case, Value};
use crate::engine::campaign::Fnv;
use crate::generate::Source;
use crate::shrink::{Node, each_node};

/// Fields that hints are kept of, and hints of one field.
const FIELDS: usize = 1_024;
const MOST: usize = 256;
/// What is below is equal to something by chance most of the time, and is met by chance as well. A field has larger
/// values now and then.
const SMALL: u64 = 16;
/// The same for lengths: inputs of a fuzzer are made as short as they get.
const SHORT: u64 = 3;
/// How often a hint was seen with other values that is likely.
const LIKELY: u32 = 4;
/// The longest text that is looked into, and that a hint makes, in bytes.
const LONGEST: usize = 4_096;

/// What is to be done with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hint {
    /// These bits of a number become those.
    Bits { mask: u64, bits: u64 },
    /// A text gets this length, in bytes.
    Length(usize),
    /// A part of a text becomes another.
    Part { old: Vec<u8>, new: Vec<u8> },
}

/// A hint with what is known of its worth.
#[derive(Clone, Debug)]
struct Known {
    hint: Hint,
    /// The value that was compared when it was seen last.
    own: u64,
    /// How often it was seen with another value than the last time.
    confirmed: u32,
    taken: u32,
}

impl Known {
    /// More for what was seen again and again, less for what was tried already: all have their turn, the likely ones
    /// a hundred times as often.
    fn worth(&self) -> u64 {
        let seen = u64::from((self.confirmed + 1).ilog2() + 1);
        ((seen * seen) << 32) / (u64::from(self.taken) + 1)
    }
}

/// What fields were compared with.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints(HashMap<u64, Vec<Known>>);

/// A number that is sent, or a part of it, and which bits of it that is.
struct Operand {
    leaf: usize,
    value: u64,
    /// The bits that it is, and how far up they are; `None`: it is the length of a text.
    bits: Option<(u64, u32)>,
}

impl Hints {
    /// Learns from what was compared while this case ran.
    pub(super) fn learn(&mut self, case: &Case) {
        let mut leaves: Vec<(Node, &Value)> = Vec::new();
        each_node(case, &mut |node, value, _| {
            if matches!(value, Value::Number(_) | Value::Text(_)) {
                leaves.push((node, value));
            }
        });
        let mut operands: Vec<Operand> = Vec::new();
        for (leaf, (_, value)) in leaves.iter().enumerate() {
            operands_of(leaf, value, &mut operands);
        }
        operands.sort_unstable_by_key(|operand| operand.value);
        let texts: Vec<(usize, &str)> = leaves
            .iter()
            .enumerate()
            .filter_map(|(leaf, (_, value))| {
                Some((leaf, value.as_text().filter(|text| text.len() <= LONGEST)?))
            })
            .collect();
        let pairs = Pairs::of(texts.iter().map(|(_, text)| text.as_bytes()));
        let mut learned: Vec<(usize, u64, Hint)> = Vec::new();
        each_number(&mut |seen| {
            let [one, other] = seen.sides;
            for (own, wanted) in [(one, other), (other, one)] {
                // All bits are what is taken for nothing found.
                if own < SHORT || own == u64::MAX || wanted < SMALL {
                    continue;
                }
                let from = operands.partition_point(|operand| operand.value < own);
                for operand in operands[from..].iter().take_while(|operand| operand.value == own) {
                    if own < SMALL && operand.bits.is_some() {
                        continue;
                    }
                    each_hint(operand, wanted, seen.width, &mut |hint| {
                        learned.push((operand.leaf, own, hint));
                    });
                }
                // Short texts are compared as numbers.
                let width = usize::from(seen.width);
                let (old, new) = (own.to_le_bytes(), wanted.to_le_bytes());
                if !pairs.may_hold(&old[..width]) || !is_plain(&old[..width]) || !is_plain(&new[..width]) {
                    continue;
                }
                for (leaf, text) in &texts {
                    learned.extend(part(text, &old[..width], &new[..width]).map(|hint| (*leaf, own, hint)));
                }
            }
        });
        if !texts.is_empty() {
            each_text(&mut |seen| {
                let [one, other] = seen.sides();
                for (old, new) in [(one, other), (other, one)] {
                    if pairs.may_hold(old) {
                        let hints =
                            texts.iter().filter_map(|(leaf, text)| Some((*leaf, 0, part(text, old, new)?)));
                        learned.extend(hints);
                    }
                }
            });
        }
        learned.sort_unstable_by_key(|(leaf, ..)| *leaf);
        let mut at: Option<(usize, Option<u64>)> = None;
        for (leaf, own, hint) in learned {
            let field = match at {
                Some((known, field)) if known == leaf => field,
                _ => field(&leaves[leaf].0, case),
            };
            at = Some((leaf, field));
            if let Some(field) = field {
                self.keep(field, own, hint);
            }
        }
    }

    fn keep(&mut self, field: u64, own: u64, hint: Hint) {
        if self.0.len() >= FIELDS && !self.0.contains_key(&field) {
            return;
        }
        let all = self.0.entry(field).or_default();
        if let Some(known) = all.iter_mut().find(|known| known.hint == hint) {
            known.confirmed += u32::from(known.own != own);
            known.own = own;
            return;
        }
        let new = Known { hint, own, confirmed: 0, taken: 0 };
        if all.len() < MOST {
            all.push(new);
        } else if let Some(oldest) = (0..all.len()).min_by_key(|at| all[*at].confirmed) {
            all.remove(oldest);
            all.push(new);
        }
    }

    /// Takes a hint for one of the values, if there is one: which value it is, and what it becomes.
    pub(super) fn take(&mut self, case: &Case, src: &mut dyn Source) -> Option<(Node, Value)> {
        let mut nodes = self.nodes(case);
        let at = (!nodes.is_empty()).then(|| src.index(nodes.len()))?;
        let (node, value, field) = nodes.swap_remove(at);
        let near = if src.ratio(1, 2) { src.int(0..=4).cast_signed() - 2 } else { 0 };
        let all = self.0.get_mut(&field)?;
        let known = all.iter_mut().max_by_key(|known| known.worth())?;
        known.taken = known.taken.saturating_add(1);
        let new = applied(&known.hint, value, near)?;
        Some((node, new))
    }

    /// What the likeliest hints make of some of the values, a little more and less included.
    pub(super) fn likely(&self, case: &Case, values: usize, src: &mut dyn Source) -> Vec<(Node, Value)> {
        let mut nodes = self.nodes(case);
        while nodes.len() > values {
            nodes.swap_remove(src.index(nodes.len()));
        }
        let mut all = Vec::new();
        for (node, value, field) in nodes {
            let mut known: Vec<&Known> = self.0.get(&field).into_iter().flatten().collect();
            known.retain(|known| known.confirmed >= LIKELY);
            known.sort_unstable_by_key(|known| std::cmp::Reverse(known.confirmed));
            for known in known.into_iter().take(3) {
                let near = [0, -1, 1].into_iter().filter_map(|near| applied(&known.hint, value, near));
                all.extend(near.map(|new| (node.clone(), new)));
            }
        }
        all
    }

    /// The values of which something is known, and their fields.
    fn nodes<'a>(&self, case: &'a Case) -> Vec<(Node, &'a Value, u64)> {
        let mut nodes = Vec::new();
        each_node(case, &mut |node, value, _| {
            if matches!(value, Value::Number(_) | Value::Text(_)) {
                let field = field(&node, case).filter(|field| self.0.contains_key(field));
                nodes.extend(field.map(|field| (node, value, field)));
            }
        });
        nodes
    }
}

/// What is called alike in two cases is one field; edits have no names.
fn field(node: &Node, case: &Case) -> Option<u64> {
    let mut hash = Fnv::default();
    let mut has_name = false;
    node.each_name(case, &mut |name| {
        hash.text(name);
        has_name = true;
    });
    has_name.then_some(hash.0)
}

fn whole(value: &Value) -> Option<u64> {
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

fn each_hint(operand: &Operand, wanted: u64, width: u8, hint: &mut dyn FnMut(Hint)) {
    match operand.bits {
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

fn part(text: &str, old: &[u8], new: &[u8]) -> Option<Hint> {
    memmem::find(text.as_bytes(), old).map(|_| Hint::Part { old: old.to_vec(), new: new.to_vec() })
}

/// Pairs of bytes that stand in some texts: most of what is compared stands in none, and is told by this at once.
struct Pairs([u64; 64]);

impl Pairs {
    fn of<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all = Self([0; 64]);
        for pair in texts.flat_map(|text| text.windows(2)) {
            let (word, bit) = Self::place(pair[0], pair[1]);
            all.0[word] |= bit;
        }
        all
    }

    fn may_hold(&self, part: &[u8]) -> bool {
        let [first, second, ..] = *part else { return false };
        let (word, bit) = Self::place(first, second);
        self.0[word] & bit != 0
    }

    fn place(first: u8, second: u8) -> (usize, u64) {
        let mixed = u32::from(first) * 31 + u32::from(second) * 1_021;
        ((mixed >> 6) as usize % 64, 1 << (mixed % 64))
    }
}

fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// What the value becomes; a little more or less as well, since what was compared need not be asked to be equal.
fn applied(hint: &Hint, value: &Value, near: i64) -> Option<Value> {
    match hint {
        Hint::Bits { mask, bits } => {
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
        Hint::Length(length) => {
            let text = value.as_text()?;
            let length = length.saturating_add_signed(near as isize);
            Some(Value::Text(stretched(text, length)))
        }
        Hint::Part { old, new } => {
            let text = value.as_text()?.as_bytes();
            let at = memmem::find(text, old)?;
            let replaced = [&text[..at], new, &text[at + old.len()..]].concat();
            String::from_utf8(replaced).ok().map(Value::Text)
        }
    }
}

/// The text again and again, cut where it is so long.
fn stretched(text: &str, length: usize) -> String {
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

#[cfg(test)]
mod tests {
    use super::super::compared::{compared, compared_bytes, listening};
    use super::*;
    use crate::case::{ANONYMOUS, Base, Body, Content, Request, Role, Step};
    use crate::generate::Seeded;

    fn case(members: Vec<(&str, Value)>) -> Case {
        let mut case = Case::new("explore", "POST /a");
        let members = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let content = Content::Json(Value::Object(members));
        let body = Some(Body { media_type: "application/json".to_owned(), content });
        let request =
            Request { method: "POST".to_owned(), path: "/a".to_owned(), body, ..Request::default() };
        case.bases.push(Base { name: "a".to_owned(), operation: "POST /a".to_owned(), request });
        case.steps.push(Step::send("attack", Role::Attack, ANONYMOUS, "a", Vec::new()));
        case
    }

    fn number(number: u64) -> Value {
        Value::Number(number.into())
    }

    /// What a value becomes with what was compared while a case ran, in some hundred draws.
    fn becomes(value: &Value, comparing: impl FnOnce()) -> Vec<Value> {
        let case = case(vec![("a", value.clone())]);
        let mut hints = Hints::default();
        listening(comparing);
        hints.learn(&case);
        let mut src = Seeded::new(1);
        (0..200).filter_map(|_| hints.take(&case, &mut src)).map(|(_, new)| new).collect()
    }

    #[test]
    fn a_number_becomes_what_it_or_a_half_of_it_was_compared_with() {
        assert!(becomes(&number(4_711), || compared(2, 0xb6e5, 4_711)).contains(&number(0xb6e5)));
        let sent = number(0x1234_5678);
        assert!(becomes(&sent, || compared(4, 0x1234, 0x9c3b)).contains(&number(0x9c3b_5678)));
        assert!(becomes(&sent, || compared(4, 0x1234_0000, 0x9c3b_0000)).contains(&number(0x9c3b_5678)));
        assert!(becomes(&sent, || compared(4, 0x5678, 0x51d7)).contains(&number(0x1234_51d7)));
        assert!(
            becomes(&sent, || compared(4, 0x1234_5678, 0xffff_fff6)).contains(&Value::Number((-10).into()))
        );
        assert!(becomes(&sent, || compared(4, 7, 9)).is_empty(), "nothing of it was compared");
        assert!(
            becomes(&number(7), || compared(4, 7, 9_999)).is_empty(),
            "what is small is compared by chance"
        );
        let below = Value::Number((-300).into());
        let wanted = Value::Number((-301).into());
        assert!(becomes(&below, || compared(4, 0xffff_fed4, 0xffff_fed3)).contains(&wanted));
        assert!(becomes(&Value::text("4711"), || compared(4, 4_711, 815)).contains(&Value::text("815")));
    }

    #[test]
    fn a_text_gets_the_length_and_the_words_that_it_was_compared_with() {
        let text = "abcdefghijklmnopqrst";
        let lengths: Vec<_> = becomes(&Value::text(text), || compared(8, 20, 769))
            .into_iter()
            .filter_map(|value| value.as_text().map(str::len))
            .collect();
        assert!((767..=771).all(|length| lengths.contains(&length)), "{lengths:?}");
        let words = becomes(&Value::text("small"), || {
            #[expect(unsafe_code, reason = "pointers are handed over as the compiler does")]
            unsafe {
                compared_bytes(b"large".as_ptr(), b"small".as_ptr(), 5);
            }
        });
        assert!(words.contains(&Value::text("large")));
        let half = u32::from_le_bytes(*b"smal");
        let tall = u32::from_le_bytes(*b"tall");
        assert!(
            becomes(&Value::text("small"), || compared(4, half.into(), tall.into()))
                .contains(&Value::text("talll"))
        );
    }

    #[test]
    fn what_is_seen_with_many_values_goes_first() {
        let mut hints = Hints::default();
        for sent in 100..400_u64 {
            listening(|| {
                compared(4, sent, 0xbeef);
                // Chance: another one each time, and more than are kept.
                compared(8, sent, sent.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20);
            });
            hints.learn(&case(vec![("a", number(sent))]));
        }
        let (case, mut src) = (case(vec![("a", number(77))]), Seeded::new(3));
        let taken = (0..100).filter_map(|_| hints.take(&case, &mut src));
        let right = taken.filter(|(_, new)| (0xbeed..=0xbef1).any(|near| *new == number(near))).count();
        assert!(right > 15, "{right}");
    }

    #[test]
    fn fields_are_told_apart_by_operation_and_name() {
        let (one, other) = (case(vec![("a", number(77)), ("b", number(77))]), case(vec![("b", number(77))]));
        let fields = |case: &Case| {
            let mut fields = Vec::new();
            each_node(case, &mut |node, value, _| {
                if matches!(value, Value::Number(_)) {
                    fields.push(field(&node, case));
                }
            });
            fields
        };
        let (of_one, of_other) = (fields(&one), fields(&other));
        assert_eq!((of_one.len(), of_other.len()), (2, 1));
        assert_ne!(of_one[0], of_one[1]);
        assert_eq!(of_one[1], of_other[0]);
        let mut elsewhere = other;
        elsewhere.bases[0].operation = "POST /b".to_owned();
        assert_ne!(fields(&elsewhere), of_other);
    }
}
