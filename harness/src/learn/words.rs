//! Lessons in plain words.

use serde_json::Value as Json;

use super::lesson::{Lesson, Rule, Where};
use crate::message::inert;

/// Values that are named one by one.
const NAMED: usize = 8;

/// One line for people, such as "`kind` must be one of small, large". What it quotes of an answer is inert.
pub fn plain_words(lesson: &Lesson) -> String {
    let place = match &lesson.place {
        Where::Body(tokens) if tokens.is_empty() => "the body".to_owned(),
        Where::Body(tokens) | Where::Field(tokens) => format!("`{}`", quoted(&tokens.join("."))),
        Where::Query(name) => format!("query parameter `{}`", quoted(name)),
        Where::Path(name) => format!("path parameter `{}`", quoted(name)),
        Where::Header(name) => format!("header `{}`", quoted(name)),
        Where::Cookie(name) => format!("cookie `{}`", quoted(name)),
    };
    format!("{place} {}", predicate(&lesson.rule))
}

fn predicate(rule: &Rule) -> String {
    match rule {
        Rule::Required => "is required".to_owned(),
        Rule::Unknown => "is not allowed".to_owned(),
        Rule::Kind(kind) => format!("must be of type {}", kind.name()),
        Rule::OneOf(values) => {
            let named = values.iter().take(NAMED).map(value).collect::<Vec<_>>().join(", ");
            match values.len().saturating_sub(NAMED) {
                0 => format!("must be one of {named}"),
                more => format!("must be one of {named} and {more} more"),
            }
        }
        Rule::Const(only) => format!("must be {}", value(only)),
        Rule::AtLeast { limit, exclusive: false } => format!("must be at least {limit}"),
        Rule::AtLeast { limit, exclusive: true } => format!("must be more than {limit}"),
        Rule::AtMost { limit, exclusive: false } => format!("must be at most {limit}"),
        Rule::AtMost { limit, exclusive: true } => format!("must be less than {limit}"),
        Rule::MultipleOf(step) => format!("must be a multiple of {step}"),
        Rule::Length { min, max } => format!("must have {}", range(*min, *max, "character")),
        Rule::Items { min, max } => format!("must have {}", range(*min, *max, "item")),
        Rule::Pattern(pattern) => format!("must match {}", quoted(pattern)),
        Rule::Format(format) => format!("must have the format {}", format.keyword()),
        Rule::Taken => "must be new: the value is taken".to_owned(),
        Rule::Missing => "must refer to something that exists".to_owned(),
        Rule::NotEmpty => "must not be empty".to_owned(),
        Rule::Same(other) => format!("must repeat `{}`", quoted(other)),
        Rule::Refused => "was refused without a reason that is understood".to_owned(),
    }
}

fn range(min: Option<u32>, max: Option<u32>, unit: &str) -> String {
    let s = |count: u32| if count == 1 { "" } else { "s" };
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min} {unit}{}", s(min)),
        (Some(min), Some(max)) => format!("{min} to {max} {unit}s"),
        (Some(min), None) => format!("at least {min} {unit}{}", s(min)),
        (None, Some(max)) => format!("at most {max} {unit}{}", s(max)),
        (None, None) => format!("another number of {unit}s"),
    }
}

fn value(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    }
}

fn quoted(text: &str) -> String {
    inert(text.as_bytes(), 80).to_string()
}
