//! Who got in, and where nobody did.

use super::page::{Page, Span, words};
use super::tone::{brief, count, faint, glyph, heading, plain, strong, verdict};
use crate::report::{IdentitySummary, LeftOut, Report};

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
