//! What things look like: glyphs, words and colours for verdicts and severities.

use anstyle::{AnsiColor, Style};

use super::page::{Page, Span, words};
use crate::checks::Severity;

pub(super) fn strong() -> Style {
    Style::new().bold()
}

pub(super) fn faint() -> Style {
    Style::new().dimmed()
}

pub(super) fn plain() -> Style {
    Style::new()
}

fn colored(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(color.into()))
}

pub(super) fn good() -> Style {
    colored(AnsiColor::Green)
}

pub(super) fn bad() -> Style {
    colored(AnsiColor::Red)
}

pub(super) fn open() -> Style {
    colored(AnsiColor::Yellow)
}

/// The heading of a section, with what it amounts to, and an empty line before it.
pub(super) fn heading(page: &mut Page, title: &str, amount: &str) {
    page.blank();
    page.flow(&[Span::padded(strong(), title, 14)], &words(faint(), amount), 3);
}

pub(super) fn glyph(verdict: &str) -> &'static str {
    match verdict {
        "held" => "✓",
        "violated" => "✗",
        "vacuous" => "○",
        _ => "–",
    }
}

pub(super) fn verdict(verdict: &str) -> Style {
    match verdict {
        "held" => good(),
        "violated" => bad(),
        "vacuous" => open(),
        _ => faint(),
    }
}

pub(super) fn severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => bad().bold(),
        Severity::High => bad(),
        Severity::Medium => open(),
        Severity::Low => colored(AnsiColor::Cyan),
        Severity::Info => faint(),
    }
}

/// `1 operation`, `2 operations`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(n as u64)) }
}

/// `12,345`: thousands apart.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The text up to so many characters.
pub(super) fn brief(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// How many there are of each severity, worst first.
pub(super) fn by_severity(severities: impl Iterator<Item = Severity>) -> String {
    let mut counts = [0_usize; 5];
    for severity in severities {
        counts[severity as usize] += 1;
    }
    let named = Severity::ALL.iter().zip(counts).rev().filter(|(_, count)| *count > 0);
    named.map(|(severity, count)| format!("{count} {severity}")).collect::<Vec<_>>().join(", ")
}
