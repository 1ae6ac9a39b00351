//! The confirmed findings: by check, by issue and by operation.

use std::fmt::Write as _;

use super::entry::{self, Field};
use super::page::{Page, Span, dotted, words};
use super::tone::{brief, by_severity, count, faint, heading, plain, severity, strong};
use super::{TextOptions, command};
use crate::checks::{Confidence, Severity, by_id};
use crate::finding::{Finding, OperationName, State, Status, issue_of};
use crate::report::Report;

/// The most operations of a check that get a line each; the rest is counted.
const LINES: usize = 25;

/// Whether a finding stands: seen again, and no statement of the owner is needed.
pub(super) fn stands(finding: &Finding) -> bool {
    matches!(finding.state, State::Confirmed | State::Shrunk) && finding.confidence > Confidence::Suspected
}

/// Whether somebody has to act on it.
fn is_open(finding: &Finding) -> bool {
    !matches!(finding.status, Status::Accepted | Status::Fixed)
}

pub(super) fn write(page: &mut Page, report: &Report, options: &TextOptions<'_>) {
    let findings: Vec<_> = report.findings.iter().filter(|finding| stands(finding)).collect();
    page.blank();
    if findings.is_empty() {
        heading(page, "FINDINGS", "none confirmed");
        return;
    }
    let groups = by_check(&findings);
    let leads: Vec<_> = issues(&findings).iter().map(|issue| lead(issue)).collect();
    let mut amount = format!(
        "{} of {}: {}",
        count(leads.len(), "issue", "issues"),
        count(groups.len(), "check", "checks"),
        by_severity(leads.iter().map(|lead| lead.severity))
    );
    if leads.len() < findings.len() {
        let _ = write!(amount, "; {} confirmed", count(findings.len(), "finding", "findings"));
    }
    let accepted = findings.iter().filter(|finding| !is_open(finding)).count();
    if accepted > 0 {
        let _ = write!(amount, "; {accepted} accepted or fixed");
    }
    heading(page, "FINDINGS", &amount);
    for group in groups {
        write_group(page, &group, Some(&report.target), options);
    }
}

/// One finding, with what its check says.
pub(super) fn alone(page: &mut Page, finding: &Finding, options: &TextOptions<'_>) {
    write_group(page, &[finding], None, options);
}

/// The findings of each issue, in the order of the first.
fn issues<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut issues: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match issues.iter_mut().find(|own| own[0].issue == finding.issue) {
            Some(own) => own.push(finding),
            None => issues.push(vec![finding]),
        }
    }
    issues
}

/// The finding that says what an issue is: the others of another check only notice it.
fn lead<'a>(issue: &[&'a Finding]) -> &'a Finding {
    let own = |finding: &&&Finding| {
        let operation = finding.operation.to_string();
        [operation.as_str(), "*"].iter().any(|name| issue_of(&finding.check, name) == finding.issue)
    };
    let worst = |findings: &mut dyn Iterator<Item = &&'a Finding>| {
        findings.max_by_key(|finding| (finding.severity, finding.confidence)).copied()
    };
    worst(&mut issue.iter().filter(own)).or_else(|| worst(&mut issue.iter())).unwrap_or(issue[0])
}

/// The findings of each check, the worst check first; what a check dominates stands with it.
fn by_check<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for issue in issues(findings) {
        let check = lead(&issue).check.as_str();
        match groups.iter_mut().find(|(other, _)| *other == check) {
            Some((_, group)) => group.extend(issue),
            None => groups.push((check, issue)),
        }
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(check, mut group)| {
            group.sort_by_key(|finding| finding.check != check);
            group
        })
        .collect();
    for group in &mut groups {
        let check = group[0].check.clone();
        group.sort_by_key(|finding| {
            (
                finding.check != check,
                !is_open(finding),
                std::cmp::Reverse((finding.severity, finding.confidence)),
                &finding.operation,
                &finding.place,
            )
        });
    }
    groups.sort_by_key(|group| {
        (std::cmp::Reverse((group[0].severity, group[0].confidence)), group[0].check.clone())
    });
    groups
}

/// The findings of each operation, in the order of the first.
fn by_operation<'a>(findings: &[&'a Finding]) -> Vec<(&'a OperationName, Vec<&'a Finding>)> {
    let mut operations: Vec<(&OperationName, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match operations.iter_mut().find(|(name, _)| **name == finding.operation) {
            Some((_, own)) => own.push(finding),
            None => operations.push((&finding.operation, vec![finding])),
        }
    }
    operations
}

