//! From a message to rules, by the table of phrases.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexSet};
use serde_json::Number;

use super::lesson::{Format, Kind, Rule};
use super::phrases::{PHRASES, Shape, expanded};
use super::values;
use crate::surface::pattern_matches;

/// Bytes of the longest pattern that is taken over.
const LONGEST_PATTERN: usize = 512;
/// Fields that one message names.
const MOST_FIELDS: usize = 32;
/// The largest length and count.
const LARGEST: u32 = 100_000;

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// The fields that it names itself, below the place that it is about.
    pub(super) fields: Vec<String>,
    /// The rules.
    pub(super) rules: Vec<Rule>,
}

static TABLE: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let texts: Vec<String> = PHRASES.iter().map(|(pattern, _)| expanded(pattern)).collect();
    let each = texts.iter().map(|text| Regex::new(text).expect("a pattern of ours")).collect();
    let set = regex::RegexSetBuilder::new(&texts).size_limit(64 << 20).dfa_size_limit(64 << 20).build();
    (set.expect("patterns of ours"), each)
});

/// What a message says; `None` where nothing in it is known.
pub(super) fn read(message: &str) -> Option<Reading> {
    let (set, each) = &*TABLE;
    set.matches(message).iter().find_map(|index| {
        let captures = each[index].captures(message)?;
        reading(PHRASES[index].1, &captures, message)
    })
}

fn reading(shape: Shape, captures: &Captures<'_>, message: &str) -> Option<Reading> {
    let group = |name: &str| captures.name(name).map(|found| found.as_str());
    let number = |name: &str| group(name).and_then(values::number);
    let mut fields = Vec::new();
    if let Some(field) = group("f") {
        fields.push(field.trim().to_owned());
    }
    if let Some(several) = group("fs") {
        fields.extend(names(several));
    }
    let rules = match shape {
        Shape::Silent => return Some(Reading::default()),
        Shape::Required => vec![Rule::Required],
        Shape::RequiredNotEmpty => vec![Rule::Required, Rule::NotEmpty],
        Shape::RequiredKind => {
            let mut rules = vec![Rule::Required];
            rules.extend(values::type_rules(group("t")?));
            rules
        }
        Shape::Unknown => vec![Rule::Unknown],
        Shape::Kind => values::type_rules(group("t")?),
        Shape::OneOf => match values::list(group("l")?) {
            none if none.is_empty() => return None,
            several => vec![Rule::OneOf(several)],
        },
        Shape::True => vec![Rule::Const(true.into())],
        Shape::Least(exclusive) => bound(number("a")?, exclusive, true, group("u"), captures, message)?,
        Shape::Most(exclusive) => bound(number("b")?, exclusive, false, group("u"), captures, message)?,
        Shape::Between => {
            let (low, high) = (number("a")?, number("b")?);
            let mut rules = bound(low, false, true, group("u"), captures, message)?;
            rules.extend(bound(high, false, false, group("u"), captures, message)?);
            joined(rules)
        }
        Shape::Exactly => {
            let count = count(&number("a")?, 0)?;
            match unit(group("u"), message) {
                Unit::Items => vec![Rule::Items { min: Some(count), max: Some(count) }],
                _ => vec![Rule::Length { min: Some(count), max: Some(count) }],
            }
        }
        Shape::Digits => vec![Rule::Pattern(format!("^[0-9]{{{}}}$", count(&number("a")?, 0)?))],
        Shape::Positive(exclusive) => {
            let mut rules = vec![Rule::AtLeast { limit: 0.into(), exclusive }];
            if message.contains("integer") {
                rules.push(Rule::Kind(Kind::Integer));
            }
            rules
        }
        Shape::Multiple => vec![Rule::MultipleOf(number("a").filter(|n| n.as_f64() > Some(0.0))?)],
        Shape::Even => vec![Rule::MultipleOf(2.into())],
        Shape::Pattern => vec![pattern(group("p")?)],
        Shape::ObjectId => vec![Rule::Pattern("^[0-9a-f]{24}$".to_owned())],
        Shape::Format => {
            let name = group("k")?;
            let utc = name.eq_ignore_ascii_case("date") && message.contains("ISO 8601 date string");
            vec![Rule::Format(if utc { Format::DateTime } else { values::format(name)? })]
        }
        Shape::Taken => vec![Rule::Taken],
        Shape::Missing => vec![Rule::Missing],
        Shape::NotEmpty => vec![Rule::NotEmpty],
        Shape::Same => {
            let other = group("s")?;
            let word = |text: &str| other.split(' ').any(|word| word.eq_ignore_ascii_case(text));
            let excluded = [
                "pattern",
                "format",
                "regex",
                "expression",
                "schema",
                "type",
                "required",
                "constant",
                "one",
                "any",
                "all",
                "values",
                "allowed",
            ];
            if excluded.iter().any(|text| word(text)) {
                return None;
            }
            vec![Rule::Same(snake(other))]
        }
        // Which field it is shows by the place.
        Shape::Confirmed => vec![Rule::Same(String::new())],
        Shape::Refused => vec![Rule::Refused],
    };
    (!rules.is_empty()).then_some(Reading { fields, rules })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Characters,
    Items,
    Value,
}

