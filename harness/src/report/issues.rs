//! Issues: what people see as one, among many findings.
//!
//! *Domination*: what a specific check claims is not also an issue of a general one. *Uniformity*: one check with one
//! cause nearly everywhere is one issue of the target; where the cause is another one, it stays apart.

use std::collections::BTreeSet;

use super::model::Cell;
use crate::checks::{Practice, by_id};
use crate::finding::{Finding, State, issue_of};

/// Checks that say no more than that something is wrong; another one that says what it is takes their place.
const GENERAL: &[&str] = &["input-server-error", "input-schema-violation-accepted"];
/// The same for one check and those of a family.
const GENERAL_BESIDE: &[(&str, &str)] = &[("error-db-detail", "input-sqli-")];
/// The least operations with one cause that make an issue of the target.
const UNIFORM: usize = 3;
/// The least share of a check's operations with one cause that makes an issue of the target, in percent.
const SHARE: usize = 80;

/// Gives every finding its issue. The matrix tells on which operations each check proved anything.
pub(crate) fn group(findings: &mut [Finding], matrix: &[Cell]) {
    for finding in &mut *findings {
        let once = by_id(&finding.check).is_some_and(|check| check.about().once);
        let operation = if once { "*".to_owned() } else { finding.operation.to_string() };
        finding.issue = issue_of(&finding.check, &operation);
    }
    unite(findings, matrix);
    dominate(findings);
}

/// One cause nearly everywhere is one issue; the others stay as they are: there, something else is wrong.
fn unite(findings: &mut [Finding], matrix: &[Cell]) {
    let checks: BTreeSet<_> = findings.iter().map(|finding| finding.check.clone()).collect();
    for check in checks {
        let proven =
            |cell: &&Cell| cell.check == check && matches!(cell.verdict.as_str(), "held" | "violated");
        let mut applicable: BTreeSet<_> = matrix.iter().filter(proven).map(|cell| &cell.operation).collect();
        let own: Vec<_> =
            (0..findings.len()).filter(|at| findings[*at].check == check && stands(&findings[*at])).collect();
        let operations: Vec<_> = own.iter().map(|at| findings[*at].operation.clone()).collect();
        applicable.extend(&operations);
        let applicable = applicable.len();
        // The cause that most operations have.
        let with = |lead: usize| {
            let alike = own.iter().filter(|at| findings[**at].cause.matches(&findings[lead].cause));
            alike.copied().collect::<Vec<_>>()
        };
        let count =
            |group: &[usize]| group.iter().map(|at| &findings[*at].operation).collect::<BTreeSet<_>>().len();
        let Some(largest) = own.iter().map(|lead| with(*lead)).max_by_key(|group| count(group)) else {
            continue;
        };
        let covered = count(&largest);
        if covered >= UNIFORM && covered * 100 >= applicable * SHARE {
            for at in largest {
                findings[at].issue = issue_of(&check, "*");
            }
        }
    }
}

fn dominate(findings: &mut [Finding]) {
    let by = |finding: &Finding| {
        let candidates = findings.iter().filter(|other| dominates(other, finding));
        let best = candidates.max_by_key(|other| (other.severity, other.confidence, &other.place));
        best.map(|other| other.issue.clone())
    };
    let taken: Vec<_> = findings.iter().map(by).collect();
    for (finding, issue) in findings.iter_mut().zip(taken) {
        if let Some(issue) = issue {
            finding.issue = issue;
        }
    }
}

/// Whether a finding says what another one only notices.
fn dominates(specific: &Finding, general: &Finding) -> bool {
    let beside = |(id, family): &(&str, &str)| general.check == *id && specific.check.starts_with(family);
    let is_general = GENERAL.contains(&general.check.as_str()) && is_specific(specific);
    let place = specific.place.is_empty() || general.place.is_empty() || specific.place == general.place;
    stands(specific)
        && (is_general || GENERAL_BESIDE.iter().any(beside))
        && specific.operation == general.operation
        && place
        && same_class(specific, general)
}

/// What comes as another class of answers is something else.
fn same_class(specific: &Finding, general: &Finding) -> bool {
    // An injection that is seen in a success also breaks the statement now and then.
    specific.check.starts_with("input-")
        || match (&specific.cause.outcome, &general.cause.outcome) {
            (Some(left), Some(right)) => left.chars().next() == right.chars().next(),
            _ => true,
        }
}

