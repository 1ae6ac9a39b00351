//! The gate: what of a report fails a build.

use crate::checks::{Confidence, Practice, Severity};
use crate::engine::campaign::Stopped;
use crate::exit::ExitCode;
use crate::finding::{Finding, State, Status};
use crate::report::Report;

/// What fails a build.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Findings at least as bad as this.
    pub severity: Severity,
    /// Findings at least as sure as this.
    pub confidence: Confidence,
    /// What is known from an earlier report fails nothing.
    pub only_new: bool,
    /// Practices that must be proven, with the share of their cells.
    pub prove: Vec<(Practice, f64)>,
}

impl Default for Gate {
    fn default() -> Self {
        let practices = [Practice::ContentType, Practice::ErrorHandling, Practice::InputValidation];
        Self {
            severity: Severity::Medium,
            confidence: Confidence::Proven,
            only_new: true,
            prove: practices.into_iter().map(|practice| (practice, 0.0)).collect(),
        }
    }
}

/// What the gate says of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The exit code.
    pub code: ExitCode,
    /// How many findings it names.
    pub findings: usize,
    /// Why not enough was proven, and what to do.
    pub unproven: Vec<String>,
}

impl Gate {
    /// Whether the gate names a finding. What is accepted or fixed it never names.
    pub fn names(&self, finding: &Finding) -> bool {
        let open = match finding.status {
            Status::New | Status::NewlyReachable | Status::Regressed => true,
            Status::Known => !self.only_new,
            Status::Accepted | Status::Fixed => false,
        };
        open && matches!(finding.state, State::Confirmed | State::Shrunk)
            && finding.severity >= self.severity
            && finding.confidence >= self.confidence
    }

    /// Judges a report.
    pub fn judge(&self, report: &Report, stopped: Option<&Stopped>) -> Judgement {
        let findings = report.findings.iter().filter(|finding| self.names(finding)).count();
        let unproven = self.unproven(report);
        let mut codes = Vec::new();
        match stopped {
            Some(Stopped::Unreachable) => codes.push(ExitCode::Unreachable),
            Some(Stopped::Interrupted) => codes.push(ExitCode::Interrupted),
            None => {}
        }
        if findings > 0 {
            codes.push(ExitCode::Findings);
        }
        if !unproven.is_empty() {
            codes.push(ExitCode::NotProven);
        }
        Judgement { code: ExitCode::worst(codes), findings, unproven }
    }

    fn unproven(&self, report: &Report) -> Vec<String> {
        let mut why = Vec::new();
        if !report.operations.iter().any(|operation| operation.reached) {
            why.push(
                "no operation ever granted a valid request: check the target's base path, the document and the \
                 identities"
                    .to_owned(),
            );
        }
        for identity in &report.identities {
            // Nobody asked for the accounts that a run makes: they are asked for nothing but to go on working.
            let ours = crate::accounts::NAMES.contains(&identity.name.as_str());
            if (identity.granted == 0 && !ours) || (identity.granted > 0 && !identity.alive_at_end) {
                let note = if identity.note.is_empty() { "it does not work" } else { &identity.note };
                why.push(format!("the identity `{}` proves nothing: {note}", identity.name));
            }
        }
        let mut required = self.prove.clone();
        if !report.identities.is_empty()
            && !required.iter().any(|(practice, _)| *practice == Practice::Authentication)
        {
            required.push((Practice::Authentication, 0.0));
        }
        for (practice, share) in required {
            let Some(summary) = report.practices.iter().find(|summary| summary.id == practice) else {
                continue;
            };
            // A practice all of whose checks lack what they need is named as skipped, with what would enable it.
            let possible: usize = summary
                .checks
                .iter()
                .filter(|check| {
                    !report
                        .skipped
                        .iter()
                        .any(|skipped| skipped.check == check.id && skipped.reason != "budget")
                })
                .map(|check| check.cells.values().sum::<usize>())
                .sum();
            if possible == 0 {
                continue;
            }
            let reached = summary.proven as f64 / summary.applicable.max(1) as f64;
            if summary.proven == 0 || reached < share {
                why.push(format!(
                    "{}: {} of {} cells are held or violated, and {} are required",
                    summary.title,
                    summary.proven,
                    summary.applicable,
                    if share > 0.0 { format!("{:.0} %", share * 100.0) } else { "some".to_owned() }
                ));
            }
        }
        why
    }
}
