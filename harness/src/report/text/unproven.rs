//! What proves nothing, and what was not tried.

use super::page::{Page, Span, listed, words};
use super::tone::{brief, count, faint, glyph, heading, plain, strong, verdict};
use crate::report::{Report, Skipped};

/// The most reasons that are told.
const REASONS: usize = 10;
/// The most names behind a reason.
const NAMES: usize = 4;

/// A reason, with the checks, operations and identities that it was given for.
#[derive(Default)]
struct Group {
    reason: String,
    enable: String,
    cells: usize,
    checks: Vec<String>,
    operations: Vec<String>,
    identities: Vec<String>,
}

pub(super) fn vacuous(page: &mut Page, report: &Report) {
    // A check that is skipped as a whole is told there.
    let skipped = |check: &str| report.skipped.iter().any(|skipped| skipped.check == check);
    let names: Vec<&str> = report.identities.iter().map(|identity| identity.name.as_str()).collect();
    let mut groups: Vec<Group> = Vec::new();
    for vacuous in report.vacuous.iter().filter(|vacuous| !skipped(&vacuous.check)) {
        let (reason, identity) = without_identity(&vacuous.reason, &names);
        let index = groups.iter().position(|group| group.reason == reason).unwrap_or(groups.len());
        if index == groups.len() {
            groups.push(Group { reason, enable: vacuous.enable.clone(), ..Group::default() });
        }
        let group = &mut groups[index];
        group.cells += vacuous.cells;
        add(&mut group.checks, &vacuous.check);
        for operation in &vacuous.operations {
            add(&mut group.operations, operation);
        }
        if let Some(name) = &identity {
            add(&mut group.identities, name);
        }
    }
    if groups.is_empty() {
        return;
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.cells));
    let cells: usize = groups.iter().map(|group| group.cells).sum();
    page.blank();
    let amount = format!("{}: exercised, but nothing is proven", count(cells, "cell", "cells"));
    heading(page, "VACUOUS", &amount);
    let wide = groups[0].cells.to_string().len();
    for group in groups.iter().take(REASONS) {
        let lead = [
            Span::new(verdict("vacuous"), &format!("  {} ", glyph("vacuous"))),
            Span::new(strong(), &format!("{:>wide$}  ", group.cells)),
        ];
        let mut reason = brief(&group.reason, 300);
        match group.identities.as_slice() {
            [] => {}
            [only] => reason = format!("{only} {reason}"),
            several => reason = format!("{reason} ({})", brief(&several.join(", "), 80)),
        }
        page.flow(&lead, &words(plain(), &reason), 3);
        let mut at = some(&group.checks);
        if group.operations.iter().any(|operation| operation != "*") {
            at.push(Span::new(faint(), "·"));
            at.extend(some(&group.operations));
        }
        page.flow(&[Span::padded(plain(), "", 6 + wide)], &at, 2);
        if !group.enable.is_empty() {
            let with = words(faint(), &format!("counts with {}", brief(&group.enable, 200)));
            page.flow(&[Span::padded(plain(), "", 6 + wide)], &with, 2);
        }
    }
    if groups.len() > REASONS {
        let rest = &groups[REASONS..];
        let cells: usize = rest.iter().map(|group| group.cells).sum();
        let reasons = count(rest.len(), "reason", "reasons");
        page.line(&[Span::new(
            faint(),
            &format!("  … {reasons} more, for {}", count(cells, "cell", "cells")),
        )]);
    }
}

pub(super) fn skipped(page: &mut Page, skipped: &[Skipped]) {
    let mut groups: Vec<(&Skipped, Vec<String>)> = Vec::new();
    for skip in skipped {
        match groups.iter_mut().find(|(first, _)| first.reason == skip.reason && first.enable == skip.enable)
        {
            Some((_, checks)) => add(checks, &skip.check),
            None => groups.push((skip, vec![skip.check.clone()])),
        }
    }
    if groups.is_empty() {
        return;
    }
    groups.sort_by_key(|(_, checks)| std::cmp::Reverse(checks.len()));
    page.blank();
    heading(page, "SKIPPED", &count(skipped.len(), "check", "checks"));
    for (skip, checks) in groups {
        let lead = Span::new(verdict("skipped"), &format!("  {} ", glyph("skipped")));
        let mut text = words(plain(), &brief(&skip.reason, 200));
        text.push(Span::new(faint(), "·"));
        text.extend(some(&checks));
        page.flow(&[lead], &text, 3);
        if !skip.enable.is_empty() {
            page.flow(
                &[Span::new(faint(), "    enable with  ")],
                &words(plain(), &brief(&skip.enable, 400)),
                4,
            );
        }
    }
}

/// A reason that begins with an identity's name, without it.
fn without_identity(reason: &str, names: &[&str]) -> (String, Option<String>) {
    let is_name = |word: &str| names.contains(&word.trim_end_matches([':', ',', '.']));
    match reason.split_once(' ') {
        Some((first, rest)) if names.contains(&first) && !rest.split(' ').any(is_name) => {
            (rest.to_owned(), Some(first.to_owned()))
        }
        _ => (reason.to_owned(), None),
    }
}

fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// The first few names, and how many more there are.
fn some(names: &[String]) -> Vec<Span> {
    let shown: Vec<_> = names.iter().take(NAMES).map(|name| brief(name, 60)).collect();
    let mut spans = listed(&shown);
    if names.len() > NAMES {
        spans.push(Span::new(faint(), &format!("and {} more", names.len() - NAMES)));
    }
    spans
}
