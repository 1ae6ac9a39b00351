//! Text that matches a regular expression, drawn from its structure.
//!
//! The patterns of documents are of ECMA-262. What differs is bridged here; what is drawn is checked by the
//! validator's engine, so that a bridge that is wrong only costs attempts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::generate::Source;
use crate::surface::pattern_matches;

/// The longest text.
const LONGEST: usize = 4_096;
/// Patterns that one thread keeps.
const KEPT: usize = 1_024;

/// A pattern without its lookaheads, and what these want somewhere in the text.
#[derive(Debug)]
struct Plan {
    hir: Hir,
    wanted: Vec<Hir>,
}

thread_local! {
    static PLANS: RefCell<HashMap<String, Option<Rc<Plan>>>> = RefCell::new(HashMap::new());
}

/// Text that matches; open repeats run at most `extra` times longer than they must.
pub(super) fn draw(pattern: &str, extra: usize, source: &mut dyn Source) -> Option<String> {
    let plan = plan(pattern)?;
    for more in 0..4 {
        let mut text = String::new();
        spell(&plan.hir, extra + more, &mut text, source)?;
        if !plan.wanted.is_empty() {
            text = enriched(text, &plan.wanted, source)?;
        }
        if pattern_matches(pattern, &text)? {
            return Some(text);
        }
        if source.exhausted() {
            return None;
        }
    }
    None
}

fn plan(pattern: &str) -> Option<Rc<Plan>> {
    PLANS.with_borrow_mut(|kept| {
        if !kept.contains_key(pattern) {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), prepare(pattern).map(Rc::new));
        }
        kept.get(pattern)?.clone()
    })
}

fn prepare(pattern: &str) -> Option<Plan> {
    let mut wanted = Vec::new();
    let plain = without_lookarounds(pattern, &mut wanted)?;
    let wanted = wanted.iter().map(|inner| {
        // `(?=.*[A-Z])`: what follows the gap may be anywhere.
        let inner = inner.trim_start_matches('^').trim_end_matches('$');
        let gap =
            [".*?", ".*", "[^]*", r"[\s\S]*", r"[\w\W]*"].iter().find_map(|gap| inner.strip_prefix(gap));
        gap.map(|inner| parse(inner.trim_end_matches(".*")))
    });
    // A lookahead of another kind is left to luck.
    Some(Plan { hir: parse(&plain)?, wanted: wanted.flatten().flatten().collect() })
}

/// Parses in ASCII first, so that `\d` and `.` stay what ECMA-262 and people mean.
fn parse(pattern: &str) -> Option<Hir> {
    let pattern = bridged(pattern);
    let parsed = |unicode| {
        ParserBuilder::new().unicode(unicode).utf8(false).nest_limit(60).build().parse(&pattern).ok()
    };
    parsed(false).or_else(|| parsed(true))
}

/// ECMA-262 as the parser reads it: in a class `[`, `&&`, `--` and `~~` are plain there and operators here.
fn bridged(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut inside = false;
    let mut first = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let at_start = std::mem::replace(&mut first, false);
        match c {
            '\\' => match chars.next() {
                Some('c') => drop(chars.next()),
                Some('d') if inside => out.push_str("0-9"),
                Some('w') if inside => out.push_str("A-Za-z0-9_"),
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            '[' if inside => out.push_str("\\["),
            '[' => {
                inside = true;
                first = true;
                out.push('[');
            }
            '^' if at_start => out.push('^'),
            ']' if inside => {
                inside = false;
                out.push(']');
            }
            '&' | '~' if inside => out.extend(['\\', c]),
            '-' if inside && chars.peek() == Some(&'-') => out.push_str("\\-"),
            // `[\w-.]`: a hyphen after a class is itself.
            '-' if inside && (out.ends_with("9_") || out.ends_with("0-9")) => out.push_str("\\-"),
            c => out.push(c),
        }
    }
    out
}

