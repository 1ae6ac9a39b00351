//! Lessons from the answer to a refused request.

use serde_json::Value as Json;

use super::entry::Entry;
use super::lesson::{Lesson, Rule};
use super::path::Spot;
use crate::trace::Exchange;

/// Lessons of one answer.
const MOST: usize = 64;
/// Bytes of an answer that are read.
const LARGEST: usize = 256 * 1024;
/// Nodes of an answer that are visited, and messages that are read.
const EFFORT: usize = 600;

/// What a code says: rules, each with the field below the place that it is about.
pub(super) type Coded = [(Option<String>, Rule)];

/// The lessons of an answer. Empty unless the status says that the request was wrong (400, 409, 422) and the
/// answer says how. `media_type` is lower case and without parameters.
pub fn lessons(status: u16, media_type: Option<&str>, body: &[u8]) -> Vec<Lesson> {
    if !matches!(status, 400 | 409 | 422) || body.is_empty() || body.len() > LARGEST {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let is_markup =
        text.starts_with('<') || media_type.is_some_and(|it| it.contains("html") || it.contains("xml"));
    if is_markup {
        return Vec::new();
    }
    let mut reader = Reader { lessons: Vec::new(), effort: EFFORT };
    match serde_json::from_str::<Json>(text) {
        Ok(json) => reader.top(&json),
        // What only looks like JSON was cut.
        Err(_) if text.starts_with(['{', '[']) => {}
        Err(_) => {
            reader.message(&Spot::default(), text, &[]);
        }
    }
    reader.lessons
}

/// The lessons of an exchange; none of an answer that was cut.
pub fn lessons_of(exchange: &Exchange) -> Vec<Lesson> {
    let Some(answer) = exchange.answer().filter(|answer| !answer.cut) else { return Vec::new() };
    lessons(answer.status, exchange.media_type().as_deref(), &answer.body)
}

pub(super) struct Reader {
    pub(super) lessons: Vec<Lesson>,
    pub(super) effort: usize,
}

impl Reader {
    fn top(&mut self, json: &Json) {
        match json {
            Json::Object(object) => match Entry::of(object, true) {
                Some(entry) => self.entry(&entry, &Spot::default(), 0),
                None => self.map(object, &Spot::default(), false, 0),
            },
            Json::Array(_) | Json::String(_) => self.visit(json, &Spot::default(), true, 0),
            _ => {}
        }
    }

    pub(super) fn spend(&mut self) -> bool {
        self.effort = self.effort.saturating_sub(1);
        self.effort > 0 && self.lessons.len() < MOST
    }

    pub(super) fn refused(&mut self, at: &Spot) {
        if !at.tokens.is_empty() {
            self.add(at, Rule::Refused);
        }
    }

    pub(super) fn add(&mut self, at: &Spot, rule: Rule) {
        let (spot, rule) = match rule {
            Rule::Same(other) if other.is_empty() => match confirmed(at) {
                Some(found) => found,
                None => return,
            },
            rule => (at.clone(), rule),
        };
        // Of the body itself only its type and its presence can be taught.
        let whole = spot.tokens.is_empty();
        if whole && !matches!(rule, Rule::Required | Rule::Kind(_) | Rule::Items { .. } | Rule::NotEmpty) {
            return;
        }
        let Some(place) = spot.place() else { return };
        let lesson = Lesson { place, rule };
        if self.lessons.len() < MOST && !self.lessons.contains(&lesson) {
            self.lessons.push(lesson);
        }
    }
}

/// Which field repeats which, when a message says that two do not match.
fn confirmed(at: &Spot) -> Option<(Spot, Rule)> {
    let last = at.tokens.last()?;
    let lower = last.to_ascii_lowercase();
    const MARKS: &[&str] =
        &["_confirmation", "confirmation", "confirm_", "confirm", "repeat_", "repeat", "_again", "retype"];
    let mark = MARKS.iter().find(|mark| lower.starts_with(**mark) || lower.ends_with(**mark));
    let Some(mark) = mark else {
        // Laravel names the field that is repeated.
        let mut spot = at.clone();
        *spot.tokens.last_mut()? = format!("{last}_confirmation");
        return Some((spot, Rule::Same(last.clone())));
    };
    let other =
        if lower.starts_with(*mark) { last.get(mark.len()..)? } else { last.get(..last.len() - mark.len())? };
    let mut other = other.to_owned();
    if let Some(first) = other.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    (!other.is_empty()).then(|| (at.clone(), Rule::Same(other)))
}
