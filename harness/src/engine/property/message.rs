//! What a failing test says. Whatever came from the service is inert, and secrets are taken out.

use std::fmt::Write as _;
use std::path::Path;

use super::proof::Proof;
use crate::checks::Severity;
use crate::finding::{Evidence, Finding};
use crate::message::inert_text;
use crate::report::text::{exchanges, fields, fix};

/// The findings that are told in full; the others get a line each.
const FULL: usize = 3;
/// The most lines of others.
const LINES: usize = 20;
/// The column of what a field says.
const NAMES: usize = 14;

/// All of it.
pub(super) fn message(proof: &Proof) -> String {
    let proven = &proof.proven;
    let mut text = String::new();
    let findings = leads_first(proof.findings());
    let test = proven.test.as_deref().unwrap_or("the service");
    match (findings.len(), proven.only_replay) {
        (0, _) if proof.holds() => writeln!(text, "{test}: it holds"),
        (0, _) => writeln!(text, "{test}: not enough is proven"),
        (_, true) => writeln!(text, "{test}: the case is reproduced"),
        (1, _) => writeln!(text, "{test}: 1 finding is at least {}", gate(proof)),
        (n, _) => writeln!(text, "{test}: {n} findings are at least {}", gate(proof)),
    }
    .unwrap_or_default();
    for finding in findings.iter().take(FULL) {
        full(&mut text, proof, finding);
    }
    if findings.len() > FULL {
        text.push_str("\nAlso found:\n");
        for finding in findings.iter().skip(FULL).take(LINES) {
            let _ = writeln!(text, "  {:<8}  {}: {}", finding.severity, finding.check, line(&finding.title));
            if let Some(file) = file(proof, finding) {
                let _ = writeln!(text, "            {file}");
            }
        }
        let rest = findings.len().saturating_sub(FULL + LINES);
        if rest > 0 {
            let _ = writeln!(text, "  … {rest} more");
        }
    }
    for why in proof.unproven() {
        let _ = write!(text, "\nNot proven: {}", line(why));
    }
    for note in proven.notes.iter().chain(&proven.exceptions).chain(&proven.outcome.write_failure) {
        let _ = write!(text, "\nNote: {}", line(note));
    }
    let report = proof.report();
    let _ = write!(
        text,
        "\n{} cases in {} requests, seed {}; {} of {} operations reached",
        proof.judged(),
        report.requests,
        report.seed,
        report.operations.iter().filter(|operation| operation.reached).count(),
        report.operations.len()
    );
    text
}

/// What people see as one is told once before anything is told twice.
fn leads_first(findings: Vec<&Finding>) -> Vec<&Finding> {
    let (mut leads, mut others): (Vec<&Finding>, Vec<&Finding>) = (Vec::new(), Vec::new());
    for finding in findings {
        let is_known = leads.iter().any(|lead| lead.issue == finding.issue);
        if is_known { others.push(finding) } else { leads.push(finding) }
    }
    leads.extend(others);
    leads
}

/// The conversation, without the header fields that every request of ours carries.
fn conversation(evidence: &[Evidence]) -> String {
    let is_ours = |line: &&str| {
        let ours = ["Host: service.test", "Accept: application/json, */*;q=0.8"];
        ours.contains(line)
            || line.starts_with("User-Agent: proofhouse/")
            || line.starts_with("X-Proofhouse-Run: ")
    };
    let shown = evidence.iter().map(|exchange| {
        let (head, body) = exchange.request.split_once("\n\n").unwrap_or((&exchange.request, ""));
        let mut request = head.lines().filter(|line| !is_ours(line)).collect::<Vec<_>>().join("\n");
        if !body.is_empty() {
            let _ = write!(request, "\n\n{body}");
        }
        Evidence { request, ..exchange.clone() }
    });
    exchanges(&shown.collect::<Vec<_>>())
}

fn gate(proof: &Proof) -> String {
    format!("{} and {}", proof.proven.gate.severity, proof.proven.gate.confidence)
}

fn full(text: &mut String, proof: &Proof, finding: &Finding) {
    let mut facts = vec![finding.severity.to_string(), finding.check.clone(), finding.confidence.to_string()];
    facts.extend(finding.cwe.iter().map(|cwe| format!("CWE-{cwe}")));
    let _ = writeln!(text, "\n{}\n  {}", line(&finding.title), facts.join(" · "));
    for (name, told) in fields(finding) {
        field(text, name, &line(&told));
    }
    for (step, panic) in panics(finding) {
        field(text, "panicked", &format!("{panic} ({step})"));
    }
    let _ = writeln!(text, "\n{}", conversation(&finding.evidence));
    if !finding.curl.is_empty() {
        field(text, "curl", &finding.curl);
    }
    match file(proof, finding) {
        Some(file) => {
            field(text, "saved", &file);
            let test = proof.proven.test.as_deref().map(|test| format!(" {test}")).unwrap_or_default();
            field(text, "replay", &format!("PROOFHOUSE_REPLAY={} cargo test{test}", quoted(&file)));
        }
        None => field(
            text,
            "replay",
            &format!("PROOFHOUSE_SEED={} cargo test (no case is saved)", proof.report().seed),
        ),
    }
    if let Some(fix) = fix(&finding.check).filter(|_| finding.severity > Severity::Info) {
        field(text, "how to fix", &line(&fix));
    }
}

fn field(text: &mut String, name: &str, told: &str) {
    let _ = writeln!(text, "  {name:<NAMES$}{told}");
}

/// The panics of the service, each with the step that it came at.
fn panics(finding: &Finding) -> Vec<(&str, String)> {
    const MARK: &str = "\n[the service panicked at ";
    let of = |evidence: &Evidence| {
        evidence.response.rsplit_once(MARK).map(|(_, told)| line(told.trim_end_matches(']')))
    };
    let mut all: Vec<(&str, String)> = Vec::new();
    for evidence in &finding.evidence {
        if let Some(told) = of(evidence).filter(|told| all.iter().all(|(_, known)| known != told)) {
            all.push((&evidence.step, told));
        }
    }
    all
}

/// The case file of a finding, as people at the package name it.
fn file(proof: &Proof, finding: &Finding) -> Option<String> {
    let proven = &proof.proven;
    if proven.only_replay {
        return proven.saved.first().map(|saved| shown(&saved.path, &proven.manifest));
    }
    let corpora = proven.corpora.as_ref().filter(|_| !finding.case_file.is_empty())?;
    Some(shown(&corpora.join(&finding.case_file), &proven.manifest))
}

/// A path from the package, where it is in it.
pub(super) fn shown(path: &Path, manifest: &Path) -> String {
    path.strip_prefix(manifest).unwrap_or(path).display().to_string()
}

fn line(text: &str) -> String {
    inert_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