/// What a number counts: by the word after it, or by what the message speaks of.
fn unit(word: Option<&str>, message: &str) -> Unit {
    let lower = word.unwrap_or_default().to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    let has = |words: &[&str]| {
        let message = message.to_ascii_lowercase();
        words.iter().any(|word| message.contains(word))
    };
    match () {
        () if starts(&["item", "element", "entr"]) => Unit::Items,
        () if !lower.is_empty() || message.starts_with("size must") => Unit::Characters,
        () if has(&["list should", "array must", "array to have", "array should"]) => Unit::Items,
        () if has(&["length", "string should have", "too short", "too long"]) => Unit::Characters,
        () => Unit::Value,
    }
}

fn bound(
    limit: Number,
    exclusive: bool,
    lower: bool,
    word: Option<&str>,
    captures: &Captures<'_>,
    message: &str,
) -> Option<Vec<Rule>> {
    // `2024-01-31` and `10:00` are no numbers.
    let end = captures.get(0)?.end();
    let mut after = message[end..].chars();
    if matches!((after.next(), after.next()), (Some('-' | ':' | '/'), Some('0'..='9'))) {
        return None;
    }
    let by = match (exclusive, lower) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => -1,
    };
    Some(vec![match (unit(word, message), lower) {
        (Unit::Characters, true) => Rule::Length { min: Some(count(&limit, by)?), max: None },
        (Unit::Characters, false) => Rule::Length { min: None, max: Some(count(&limit, by)?) },
        (Unit::Items, true) => Rule::Items { min: Some(count(&limit, by)?), max: None },
        (Unit::Items, false) => Rule::Items { min: None, max: Some(count(&limit, by)?) },
        (Unit::Value, true) => Rule::AtLeast { limit, exclusive },
        (Unit::Value, false) => Rule::AtMost { limit, exclusive },
    }])
}

/// Both ends of a length or a count as one rule.
fn joined(rules: Vec<Rule>) -> Vec<Rule> {
    match rules.as_slice() {
        [Rule::Length { min, .. }, Rule::Length { max, .. }] => vec![Rule::Length { min: *min, max: *max }],
        [Rule::Items { min, .. }, Rule::Items { max, .. }] => vec![Rule::Items { min: *min, max: *max }],
        _ => rules,
    }
}

/// A length or a count that can be sent.
pub(super) fn count(number: &Number, by: i64) -> Option<u32> {
    let whole = number.as_i64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))?;
    u32::try_from(whole.checked_add(by)?).ok().filter(|count| *count <= LARGEST)
}

/// A pattern, when it is one that can be drawn from.
pub(super) fn pattern(text: &str) -> Rule {
    let usable = text.len() <= LONGEST_PATTERN && pattern_matches(text, "").is_some();
    if usable { Rule::Pattern(text.to_owned()) } else { Rule::Refused }
}

/// Names in a list: quoted or not, with commas, `and` between them.
fn names(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split([',', '|']).flat_map(|part| part.split(" and "));
    let plain = parts.map(|part| part.trim().trim_matches(['\'', '"', '`', ':', '[', ']', ' ', '.']));
    plain
        .filter(|name| super::path::is_name(name) && !name.contains(' '))
        .map(str::to_owned)
        .take(MOST_FIELDS)
}

/// A name as people read it, made a name of a field: `User name` is `user_name`.
pub(super) fn snake(words: &str) -> String {
    if words.contains(' ') { words.trim().to_ascii_lowercase().replace(' ', "_") } else { words.to_owned() }
}
