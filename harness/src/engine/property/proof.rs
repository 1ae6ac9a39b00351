//! What a test showed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::message;
use super::saved::Saved;
use crate::case::Case;
use crate::checks::Verdict;
use crate::engine::campaign::{Outcome, Stopped};
use crate::exit::ExitCode;
use crate::finding::{Finding, State};
use crate::gate::{Gate, Judgement};
use crate::report::Report;

/// All that the proof is made of.
#[derive(Debug)]
pub(super) struct Proven {
    /// The test's name, as its runner has it.
    pub(super) test: Option<String>,
    pub(super) manifest: PathBuf,
    pub(super) corpora: Option<PathBuf>,
    pub(super) gate: Gate,
    pub(super) saved: Vec<Saved>,
    pub(super) only_replay: bool,
    pub(super) outcome: Outcome,
    /// What of the documents could not be used.
    pub(super) notes: Vec<String>,
    /// What the owner should know of exceptions.
    pub(super) exceptions: Vec<String>,
}

/// What a test showed: whether the service holds, and all that was found.
#[derive(Debug)]
#[must_use = "call `assert_holds()`"]
pub struct Proof {
    pub(super) proven: Proven,
    pub(super) judgement: Judgement,
}

impl Proof {
    pub(super) fn new(proven: Proven) -> Self {
        let (report, stopped) = (&proven.outcome.report, proven.outcome.stopped.as_ref());
        let mut judgement = proven.gate.judge(report, stopped);
        if proven.only_replay {
            judgement.unproven.clear();
        }
        if stopped == Some(&Stopped::Unreachable) && report.findings.is_empty() {
            judgement.unproven.insert(0, "the service never answered".to_owned());
        }
        if !proven.only_replay {
            judgement.unproven.extend(unseen(report));
        }
        let (unsent, untold) = untold(&proven);
        judgement.unproven.extend(unsent);
        let mut proven = proven;
        if proven.only_replay {
            judgement.unproven.extend(untold);
        } else {
            proven.notes.extend(untold);
        }
        let mut proof = Self { proven, judgement };
        proof.judgement.findings = proof.findings().len();
        let codes = [
            (proof.judgement.findings > 0).then_some(ExitCode::Findings),
            (!proof.judgement.unproven.is_empty()).then_some(ExitCode::NotProven),
        ];
        proof.judgement.code = ExitCode::worst(codes.into_iter().flatten());
        proof
    }

    /// Panics unless the service holds: with the smallest case of what was found, or with what was not proven.
    ///
    /// # Panics
    ///
    /// When the gate names a finding, when an identity was never granted anything or stopped working, when nothing was
    /// reached, when a required practice is without proof, and when a saved case cannot be sent.
    #[track_caller]
    pub fn assert_holds(&self) {
        assert!(self.holds(), "{}", self.message());
    }

    /// Whether nothing that the gate names was found, and what it requires was proven.
    pub fn holds(&self) -> bool {
        self.judgement.code == ExitCode::Proven
    }

    /// What [`Proof::assert_holds`] says.
    pub fn message(&self) -> String {
        message::message(self)
    }

    /// The findings that make the test fail, worst first.
    pub fn findings(&self) -> Vec<&Finding> {
        let all = self.report().findings.iter();
        // Who replays a case wants to know whether it is still there, whatever a gate says.
        let seen = |finding: &&Finding| matches!(finding.state, State::Confirmed | State::Shrunk);
        if self.proven.only_replay {
            all.filter(seen).collect()
        } else {
            all.filter(|finding| self.proven.gate.names(finding)).collect()
        }
    }

    /// The whole report: practices, findings of every confidence, what was vacuous or skipped.
    pub fn report(&self) -> &Report {
        &self.proven.outcome.report
    }

    /// The cases of the findings, by fingerprint.
    pub fn cases(&self) -> &BTreeMap<String, Case> {
        &self.proven.outcome.cases
    }

    /// How many cases were judged, repetitions of what was found aside.
    pub fn judged(&self) -> u64 {
        self.proven.outcome.judged
    }

    /// Why not enough was proven, and what to do.
    pub fn unproven(&self) -> &[String] {
        &self.judgement.unproven
    }
}

/// Invariants that found nothing to look at.
fn unseen(report: &Report) -> Vec<String> {
    let none = |vacuous: &&crate::report::Vacuous| vacuous.reason == crate::checks::UNSEEN;
    let text = |vacuous: &crate::report::Vacuous| {
        format!("the invariant `{}` proves nothing: no trace held what it is about", vacuous.check)
    };
    report.vacuous.iter().filter(none).map(text).collect()
}

/// Saved cases that cannot be sent, and those that prove nothing any more: where a weakness is mended, what a small case
/// compares with is often gone, too. The checks of the run look for it anew.
fn untold(proven: &Proven) -> (Vec<String>, Vec<String>) {
    let (mut unsent, mut untold) = (Vec::new(), Vec::new());
    for replayed in &proven.outcome.replayed {
        let Verdict::Vacuous(reason) = &replayed.verdict else { continue };
        let of = proven.saved.iter().find(|saved| saved.case == replayed.case);
        let file = of.map(|saved| message::shown(&saved.path, &proven.manifest)).unwrap_or_default();
        if replayed.sent {
            untold.push(format!("{file} proves nothing any more: {reason}; a whole run looks for it anew"));
        } else {
            unsent.push(format!("{file} cannot be sent: {reason}"));
        }
    }
    (unsent, untold)
}
