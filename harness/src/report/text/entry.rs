//! One finding: its fields, in the order in which a reader asks.

use super::page::{Page, Span, words};
use super::tone::{brief, faint, open, plain, strong};
use super::{TextOptions, command, sent};
use crate::finding::{Finding, Status};

/// The column of the fields' texts, behind their names.
const NAMES: usize = 14;
/// The most characters of a text that came with a finding.
const LONG: usize = 700;

/// The name of what happened, when it is told for several findings.
const DETAIL: &str = "detail";

/// A field: its name and its text. Fields with equal texts are told once for several findings.
pub(super) type Field = (&'static str, String);

/// What may be the same for all findings of a check.
pub(super) fn fields(finding: &Finding) -> Vec<Field> {
    let mut fields = vec![
        (DETAIL, finding.detail.clone()),
        ("expected", finding.expected.clone()),
        ("came", finding.actual.clone()),
        ("severity", severity(finding)),
        ("reproduced", reproduced(finding)),
        ("falsified by", finding.falsified_by.clone()),
    ];
    fields.retain(|(_, text)| !text.trim().is_empty());
    fields
}

fn severity(finding: &Finding) -> String {
    let own = format!("{} is ", finding.check);
    let reasons = finding.severity_reason.iter().map(|reason| reason.strip_prefix(&own).unwrap_or(reason));
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    let level = finding.severity.as_str();
    if reasons.starts_with(level) {
        reasons
    } else {
        format!("{level}: {reasons}").trim_end_matches(": ").to_owned()
    }
}

fn reproduced(finding: &Finding) -> String {
    let known = standing(finding.status).map_or_else(String::new, |status| format!(", {status}"));
    format!("{}, {}{known}", times(finding), finding.confidence)
}

/// How often it was seen again.
pub(super) fn times(finding: &Finding) -> String {
    let flaky = if is_flaky(finding) { ", flaky" } else { "" };
    format!("{} of {} times{flaky}", finding.reproduced.k, finding.reproduced.n)
}

/// Seen again, but not every time.
pub(super) fn is_flaky(finding: &Finding) -> bool {
    finding.reproduced.k < finding.reproduced.n
}

/// What a finding is to the reader, when it is not new.
pub(super) fn standing(status: Status) -> Option<&'static str> {
    match status {
        Status::New => None,
        Status::NewlyReachable => Some("newly reachable"),
        Status::Known => Some("known"),
        Status::Accepted => Some("accepted"),
        Status::Fixed => Some("fixed"),
        Status::Regressed => Some("regressed"),
    }
}

/// A finding in full (its case file is in the command that replays it), less the fields that were told for all.
pub(super) fn write(
    page: &mut Page,
    finding: &Finding,
    told: &[Field],
    target: Option<&str>,
    options: &TextOptions<'_>,
) {
    page.flow(&[Span::plain("    ")], &words(strong(), &brief(&finding.title, 300)), 4);
    if !told.iter().any(|(name, _)| *name == DETAIL) {
        page.flow(&[Span::plain("      ")], &words(plain(), &brief(&finding.detail, LONG)), 8);
    }
    write_sent(page, finding);
    for field in fields(finding).iter().filter(|field| field.0 != DETAIL && !told.contains(field)) {
        write_field(page, field);
    }
    if let Some(rule) = &finding.rule {
        write_rule(page, rule);
    }
    replay(page, finding, target, options);
}

/// The attack, in a line or two.
pub(super) fn write_sent(page: &mut Page, finding: &Finding) {
    if let Some(decisive) = sent::decisive(finding) {
        let payload = sent::payload(finding, decisive);
        let line = sent::line(decisive);
        page.flow(&name("sent"), &words(plain(), &brief(&line, LONG)), 2);
        if let Some(payload) = payload.filter(|payload| !line.ends_with(payload.as_str())) {
            page.flow(&name(""), &words(open(), &brief(&payload, LONG)), 2);
        }
    }
}

/// A field in its place.
pub(super) fn write_field(page: &mut Page, (title, text): &Field) {
    let style = if *title == "reproduced" && text.contains("flaky") { open() } else { plain() };
    page.flow(&name(title), &words(style, &brief(text, LONG)), 6);
}

/// The configuration to paste, line by line as it is.
pub(super) fn write_rule(page: &mut Page, rule: &str) {
    for (index, line) in brief(rule, LONG).lines().enumerate() {
        let mut spans = name(if index == 0 { "rule to paste" } else { "" }).to_vec();
        spans.push(Span::new(open(), line));
        page.line(&spans);
    }
}

pub(super) fn replay(page: &mut Page, finding: &Finding, target: Option<&str>, options: &TextOptions<'_>) {
    let style = faint();
    let spans = |words: Vec<String>| words.iter().map(|word| Span::new(style, word)).collect::<Vec<_>>();
    if let Some(words) = command::replay(finding, target, options) {
        page.command(&name("replay"), &spans(words));
    } else if !finding.curl.is_empty() {
        page.command(&name("try"), &spans(command::split(&finding.curl)));
    }
}

fn name(text: &str) -> [Span; 1] {
    [Span::padded(faint(), &format!("      {text}"), 6 + NAMES)]
}
