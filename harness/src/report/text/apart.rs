//! What does not stand yet: suspected, and not confirmed.

use super::page::{Page, Span, dotted, words};
use super::tone::{brief, count, faint, heading, plain, strong};
use super::{TextOptions, command, entry, findings};
use crate::checks::Confidence;
use crate::finding::{Finding, State};
use crate::report::Report;

/// The most findings that are told.
const SHOWN: usize = 10;

pub(super) fn write(page: &mut Page, report: &Report, options: &TextOptions<'_>) {
    let apart: Vec<_> = report.findings.iter().filter(|finding| !findings::stands(finding)).collect();
    let (asked, unseen): (Vec<_>, Vec<_>) = apart.into_iter().partition(|finding| {
        finding.confidence == Confidence::Suspected
            && matches!(finding.state, State::Confirmed | State::Shrunk)
    });
    if !asked.is_empty() {
        page.blank();
        let amount =
            format!("{}: the owner knows, proofhouse cannot", count(asked.len(), "question", "questions"));
        heading(page, "SUSPECTED", &amount);
        for finding in asked.iter().take(SHOWN) {
            page.blank();
            title(page, finding);
            let facts = vec![finding.check.clone(), finding.severity.to_string(), entry::times(finding)];
            page.flow(&[Span::plain("      ")], &dotted(facts), 2);
            page.flow(&[Span::plain("      ")], &words(plain(), &brief(&finding.detail, 500)), 5);
            entry::write_sent(page, finding);
            for field in entry::fields(finding).iter().filter(|(name, _)| *name == "falsified by") {
                entry::write_field(page, field);
            }
            if let Some(rule) = &finding.rule {
                entry::write_rule(page, rule);
            }
            entry::replay(page, finding, Some(&report.target), options);
        }
        more(page, asked.len());
    }
    if !unseen.is_empty() {
        page.blank();
        let amount =
            format!("{}: kept, and no reason to fail a build", count(unseen.len(), "finding", "findings"));
        heading(page, "UNCONFIRMED", &amount);
        for finding in unseen.iter().take(SHOWN) {
            title(page, finding);
            let again = match finding.state {
                State::Suspected => "seen once, not tried again".to_owned(),
                _ => format!("seen again {} of {} times", finding.reproduced.k, finding.reproduced.n),
            };
            let mut notes = dotted(vec![finding.check.clone(), finding.severity.to_string(), again]);
            if !finding.case_file.is_empty() {
                notes.push(Span::whole(faint(), &command::file(finding, options)));
            }
            page.flow(&[Span::plain("      ")], &notes, 3);
        }
        more(page, unseen.len());
    }
}

fn title(page: &mut Page, finding: &Finding) {
    page.flow(&[Span::plain("    ")], &words(strong(), &brief(&finding.title, 300)), 4);
}

fn more(page: &mut Page, all: usize) {
    if all > SHOWN {
        page.line(&[Span::new(faint(), &format!("    … {} more in the report", all - SHOWN))]);
    }
}
