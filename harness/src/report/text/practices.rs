//! The practices: a line each.

use super::page::{Page, Span};
use super::tone::{brief, count, glyph, heading, plain, strong, verdict};
use crate::report::{CheckSummary, PracticeSummary};

/// More checks of one verdict than this are counted, unless they are violated.
const NAMED: usize = 4;

pub(super) fn write(page: &mut Page, practices: &[PracticeSummary]) {
    page.blank();
    heading(page, "PRACTICES", "proven cells of those that apply, and the checks");
    let share = |practice: &PracticeSummary| format!("{}/{}", practice.proven, practice.applicable);
    let title = practices.iter().map(|practice| Span::plain(&brief(&practice.title, 40)).width()).max();
    let figure = practices.iter().map(|practice| share(practice).len()).max().unwrap_or_default();
    for practice in practices {
        let style = verdict(&practice.verdict);
        let lead = [
            Span::new(style, &format!("  {} ", glyph(&practice.verdict))),
            Span::padded(style, &practice.verdict, 10),
            Span::padded(strong(), &brief(&practice.title, 40), title.unwrap_or_default() + 2),
            Span::new(plain(), &format!("{:>figure$}  ", share(practice))),
        ];
        page.flow(&lead, &checks(&practice.checks), usize::MAX);
    }
    if practices.is_empty() {
        page.line(&[Span::plain("  none: no check was selected")]);
    }
}

fn checks(checks: &[CheckSummary]) -> Vec<Span> {
    let mut spans = Vec::new();
    for name in ["violated", "vacuous", "skipped", "held"] {
        let own: Vec<_> = checks.iter().filter(|check| check.verdict == name).collect();
        let mark = |text: &str| Span::new(verdict(name), &format!("{} {text} ", glyph(name)));
        if own.len() > NAMED && name != "violated" {
            spans.push(mark(&format!("{} {name}", count(own.len(), "check", "checks"))));
        } else {
            spans.extend(own.iter().map(|check| mark(&check.id)));
        }
    }
    spans
}