/// Takes lookarounds out; the insides of positive lookaheads are kept aside.
fn without_lookarounds(pattern: &str, wanted: &mut Vec<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = ["(?=", "(?!", "(?<=", "(?<!"].iter().filter_map(|open| rest.find(open)).min() {
        let end = at + closing(&rest[at..])?;
        if let Some(inner) = rest[at..end].strip_prefix("(?=") {
            wanted.push(inner.to_owned());
        }
        out.push_str(&rest[..at]);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// Where the group that begins here ends.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut class, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => class = true,
            b']' => class = false,
            b'(' if !class => depth += 1,
            b')' if !class => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn spell(hir: &Hir, extra: usize, text: &mut String, source: &mut dyn Source) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(character(class, source)?),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let min = *min as usize;
            let room = max.map_or(extra, |max| (max as usize).saturating_sub(min).min(extra.max(8)));
            let times = match source.int(0..=7) {
                6 => min,
                7 => min + room,
                _ => min + source.index(room + 1),
            };
            for _ in 0..times {
                spell(sub, extra, text, source)?;
            }
        }
        HirKind::Capture(capture) => spell(&capture.sub, extra, text, source)?,
        HirKind::Concat(parts) => {
            for part in parts {
                spell(part, extra, text, source)?;
            }
        }
        HirKind::Alternation(branches) => spell(source.pick(branches)?, extra, text, source)?,
    }
    Some(())
}

/// A character of a class: a printable one of ASCII when there is any.
fn character(class: &Class, source: &mut dyn Source) -> Option<char> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    };
    let within = |low: u32, high: u32| -> Vec<(u32, u32)> {
        let cut = ranges.iter().map(|&(first, last)| (first.max(low), last.min(high)));
        cut.filter(|(first, last)| first <= last).collect()
    };
    // Letters and digits survive every encoding; then what else is printable; then anything.
    let mut plain = within('0'.into(), '9'.into());
    plain.extend(within('A'.into(), 'Z'.into()));
    plain.extend(within('a'.into(), 'z'.into()));
    let printable = within(0x21, 0x7e);
    let chosen = match () {
        () if !plain.is_empty() && (printable.is_empty() || source.ratio(7, 8)) => plain,
        () if !printable.is_empty() => printable,
        () if !within(0x20, 0x20).is_empty() => within(0x20, 0x20),
        () => ranges,
    };
    let size: u64 = chosen.iter().map(|(first, last)| u64::from(last - first) + 1).sum();
    let mut at = source.int(0..=size.checked_sub(1)?) as u32;
    for (first, last) in chosen {
        if at <= last - first {
            return char::from_u32(first + at);
        }
        at -= last - first + 1;
    }
    None
}

/// Writes what lookaheads want over the text, each at a place of its own.
fn enriched(text: String, wanted: &[Hir], source: &mut dyn Source) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    for hir in wanted {
        let mut part = String::new();
        spell(hir, 0, &mut part, source)?;
        for c in part.chars() {
            match chars.get_mut(at) {
                Some(place) => *place = c,
                None => chars.push(c),
            }
            at += 1;
        }
    }
    Some(chars.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Seeded;

    #[test]
    fn patterns_of_documents_are_matched() {
        for pattern in [
            r"^\d{6}$",
            r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$",
            r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
            r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[!@#$]).{8,}$",
            r"^(?!admin$)[a-z]{3,8}$",
            r"^[\w.-]+$",
            r"^[a-z[\]]+$",
            r"^\+?[1-9]\d{1,14}$",
            r"^#(?:[0-9a-fA-F]{3}){1,2}$",
            r"\d+",
            r"^a/b\/c$",
            r"^\p{L}+$",
            r"^(true|false)$",
            r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
            r"^é+$",
        ] {
            let mut source = Seeded::new(1);
            let hits = (0..100).filter(|_| draw(pattern, 6, &mut source).is_some()).count();
            assert!(hits >= 95, "{pattern}: {hits}");
        }
    }

    #[test]
    fn hopeless_patterns_end() {
        let mut source = Seeded::new(1);
        assert_eq!(draw("(", 4, &mut source), None);
        assert_eq!(draw("a$b", 4, &mut source), None);
        assert_eq!(draw("(((a{50}){50}){50}){50}", 4, &mut source), None);
    }
}