fn is_specific(finding: &Finding) -> bool {
    let practices = [Practice::InputValidation, Practice::ErrorHandling];
    !GENERAL.contains(&finding.check.as_str())
        && practices.contains(&finding.practice)
        && !by_id(&finding.check).is_some_and(|check| check.about().once)
        && finding.check != "error-shape-inconsistent"
}

fn stands(finding: &Finding) -> bool {
    matches!(finding.state, State::Confirmed | State::Shrunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Cause;
    use crate::finding::OperationName;
    use crate::report::text::sample;

    fn finding(check: &str, operation: &str, place: &str, outcome: &str, detector: &str) -> Finding {
        let mut finding = sample::injection();
        check.clone_into(&mut finding.check);
        finding.practice = Practice::ErrorHandling;
        finding.operation = OperationName::of(operation);
        place.clone_into(&mut finding.place);
        finding.state = State::Confirmed;
        finding.cause = Cause {
            outcome: Some(outcome.to_owned()),
            detector: Some(detector.to_owned()),
            ..Cause::default()
        };
        finding
    }

    fn cell(check: &str, operation: &str) -> Cell {
        Cell {
            check: check.to_owned(),
            operation: OperationName::of(operation),
            identity: "*".to_owned(),
            place: String::new(),
            verdict: "held".to_owned(),
            why: String::new(),
            requests: 0,
            cases: Vec::new(),
        }
    }

    fn issues(findings: &mut [Finding], matrix: &[Cell]) -> usize {
        group(findings, matrix);
        findings.iter().map(|finding| finding.issue.as_str()).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn a_leaky_error_handler_is_a_handful_of_issues() {
        let mut findings = Vec::new();
        for operation in 0..10 {
            let operation = format!("GET /things{operation}");
            findings.push(finding("error-stack-trace", &operation, "", "500", "java"));
            for place in ["query:a", "query:b", "header:c", "path:d", "body:/e"] {
                findings.push(finding("input-server-error", &operation, place, "500", "status"));
            }
        }
        assert_eq!(findings.len(), 60);
        assert_eq!(issues(&mut findings, &[]), 1);
    }

    #[test]
    fn a_cause_of_its_own_stays_apart() {
        let mut findings: Vec<_> =
            (0..8).map(|at| finding("error-stack-trace", &format!("GET /{at}"), "", "500", "java")).collect();
        findings.push(finding("error-stack-trace", "GET /odd", "", "500", "python"));
        assert_eq!(issues(&mut findings, &[]), 2);
        assert_eq!(findings[8].issue, issue_of("error-stack-trace", "GET /odd"));
    }

    #[test]
    fn what_holds_elsewhere_is_no_matter_of_the_target() {
        let mut findings: Vec<_> =
            (0..3).map(|at| finding("error-stack-trace", &format!("GET /{at}"), "", "500", "java")).collect();
        let held: Vec<_> = (0..2).map(|at| cell("error-stack-trace", &format!("GET /held{at}"))).collect();
        assert_eq!(issues(&mut findings, &held), 3, "three of five");
        assert_eq!(issues(&mut findings, &[]), 1, "three of three");
        assert_eq!(issues(&mut findings[..2], &[]), 2, "two are no pattern");
    }

    #[test]
    fn what_a_specific_check_says_is_said_once() {
        let mut findings = vec![
            finding("input-sqli-error", "GET /s", "query:q", "500", "sqlite"),
            finding("error-db-detail", "GET /s", "", "500", "sqlite"),
            finding("input-server-error", "GET /s", "query:q", "500", "status"),
            finding("input-server-error", "GET /s", "query:page", "500", "status"),
            finding("input-server-error", "GET /t", "query:q", "500", "status"),
        ];
        findings[0].practice = Practice::InputValidation;
        group(&mut findings, &[]);
        let issues: Vec<_> = findings.iter().map(|finding| finding.issue.as_str()).collect();
        assert_eq!(issues[0], issues[1]);
        assert_eq!(issues[0], issues[2]);
        assert_ne!(issues[0], issues[4]);
    }

    #[test]
    fn what_is_not_confirmed_claims_nothing() {
        let mut findings = vec![
            finding("input-sqli-error", "GET /s", "query:q", "500", "sqlite"),
            finding("input-server-error", "GET /s", "query:q", "500", "status"),
        ];
        findings[0].state = State::Unconfirmed;
        assert_eq!(issues(&mut findings, &[]), 2);
    }
}
