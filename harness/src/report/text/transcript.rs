//! The transcript of a finding: every exchange of its argument, in order.

use std::fmt::Write as _;

use super::entry;
use crate::finding::{Evidence, Finding};
use crate::message::inert_text;

/// The most characters of a line; what is longer says how much is left out.
const LINE: usize = 2_000;

/// A readable transcript of the exchanges that make a finding's argument.
pub fn transcript(finding: &Finding) -> String {
    let mut text = format!("{}\n", one_line(&finding.title));
    let reproduced = &finding.reproduced;
    let _ = writeln!(
        text,
        "{} · {} · {} · {} of {} times · {}",
        one_line(&finding.check),
        finding.severity,
        finding.confidence,
        reproduced.k,
        reproduced.n,
        one_line(&finding.fingerprint)
    );
    for (name, field) in entry::fields(finding) {
        if matches!(name, "expected" | "came" | "falsified by") {
            let _ = writeln!(text, "{name:<14}{}", one_line(&field));
        }
    }
    text.push('\n');
    text.push_str(&exchanges(&finding.evidence));
    text
}

/// Labelled exchanges, in the order in which they were sent.
pub fn exchanges(evidence: &[Evidence]) -> String {
    let mut text = String::new();
    for (index, exchange) in evidence.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let copies = match exchange.copies {
            0 | 1 => String::new(),
            copies => format!(", the first of {copies} copies"),
        };
        let _ = writeln!(
            text,
            "── {}. {}: {} · {} as {}{copies} · {} ms",
            index + 1,
            one_line(&exchange.label),
            meaning(&exchange.label),
            one_line(&exchange.step),
            one_line(&exchange.identity),
            exchange.millis
        );
        lines(&mut text, '>', &exchange.request);
        lines(&mut text, '<', &exchange.response);
    }
    if evidence.is_empty() {
        text.push_str("no exchange was kept\n");
    }
    text
}

/// What an exchange is there for.
fn meaning(label: &str) -> &'static str {
    match label {
        "baseline" => "makes what the attack needs",
        "attack" => "what must not work",
        "control" => "the harmless twin",
        "rejection" => "what must be refused",
        "positive" => "what still works after",
        "reread" => "what is there now",
        _ => "another exchange",
    }
}

fn lines(text: &mut String, mark: char, message: &str) {
    for line in inert_text(message).lines() {
        let line = line.trim_end();
        let shown: String = line.chars().take(LINE).collect();
        text.push_str(format!("{mark} {shown}").trim_end());
        let left = line.chars().count().saturating_sub(LINE);
        if left > 0 {
            let _ = write!(text, " [{left} more characters]");
        }
        text.push('\n');
    }
}

fn one_line(text: &str) -> String {
    inert_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
