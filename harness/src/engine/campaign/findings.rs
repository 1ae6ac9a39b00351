//! From a violated witness to a finding.

use super::worker::Shared;
use crate::case::Case;
use crate::checks::{About, Confidence, Violation};
use crate::engine::Confirmation;
use crate::finding::{self, Finding, OperationName, Reproduced, State, Status};
use crate::report;
use crate::trace::Trace;

/// A finding that was seen once.
pub(super) fn suspected(
    shared: &Shared,
    about: &About,
    case: &Case,
    trace: &Trace,
    violation: &Violation,
) -> Finding {
    let mut finding = Finding {
        fingerprint: finding::fingerprint(case),
        cause: violation.cause.clone(),
        issue: finding::issue(case),
        check: case.check.clone(),
        practice: about.practice,
        state: State::Suspected,
        severity: about.severity,
        severity_reason: Vec::new(),
        confidence: violation.confidence,
        cwe: about.cwe.to_vec(),
        owasp: about.owasp.iter().map(ToString::to_string).collect(),
        wfc_code: about.wfc,
        operation: OperationName::of(&case.operation),
        place: case.place.clone(),
        title: String::new(),
        detail: String::new(),
        expected: String::new(),
        actual: String::new(),
        falsified_by: String::new(),
        rule: None,
        identity: String::new(),
        reproduced: Reproduced::default(),
        case_file: String::new(),
        evidence: Vec::new(),
        curl: String::new(),
        first_seen: (shared.now)(),
        status: Status::New,
    };
    describe(shared, &mut finding, about, case, trace, violation);
    finding
}

/// What repeating it showed.
pub(super) fn confirm(finding: &mut Finding, confirmation: &Confirmation) {
    finding.reproduced = confirmation.reproduced;
    if !confirmation.is_seen() {
        finding.state = State::Unconfirmed;
        return;
    }
    finding.state = State::Confirmed;
    if !confirmation.is_certain() {
        finding.confidence = finding.confidence.min(Confidence::Likely);
    }
}

/// The finding of a smaller case.
pub(super) fn shrunk(
    shared: &Shared,
    finding: &mut Finding,
    about: &About,
    case: &Case,
    trace: &Trace,
    violation: &Violation,
) {
    let confidence = finding.confidence.min(violation.confidence);
    describe(shared, finding, about, case, trace, violation);
    finding.confidence = confidence;
    finding.state = State::Shrunk;
}

fn describe(
    shared: &Shared,
    finding: &mut Finding,
    about: &About,
    case: &Case,
    trace: &Trace,
    violation: &Violation,
) {
    shared.vault.learn(trace);
    let clean = |text: &str| shared.vault.redact(text);
    let (severity, reasons) = finding::severity(about, violation);
    finding.severity = severity;
    finding.severity_reason = reasons;
    finding.cause = violation.cause.clone();
    finding.confidence = violation.confidence;
    finding.title = clean(&violation.title);
    finding.detail = clean(&violation.detail);
    finding.expected = clean(&violation.expected);
    finding.actual = clean(&violation.actual);
    finding.falsified_by.clone_from(&violation.falsified_by);
    finding.rule.clone_from(&violation.rule);
    finding.evidence = report::evidence(case, trace, &shared.vault);
    if let Some(step) = case.steps.get(violation.step) {
        finding.identity.clone_from(&step.identity);
        if let Some(exchange) = trace.of_index(violation.step) {
            finding.curl =
                report::curl(&shared.base_url, &step.identity, &exchange.sent.request, &shared.vault);
        }
    }
}
