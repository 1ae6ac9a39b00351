//! Looks for every stack in one layer of a text.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::stacks::{ALL, Single, Stack};
use super::{Trace, find, normal, siblings, trace};

/// A stack with its patterns compiled.
struct Compiled {
    needles: Vec<Finder<'static>>,
    detector: &'static str,
    markup: Vec<(&'static str, Regex)>,
    singles: Vec<(&'static str, Regex)>,
    headers: Option<Regex>,
    frames: Option<Regex>,
    weak: Option<Regex>,
}

static COMPILED: LazyLock<Vec<Compiled>> = LazyLock::new(|| ALL.iter().map(|stack| compile(stack)).collect());

fn compile(stack: &Stack) -> Compiled {
    let singles = |table: &[Single]| {
        table.iter().map(|(name, pattern)| (*name, find::compile(pattern))).collect::<Vec<_>>()
    };
    Compiled {
        needles: stack.needles.iter().map(Finder::new).collect(),
        detector: stack.detector,
        markup: singles(stack.markup),
        singles: singles(stack.singles),
        headers: find::any(stack.headers),
        frames: find::any(stack.frames),
        weak: find::any(stack.weak),
    }
}

/// The trace in a text as it stands, without unescaping.
pub(super) fn in_layer(text: &[u8]) -> Option<Trace> {
    let lines = normal::lines(text);
    COMPILED
        .iter()
        .filter(|stack| stack.needles.iter().any(|needle| needle.find(text).is_some()))
        .find_map(|stack| single(text, &stack.markup).or_else(|| stack.in_lines(&lines)))
        .or_else(|| siblings::find(text))
}

impl Compiled {
    fn in_lines(&self, text: &[u8]) -> Option<Trace> {
        single(text, &self.singles).or_else(|| self.frames(text))
    }

    /// Two frames, or a header and a frame or what passes for one beside a header.
    fn frames(&self, text: &[u8]) -> Option<Trace> {
        let frames = find::all(self.frames.as_ref(), text);
        let found = find::pair(&frames).or_else(|| {
            let headers = self.headers(text, &frames)?;
            find::near(&frames, &headers)
                .or_else(|| find::near(&find::all(self.weak.as_ref(), text), &headers))
        })?;
        let [first, second] = found.map(|place| find::line(text, &place));
        let lines: &[&[u8]] = if first == second { &[first] } else { &[first, second] };
        Some(trace(self.detector, lines))
    }

    /// The headers, where they can still tell.
    fn headers(&self, text: &[u8], frames: &[Range<usize>]) -> Option<Vec<Range<usize>>> {
        if frames.is_empty() && self.weak.is_none() {
            return None;
        }
        Some(find::all(self.headers.as_ref(), text)).filter(|headers| !headers.is_empty())
    }
}

fn single(text: &[u8], singles: &[(&'static str, Regex)]) -> Option<Trace> {
    singles.iter().find_map(|(detector, regex)| {
        let found = regex.find(text)?.range();
        Some(trace(detector, &[find::line(text, &found)]))
    })
}