fn write_group(page: &mut Page, group: &[&Finding], target: Option<&str>, options: &TextOptions<'_>) {
    let worst = group[0];
    let operations = by_operation(group);
    page.blank();
    page.flow(
        &[Span::padded(severity(worst.severity), &format!("  {}", worst.severity), 12)],
        &words(strong(), &title(&worst.check)),
        3,
    );
    page.flow(&[Span::padded(plain(), "", 12)], &facts(group, operations.len()), 2);
    // One operation tells what an issue of many is.
    let mut told_issues = Vec::new();
    let (mut full, mut rest) = (Vec::new(), Vec::new());
    for entry in &operations {
        let first = entry.1[0];
        if full.len() < options.details.max(1) && is_open(first) && !told_issues.contains(&&first.issue) {
            told_issues.push(&first.issue);
            full.push(entry);
        } else {
            rest.push(entry);
        }
    }
    let shown: Vec<_> = full.iter().map(|(_, own)| own[0]).collect();
    let told = alike(&shown);
    if !told.is_empty() {
        page.blank();
        for field in &told {
            entry::write_field(page, field);
        }
    }
    for (_, own) in &full {
        page.blank();
        entry::write(page, own[0], &told, target, options);
        for other in &own[1..] {
            write_line(page, "also ", other, &worst.check, &command::file(other, options));
        }
    }
    write_rest(page, &rest, &worst.check, options, !full.is_empty());
    let fix = by_id(&worst.check).and_then(|check| check.about().section("How to fix"));
    if let Some(fix) = fix.filter(|_| !full.is_empty()) {
        page.blank();
        page.flow(&[Span::new(strong(), "    How to fix  ")], &words(plain(), &fix), usize::MAX);
    }
}

/// The check's title, as the beginning of a sentence; a check of the user's own has none.
fn title(check: &str) -> String {
    let Some(known) = by_id(check) else { return check.to_owned() };
    let mut chars = known.about().title.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn facts(group: &[&Finding], operations: usize) -> Vec<Span> {
    let first = group[0];
    let mut facts = vec![first.confidence.to_string(), count(operations, "operation", "operations")];
    if by_id(&first.check).is_some() {
        facts.insert(0, first.check.clone());
    }
    if group.len() != operations {
        facts.push(count(group.len(), "finding", "findings"));
    }
    let flaky = group.iter().filter(|finding| entry::is_flaky(finding)).count();
    if flaky > 0 {
        facts.push(format!("{flaky} flaky"));
    }
    facts.extend(first.cwe.iter().map(|cwe| format!("CWE-{cwe}")));
    facts.extend(first.owasp.iter().map(|id| format!("OWASP {}", brief(id, 20))));
    dotted(facts)
}

/// The fields that several findings have in common.
fn alike(findings: &[&Finding]) -> Vec<Field> {
    let [first, others @ ..] = findings else { return Vec::new() };
    if others.is_empty() {
        return Vec::new();
    }
    let mut fields = entry::fields(first);
    fields.retain(|field| others.iter().all(|other| entry::fields(other).contains(field)));
    fields
}

fn write_rest(
    page: &mut Page,
    rest: &[&(&OperationName, Vec<&Finding>)],
    check: &str,
    options: &TextOptions<'_>,
    more: bool,
) {
    if rest.is_empty() {
        return;
    }
    page.blank();
    let (also, others) = if more { ("and on", " more") } else { ("on", "") };
    let operations = if rest.len() == 1 { "operation" } else { "operations" };
    let lines: Vec<_> = rest.iter().flat_map(|(_, own)| own).collect();
    let folder = folder(lines.iter().map(|finding| command::file(finding, options)));
    let mut heading = words(strong(), &format!("{also} {}{others} {operations}", rest.len()));
    if let Some(folder) = &folder {
        heading.extend(words(faint(), "with case files in"));
        heading.push(Span::whole(faint(), folder));
    }
    page.flow(&[Span::plain("    ")], &heading, 2);
    for finding in lines.iter().take(LINES) {
        let file = command::file(finding, options);
        let shown = folder.as_ref().and_then(|folder| file.strip_prefix(folder.as_str()));
        write_line(page, "", finding, check, shown.unwrap_or(&file));
    }
    if lines.len() > LINES {
        let more = format!("      … {} more in the report", lines.len() - LINES);
        page.line(&[Span::new(faint(), &more)]);
    }
}

/// The folder, with its slash, that all these files are in.
fn folder(files: impl Iterator<Item = String>) -> Option<String> {
    let mut folders = files.map(|file| file.rfind('/').map(|slash| file[..=slash].to_owned()));
    let first = folders.next()??;
    folders.all(|folder| folder.as_ref() == Some(&first)).then_some(first)
}

fn write_line(page: &mut Page, lead: &str, finding: &Finding, check: &str, file: &str) {
    let mut words = words(plain(), &finding.operation.to_string());
    if finding.check != check {
        words.insert(0, Span::plain(&finding.check));
    }
    if !finding.place.is_empty() && finding.place != "credential" {
        words.push(Span::plain(&finding.place));
    }
    let mut notes =
        vec![finding.identity.clone(), format!("{} of {}", finding.reproduced.k, finding.reproduced.n)];
    if entry::is_flaky(finding) {
        notes.push("flaky".to_owned());
    }
    if finding.severity < Severity::Medium {
        notes.push(finding.severity.to_string());
    }
    notes.extend(entry::standing(finding.status).map(str::to_owned));
    words.push(Span::new(faint(), &format!("({})", notes.join(", "))));
    if !finding.case_file.is_empty() {
        words.push(Span::whole(faint(), file));
    }
    page.flow(&[Span::plain("      "), Span::new(faint(), lead)], &words, 3);
}
