//! Who got in, and where nobody did.

use super::page::{Page, Span, listed, words};
use super::tone::{brief, count, faint, glyph, heading, plain, strong, verdict};
use crate::report::{IdentitySummary, LeftOut, OperationSummary, Quarantined, Report};

/// The most operations that are told.
const SHOWN: usize = 12;

pub(super) fn identities(page: &mut Page, report: &Report) {
    let (identities, accounts) = (&report.identities, brief(&report.accounts, 200));
    page.blank();
    if identities.is_empty() {
        let note = "none: what needs a login was not looked at (--identity NAME=SPEC)";
        heading(page, "IDENTITIES", note);
        if !accounts.is_empty() {
            page.flow(&[Span::plain("  ")], &words(faint(), &accounts), 2);
        }
        return;
    }
    heading(page, "IDENTITIES", &accounts);
    let called = |identity: &IdentitySummary| {
        let role = identity.role.as_ref().map_or_else(String::new, |role| format!(" ({role})"));
        brief(&format!("{}{role}", identity.name), 40)
    };
    let wide =
        identities.iter().map(|identity| Span::plain(&called(identity)).width()).max().unwrap_or_default();
    for identity in identities {
        let works = identity.granted > 0 && identity.alive_at_end;
        let mark = if works { "held" } else { "violated" };
        let lead = [
            Span::new(verdict(mark), &format!("  {} ", glyph(mark))),
            Span::padded(strong(), &called(identity), wide + 2),
        ];
        let end = if identity.alive_at_end { "still works at the end" } else { "does not work at the end" };
        let granted = count(identity.granted, "operation", "operations");
        let mut text = words(plain(), &format!("granted {granted}, {end}"));
        if !identity.note.is_empty() {
            text.push(Span::new(faint(), "·"));
            text.extend(words(verdict("vacuous"), &brief(&identity.note, 300)));
        }
        page.flow(&lead, &text, 4);
    }
}

pub(super) fn operations(page: &mut Page, report: &Report) {
    let (operations, met) = (&report.operations, report.behaviours);
    let missed: Vec<_> = operations.iter().filter(|operation| !operation.reached).collect();
    page.blank();
    let mut amount = format!("{} of {} reached", operations.len() - missed.len(), operations.len());
    if met.new + met.known > 0 {
        let all = usize::try_from(met.new + met.known).unwrap_or(usize::MAX);
        amount.push_str(&format!(", {} of answering, {} new", count(all, "way", "ways"), met.new));
    }
    heading(page, "OPERATIONS", &amount);
    let name = |operation: &OperationSummary| brief(&format!("{} {}", operation.method, operation.path), 60);
    let shown = || missed.iter().take(SHOWN);
    let wide = shown().map(|operation| Span::plain(&name(operation)).width()).max().unwrap_or_default();
    for operation in shown() {
        let lead = [
            Span::new(verdict("vacuous"), &format!("  {} ", glyph("vacuous"))),
            Span::padded(plain(), &name(operation), wide + 2),
        ];
        let mut text = words(faint(), &brief(&operation.note, 200));
        let statuses = operation.statuses.iter().map(|(status, n)| format!("{n} × {}", brief(status, 12)));
        let statuses: Vec<_> = statuses.collect();
        if !text.is_empty() && !statuses.is_empty() {
            text.push(Span::new(faint(), "·"));
        }
        text.extend(listed(&statuses));
        page.flow(&lead, &text, 3);
    }
    if missed.len() > SHOWN {
        page.line(&[Span::new(faint(), &format!("  … {} more were not reached", missed.len() - SHOWN))]);
    }
}

pub(super) fn left_out(page: &mut Page, operations: &[LeftOut]) {
    if operations.is_empty() {
        return;
    }
    page.blank();
    heading(page, "LEFT OUT", &count(operations.len(), "operation", "operations"));
    let name = |left: &LeftOut| brief(&left.operation.to_string(), 60);
    let shown = || operations.iter().take(SHOWN);
    let wide = shown().map(|left| Span::plain(&name(left)).width()).max().unwrap_or_default();
    for left in shown() {
        let lead = [
            Span::new(verdict("skipped"), &format!("  {} ", glyph("skipped"))),
            Span::padded(plain(), &name(left), wide + 2),
        ];
        page.flow(&lead, &words(faint(), &brief(&left.reason, 120)), 2);
    }
    if operations.len() > SHOWN {
        page.line(&[Span::new(faint(), &format!("  … {} more", operations.len() - SHOWN))]);
    }
}

pub(super) fn quarantined(page: &mut Page, operations: &[Quarantined]) {
    if operations.is_empty() {
        return;
    }
    page.blank();
    heading(page, "IN QUARANTINE", &count(operations.len(), "operation", "operations"));
    let name = |held: &Quarantined| brief(&held.operation.to_string(), 60);
    let shown = || operations.iter().take(SHOWN);
    let wide = shown().map(|held| Span::plain(&name(held)).width()).max().unwrap_or_default();
    for held in shown() {
        let lead = [
            Span::new(verdict("skipped"), &format!("  {} ", glyph("skipped"))),
            Span::padded(plain(), &name(held), wide + 2),
        ];
        let then = if held.unsent.is_empty() { "attacked last" } else { held.unsent.as_str() };
        page.flow(&lead, &words(faint(), &format!("{}; {}", brief(&held.reason, 160), brief(then, 120))), 6);
    }
    if operations.len() > SHOWN {
        page.line(&[Span::new(faint(), &format!("  … {} more", operations.len() - SHOWN))]);
    }
}
