//! Compiles the patterns of the tables and finds their matches.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

/// Where a line or a string value starts; in the tables this is `‹`.
const START: &str = r#"(?:^|["'>])[ \t]*"#;

/// Where a line or a string value ends; in the tables this is `›`.
const END: &str = r#"[ \t]*(?:$|["'<])"#;

/// How far from each other the parts of one trace may be.
const NEAR: usize = 4096;

/// How many matches of one kind are looked at.
const ENOUGH: usize = 4096;

/// A pattern over bytes, in lines.
pub(super) fn compile(pattern: &str) -> Regex {
    let pattern = pattern.replace('‹', START).replace('›', END);
    RegexBuilder::new(&pattern)
        .unicode(false)
        .multi_line(true)
        .build()
        .unwrap_or_else(|error| panic!("a pattern of the tables: {error}"))
}

/// One pattern out of many; nothing where there are none.
pub(super) fn any(patterns: &[&str]) -> Option<Regex> {
    let group = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect::<Vec<_>>().join("|");
    (!patterns.is_empty()).then(|| compile(&group))
}

/// Where the pattern matches, in order.
pub(super) fn all(pattern: Option<&Regex>, text: &[u8]) -> Vec<Range<usize>> {
    pattern.map_or_else(Vec::new, |regex| {
        regex.find_iter(text).take(ENOUGH).map(|found| found.range()).collect()
    })
}

/// The first two that are near each other.
pub(super) fn pair(places: &[Range<usize>]) -> Option<[Range<usize>; 2]> {
    let near = places.windows(2).find(|pair| pair[1].start - pair[0].end <= NEAR)?;
    Some([near[0].clone(), near[1].clone()])
}

/// The first of `places` with one of `others` near it.
pub(super) fn near(places: &[Range<usize>], others: &[Range<usize>]) -> Option<[Range<usize>; 2]> {
    let mut low = 0;
    for place in places {
        while others.get(low).is_some_and(|other| other.end + NEAR < place.start) {
            low += 1;
        }
        if let Some(other) = others.get(low).filter(|other| other.start <= place.end + NEAR) {
            return Some([other.clone(), place.clone()]);
        }
    }
    None
}

/// The line of a match, or the match alone where the line is long.
pub(super) fn line<'a>(text: &'a [u8], place: &Range<usize>) -> &'a [u8] {
    const LONG: usize = 160;
    let before = memchr::memrchr(b'\n', &text[..place.start]).map_or(0, |at| at + 1);
    let after = memchr::memchr(b'\n', &text[place.end..]).map_or(text.len(), |at| place.end + at);
    let found = text[place.clone()].trim_ascii();
    let whole = if after - before <= LONG { &text[before..after] } else { found };
    &whole[..whole.len().min(LONG)]
}
