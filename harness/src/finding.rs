//! Findings: confirmed witnesses, with what a reader needs to believe them.

use serde::{Deserialize, Serialize};

use crate::case::{Case, hex};
use crate::checks::{About, Cause, Confidence, Fact, Practice, Severity, Violation};

/// A violated case, and everything that the report says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// `v1:` and a hash of check, operation, place and class: the same wherever it is found.
    pub fingerprint: String,
    /// What tells two causes of one fingerprint apart.
    pub cause: Cause,
    /// `i1:` and a hash of check and operation: what people see as one.
    pub issue: String,
    /// The check.
    pub check: String,
    /// Its practice.
    pub practice: Practice,
    /// How far it got.
    pub state: State,
    /// How bad it is.
    pub severity: Severity,
    /// Why it is as bad as that.
    pub severity_reason: Vec<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Common Weakness Enumeration.
    pub cwe: Vec<u32>,
    /// OWASP ids.
    pub owasp: Vec<String>,
    /// Web Fuzzing Commons fault code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wfc_code: Option<u32>,
    /// The operation.
    pub operation: OperationName,
    /// The attacked input, such as `query:q`; empty when the whole request is the attack.
    pub place: String,
    /// Actor, verb, object.
    pub title: String,
    /// What happened.
    pub detail: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// What would show that this is no finding.
    pub falsified_by: String,
    /// Lines of configuration that would settle it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Who sent the attack.
    pub identity: String,
    /// How often it was seen again.
    pub reproduced: Reproduced,
    /// The case file, relative to the corpora directory.
    pub case_file: String,
    /// The exchanges that make the argument.
    pub evidence: Vec<Evidence>,
    /// The attack as a command line, with credentials as shell variables.
    pub curl: String,
    /// When it was first seen (RFC 3339, UTC).
    pub first_seen: String,
    /// What it is to the reader of this run.
    pub status: Status,
}

/// An operation in a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationName {
    /// The method, or `*`.
    pub method: String,
    /// The path template, or `*`.
    pub path: String,
}

/// How far a finding got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Seen once.
    Suspected,
    /// Not seen again often enough.
    Unconfirmed,
    /// Seen again.
    Confirmed,
    /// Seen again, and made small.
    Shrunk,
}

/// What a finding is to the reader of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not in the baseline.
    New,
    /// On an operation that was not reached before.
    NewlyReachable,
    /// In the baseline.
    Known,
    /// Expected, with a reason.
    Accepted,
    /// Replayed and held.
    Fixed,
    /// Was fixed once.
    Regressed,
}

/// How often a witness was seen again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reproduced {
    /// So many times.
    pub k: u32,
    /// Of so many.
    pub n: u32,
}

/// One exchange of an argument, secrets taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// `baseline`, `attack`, `control`, `rejection`, `positive` or `reread`.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["baseline", "attack", "control", "rejection", "positive", "reread"]))
    )]
    pub label: String,
    /// The step's name.
    pub step: String,
    /// Who sent it.
    pub identity: String,
    /// How often it was sent.
    pub copies: u32,
    /// The request as text.
    pub request: String,
    /// The answer as text, or what came instead.
    pub response: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

impl OperationName {
    /// Reads `METHOD /path`, or `*`.
    pub fn of(name: &str) -> Self {
        let (method, path) = name.split_once(' ').unwrap_or((name, "*"));
        Self { method: method.to_owned(), path: path.to_owned() }
    }
}

impl std::fmt::Display for OperationName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.method == "*" { f.write_str("*") } else { write!(f, "{} {}", self.method, self.path) }
    }
}

/// The fingerprint of a case: comparable across targets and engines.
pub fn fingerprint(case: &Case) -> String {
    fingerprint_of(&case.check, &case.operation, &case.place, &case.class)
}

/// The fingerprint of a case with these.
pub(crate) fn fingerprint_of(check: &str, operation: &str, place: &str, class: &str) -> String {
    format!("v1:{}", digest(&[check, operation, place, class]))
}

/// The issue that a case belongs to.
pub fn issue(case: &Case) -> String {
    issue_of(&case.check, &case.operation)
}

/// The issue of a check on an operation, or on the whole target: `*`.
pub(crate) fn issue_of(check: &str, operation: &str) -> String {
    format!("i1:{}", digest(&[check, operation]))
}

fn digest(parts: &[&str]) -> String {
    let mut hash = hmac_sha256::Hash::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()[..8])
}

/// Severity from the check's base and the recorded facts, with the reasons.
pub fn severity(about: &About, violation: &Violation) -> (Severity, Vec<String>) {
    let mut severity = violation.severity.unwrap_or(about.severity);
    let mut reasons = vec![match violation.severity {
        None => format!("{} is {} by itself", about.id, about.severity),
        Some(severity) => format!("this form of {} is {severity} by itself", about.id),
    }];
    for fact in &violation.facts {
        let (least, text) = match fact {
            Fact::Anonymous => (Some(raised(severity)), "nobody has to log in for it"),
            Fact::OthersData => (None, "somebody else's data is shown"),
            Fact::StateChanged => (Some(Severity::High), "state was changed"),
            Fact::SecretShown => (Some(Severity::High), "a secret is shown"),
            Fact::PrivilegeGained => (Some(Severity::Critical), "a privilege is gained"),
            Fact::AnyIdentity => (None, "any caller's identity can be taken"),
            Fact::InternalsShown => (None, "it only shows how the service is built"),
            Fact::Formality => (None, "no harm follows from it by itself"),
        };
        severity = least.map_or(severity, |least| severity.max(least));
        reasons.push(text.to_owned());
    }
    if violation.facts.contains(&Fact::Formality) {
        severity = Severity::Info;
    }
    (severity, reasons)
}

fn raised(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Low,
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}
