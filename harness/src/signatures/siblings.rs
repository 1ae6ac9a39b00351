//! Frames that were taken apart into the members of JSON objects.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{Trace, find, trace};

/// A member that names a source file, a line, a function, or just a name (a function beside `lineno`).
static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    find::compile(concat!(
        r#"["'](?:(file|fileName|file_name|filename|source|path)["']\s*:\s*["'][^"'\n]*"#,
        r"\.(?:java|kt|scala|groovy|clj|py|pyx|[cm]?[jt]sx?|vue|cs|fs|vb|php|rb|erb|go|exs?|erl|rs|swift|dart|cpp|cc|cxx|hpp)",
        r#"["']|(line|lineno|lineNumber|line_number|lineNo)["']\s*:\s*["']?\d"#,
        r#"|(function|func|functionName|function_name|funcName|func_name|method|methodName|method_name|member)["']\s*:\s*["'][^"'\n]"#,
        r#"|(name)["']\s*:\s*["'][^"'\n])"#,
    ))
});

const FILE: u8 = 1;
const LINE: u8 = 2;
const FUNCTION: u8 = 4;
const NAME: u8 = 8;
const LINENO: u8 = 16;

/// How far apart the members of one object may be.
const NEAR: usize = 1500;

/// How many members are looked at.
const ENOUGH: usize = 5000;

/// What one object showed so far.
struct Frame {
    seen: u8,
    place: Range<usize>,
}

impl Frame {
    fn is_whole(&self) -> bool {
        let has = |bits: u8| self.seen & bits == bits;
        has(FILE | LINE) && (has(FUNCTION) || has(NAME | LINENO))
    }

    /// Whether what stands at `start` belongs to another object: this one ended before it, or it is in one
    /// within this, unless that may be the place of a function.
    fn is_apart(&self, text: &[u8], start: usize) -> bool {
        let between = text.get(self.place.end..start).filter(|between| between.len() <= NEAR);
        let Some(between) = between else { return true };
        let mut depth = 0_i32;
        for byte in between {
            depth += i32::from(*byte == b'{') - i32::from(*byte == b'}');
            if depth < 0 {
                return true;
            }
        }
        depth > 0 && self.seen != FUNCTION
    }
}

/// Two objects near each other that each have a source file, a line and a function.
pub(super) fn find(text: &[u8]) -> Option<Trace> {
    let mut frame = Frame { seen: 0, place: 0..0 };
    let mut whole: Vec<Range<usize>> = Vec::new();
    for member in MEMBER.captures_iter(text).take(ENOUGH) {
        let kind =
            [FILE, LINE, FUNCTION, NAME].into_iter().zip(1..).find(|(_, group)| member.get(*group).is_some());
        let (Some((kind, group)), Some(place)) = (kind, member.get(0)) else { continue };
        let lineno = member.get(group).is_some_and(|key| key.as_bytes() == b"lineno");
        let again = kind != NAME && frame.seen & kind != 0;
        if again || frame.is_apart(text, place.start()) {
            frame = Frame { seen: 0, place: place.range() };
        }
        let before = frame.is_whole();
        frame.seen |= kind | if lineno { LINENO } else { 0 };
        frame.place.end = place.end();
        if frame.is_whole() && !before {
            whole.push(frame.place.clone());
            if let Some(pair) = find::pair(&whole) {
                let lines = pair.map(|place| cut(&text[place]));
                return Some(trace("sibling-keys", &lines));
            }
        }
    }
    None
}

fn cut(member: &[u8]) -> &[u8] {
    &member[..member.len().min(140)]
}
