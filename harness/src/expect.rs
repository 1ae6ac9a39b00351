//! Expected exceptions: findings that the owner knows and accepts for a while, with a reason. The only suppression
//! that there is.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Status};
use crate::generate::matches_name;

/// An expected exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The check's id.
    pub check: String,
    /// Where it is expected: `METHOD glob` patterns, relative to the target; none means everywhere.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Why it is accepted.
    pub because: Because,
}

/// Why an exception is accepted, by whom, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// In the owner's words.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    #[serde(deserialize_with = "date")]
    pub until: Date,
}

/// A date as text, or as TOML writes it: a map of one text.
fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Toml(std::collections::BTreeMap<String, String>),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Text(text) => text,
        Written::Toml(map) => map.into_values().next().unwrap_or_default(),
    };
    text.get(..10)
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no date, such as 2027-03-01")))
}

/// An exception that nobody has explained yet.
#[derive(Clone, Debug)]
#[must_use = "say why with `because`"]
pub struct Unexplained {
    check: String,
    operations: Vec<String>,
}

impl Unexplained {
    /// Only on these operations, `METHOD glob`.
    pub fn on(mut self, operations: impl Into<String>) -> Self {
        self.operations.push(operations.into());
        self
    }

    /// Why it is accepted, who answers for it, and the last day on which it counts, such as `2027-03-01`.
    ///
    /// # Panics
    ///
    /// When the day is none.
    #[track_caller]
    pub fn because(self, reason: impl Into<String>, owner: impl Into<String>, until: &str) -> Expectation {
        let Ok(until) = until.parse() else { panic!("`{until}` is no date, such as 2027-03-01") };
        let because = Because { reason: reason.into(), owner: owner.into(), until };
        Expectation { check: self.check, operations: self.operations, because }
    }
}

impl Expectation {
    /// What a check finds is expected.
    ///
    /// ```
    /// # use proofhouse::expect::Expectation;
    /// let expected = Expectation::of("ctype-undocumented-accepted")
    ///     .on("POST /hooks/*")
    ///     .because("the partner sends text/json", "payments", "2027-03-01");
    /// ```
    pub fn of(check: impl Into<String>) -> Unexplained {
        Unexplained { check: check.into(), operations: Vec::new() }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let operation = &finding.operation;
        let at = |pattern: &String| matches_name(pattern, &operation.method, &operation.path);
        self.check == finding.check && (self.operations.is_empty() || self.operations.iter().any(at))
    }
}

/// Marks what is expected as accepted. Gives what the owner should know: exceptions that ran out, and those that
/// cover nothing any more.
pub fn apply(expected: &[Expectation], findings: &mut [Finding], today: Date) -> Vec<String> {
    let mut notes = Vec::new();
    for exception in expected {
        let covered: Vec<_> = findings.iter_mut().filter(|finding| exception.covers(finding)).collect();
        let Expectation { check, because, .. } = exception;
        if covered.is_empty() {
            notes.push(format!(
                "[[expect]] of {check} (owner {}) covers no finding of this run: take it out if it is mended",
                because.owner
            ));
        } else if today > because.until {
            notes.push(format!(
                "[[expect]] of {check} (owner {}) ran out on {}: what it covers counts again",
                because.owner, because.until
            ));
        } else {
            covered.into_iter().for_each(|finding| finding.status = Status::Accepted);
        }
    }
    notes
}

/// Compares with the findings of an earlier report: what was there is known, and what is on an operation that was
/// not reached then is newly reachable. Other findings stay new.
pub fn compare(findings: &mut [Finding], baseline: &crate::report::Report) {
    for finding in findings {
        let same =
            |old: &&Finding| old.fingerprint == finding.fingerprint && old.cause.matches(&finding.cause);
        let old = baseline.findings.iter().find(same);
        let unreached = baseline.operations.iter().any(|operation| {
            !operation.reached
                && operation.method == finding.operation.method
                && operation.path == finding.operation.path
        });
        finding.status = match old {
            Some(old) if old.status == Status::Fixed => Status::Regressed,
            Some(old) => {
                finding.first_seen.clone_from(&old.first_seen);
                Status::Known
            }
            None if unreached => Status::NewlyReachable,
            None => Status::New,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::OperationName;
    use crate::report::text::sample;

    fn expected(check: &str, operations: &[&str], until: &str) -> Expectation {
        let because = Because {
            reason: "a partner".to_owned(),
            owner: "payments".to_owned(),
            until: until.parse().expect("a date"),
        };
        let operations = operations.iter().map(ToString::to_string).collect();
        Expectation { check: check.to_owned(), operations, because }
    }

    fn at(operation: &str) -> Finding {
        let mut finding = sample::injection();
        finding.operation = OperationName::of(operation);
        finding
    }

    #[test]
    fn what_is_expected_is_accepted_until_its_day() {
        let today: Date = "2027-01-31".parse().unwrap();
        let mut findings = [at("GET /hooks/{id}"), at("GET /menu")];
        let notes =
            apply(&[expected("input-sqli-boolean", &["* /hooks/*"], "2027-01-31")], &mut findings, today);
        assert_eq!(notes, Vec::<String>::new());
        assert_eq!(findings[0].status, Status::Accepted);
        assert_eq!(findings[1].status, Status::New, "another operation");

        let mut findings = [at("GET /menu")];
        let notes = apply(
            &[
                expected("input-sqli-boolean", &[], "2027-01-30"),
                expected("jwt-alg-none", &[], "2028-01-01"),
                expected("input-sqli-boolean", &["GET /other"], "2028-01-01"),
            ],
            &mut findings,
            today,
        );
        assert_eq!(findings[0].status, Status::New);
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes[0].contains("ran out on 2027-01-30"), "{notes:?}");
        assert!(notes[1].contains("covers no finding"), "{notes:?}");
    }

    #[test]
    fn what_was_there_before_is_known() {
        let mut baseline = sample::report();
        baseline.findings = vec![at("GET /known")];
        baseline.operations[0].reached = false;
        let late = format!("{} {}", baseline.operations[0].method, baseline.operations[0].path);
        let mut findings = [at("GET /known"), at(&late), at("GET /other"), at("GET /known")];
        for (index, finding) in findings.iter_mut().enumerate().skip(1) {
            finding.fingerprint = format!("v1:{index}");
        }
        findings[3].fingerprint = findings[0].fingerprint.clone();
        findings[3].cause.detector = Some("another".to_owned());
        compare(&mut findings, &baseline);
        let statuses: Vec<_> = findings.iter().map(|finding| finding.status).collect();
        assert_eq!(statuses, [Status::Known, Status::NewlyReachable, Status::New, Status::New]);
    }
}
