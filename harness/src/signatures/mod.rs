//! What gives away the inside of a server in a text that came from it.
//!
//! Pure functions over text from which reflections of the request were taken out. A detection rests on
//! structure, never on a word: two frames of one stack, a frame and a header, or one line that only a dump has.

mod database;
mod dump;
mod find;
mod normal;
mod paths;
mod siblings;
mod stacks;
#[cfg(test)]
mod tests;
mod unescape;

pub use database::{DATABASE_NEEDLES, DatabaseError, database_error};
pub use paths::{NEEDLES as PATH_NEEDLES, paths};
pub use stacks::NEEDLES;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::message::inert;

/// What gives a stack trace away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The pattern that told, in kebab-case: `java-frames`, `rust-panic`, `sibling-keys`.
    pub detector: &'static str,
    /// The telling lines, inert, at most 300 characters.
    pub evidence: String,
}

/// How much of a text is looked at, before and after each round of unescaping.
const LOOK: usize = 256 << 10;

/// How much of a text unescaping reads.
const READ: usize = 1 << 20;

/// How many layers of escaping are taken off.
const ROUNDS: usize = 3;

/// The most characters of evidence.
const EVIDENCE: usize = 300;

static PREFILTER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(NEEDLES).expect("the needles are a few short strings"));

/// The stack trace in `text`, if there is one, raw or under up to three layers of JSON, HTML and URL escapes.
///
/// A text without any of the [`NEEDLES`] has none.
pub fn stack_trace(text: &str) -> Option<Trace> {
    let mut layer = std::borrow::Cow::Borrowed(head(text.as_bytes(), READ));
    if !PREFILTER.is_match(layer.as_ref()) {
        return None;
    }
    for round in 0..=ROUNDS {
        if let Some(found) = dump::in_layer(head(&layer, LOOK)) {
            return Some(found);
        }
        if round < ROUNDS {
            layer = unescape::once(&layer)?.into();
        }
    }
    None
}

/// What `find` gives of a text or of what is under up to three layers of its escapes.
fn in_layers<T>(text: &str, mut find: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    let mut layer = std::borrow::Cow::Borrowed(head(text.as_bytes(), READ));
    for round in 0..=ROUNDS {
        if let Some(found) = find(head(&layer, LOOK)) {
            return Some(found);
        }
        if round < ROUNDS {
            layer = unescape::once(&layer)?.into();
        }
    }
    None
}

fn head(bytes: &[u8], cap: usize) -> &[u8] {
    &bytes[..bytes.len().min(cap)]
}

/// The lines as evidence.
fn trace(detector: &'static str, lines: &[&[u8]]) -> Trace {
    let mut evidence = String::new();
    for line in lines {
        if !evidence.is_empty() {
            evidence.push_str(" | ");
        }
        evidence.push_str(&inert(line.trim_ascii(), EVIDENCE).to_string());
    }
    evidence.truncate(EVIDENCE);
    Trace { detector, evidence }
}
