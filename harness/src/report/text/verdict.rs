//! The last line: what it amounts to.

use super::findings::stands;
use super::page::{Page, Span, words};
use super::tone::{by_severity, count, faint, glyph, open, strong, verdict};
use crate::report::Report;

pub(super) fn write(page: &mut Page, report: &Report) {
    page.blank();
    if !report.operations.is_empty() && !report.operations.iter().any(|operation| operation.reached) {
        let nothing =
            "Nothing was reached: no operation granted anybody a valid request, so nothing is proven.";
        page.flow(&[], &words(open(), nothing), 3);
    }
    let mut parts = Vec::new();
    for name in ["held", "violated", "vacuous", "skipped"] {
        let n = report.practices.iter().filter(|practice| practice.verdict == name).count();
        if n > 0 {
            parts.push(Span::new(verdict(name), &format!("{} {n} {name} ", glyph(name))));
        }
    }
    let standing: Vec<_> = report.findings.iter().filter(|finding| stands(finding)).collect();
    let apart = report.findings.len() - standing.len();
    let mut found = format!("· {}", count(standing.len(), "finding", "findings"));
    if !standing.is_empty() {
        found = format!("{found} ({})", by_severity(standing.iter().map(|finding| finding.severity)));
    }
    if apart > 0 {
        found = format!("{found}, {apart} more to settle");
    }
    let proven: usize = report.practices.iter().map(|practice| practice.proven).sum();
    let all: usize = report.practices.iter().map(|practice| practice.applicable).sum();
    parts.extend(words(strong(), &found));
    parts.push(Span::new(faint(), &format!("· {proven} of {} proven", count(all, "cell", "cells"))));
    let practices = count(report.practices.len(), "practice:", "practices:");
    parts.insert(0, Span::new(strong(), &practices));
    page.flow(&[], &parts, 3);
}
