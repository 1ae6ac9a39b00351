//! One campaign against a service that all of it shares.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use proofhouse::case::Case;
use proofhouse::checks::Confidence;
use proofhouse::engine::campaign::{Campaign, LaneFactory};
use proofhouse::finding::{Finding, State};
use proofhouse::identity::{Identity, SendAs, Spec};
use proofhouse::report::{OperationSummary, Report};
use proofhouse::surface::{Location, Surface};
use proofhouse::target::{Lane, LocalFuture, ServiceLane};
use serde_json::{Value as Json, json};

use crate::notes::PEOPLE;

/// Requests of a run.
const REQUESTS: u64 = 3_000;

/// One service for all workers, on a clock that passes without waiting.
struct Shared(Router);

impl LaneFactory for Shared {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let lane = ServiceLane::<_, Body>::new(self.0.clone()).on_virtual_clock();
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        false
    }

    fn virtual_clock(&self) -> bool {
        true
    }
}

/// What a campaign gave.
pub(crate) struct Ran {
    pub(crate) report: Report,
    #[allow(dead_code, reason = "for whoever looks at a finding")]
    pub(crate) cases: BTreeMap<String, Case>,
}

/// A campaign against this service, as alice and bob.
pub(crate) fn campaign(document: &Json, service: Router) -> Campaign {
    let factory = Arc::new(Shared(service));
    Campaign {
        identities: PEOPLE.map(person).into(),
        requests: Some(REQUESTS),
        shrink_executions: Campaign::SHRINK_EXECUTIONS,
        ..Campaign::new(Arc::new(surface(document)), factory)
    }
}

pub(crate) fn surface(document: &Json) -> Surface {
    Surface::from_openapi_text(&document.to_string(), "notes.json").expect("a document")
}

/// Somebody who logs in.
pub(crate) fn person(name: &str) -> Identity {
    let body = json!({"username": name, "password": format!("{name}{name}")});
    Identity::login(name, "POST", "/login", body, "/token").role("customer")
}

/// Somebody who logs in, and whose token travels in this header.
pub(crate) fn person_with(name: &str, header: &str) -> Identity {
    let mut person = person(name);
    if let Spec::Login(login) = &mut person.spec {
        login.send =
            SendAs { location: Location::Header, name: header.to_owned(), template: "{}".to_owned() };
    }
    person
}

/// Runs a campaign to its end.
pub(crate) fn run(campaign: Campaign) -> Ran {
    let outcome = campaign.run(&mut |_| {}).expect("the campaign runs");
    Ran { report: outcome.report, cases: outcome.cases }
}

impl Ran {
    /// What was found and seen again, as check and title.
    pub(crate) fn found(&self) -> Vec<String> {
        let told = self.report.findings.iter().filter(|finding| is_told(finding));
        told.map(|finding| format!("{}: {}", finding.check, finding.title)).collect()
    }

    /// Nothing was found.
    #[track_caller]
    pub(crate) fn nothing_found(&self) -> &Self {
        assert!(self.report.findings.is_empty(), "{:#?}", self.report.findings);
        self
    }

    /// These checks found something, with proof, and no other did.
    #[track_caller]
    pub(crate) fn only_found(&self, checks: &[&str]) -> &Self {
        let proven = |check: &&str| {
            let mut found = self.report.findings.iter().filter(|finding| finding.check == **check);
            found.any(|finding| is_told(finding) && finding.confidence > Confidence::Suspected)
        };
        let others = self.report.findings.iter().any(|finding| !checks.contains(&finding.check.as_str()));
        let all = checks.iter().all(proven);
        assert!(all && !others, "{:#?}\n{}", self.found(), self.unproven());
        self
    }

    /// Every operation but these was reached with a valid request.
    #[track_caller]
    pub(crate) fn reached_all_but(&self, but: &[&str]) -> &Self {
        let missed = self.report.operations.iter().filter(|operation| !operation.reached);
        let missed: Vec<_> = missed.filter(|missed| !but.contains(&name(missed).as_str())).collect();
        assert!(missed.is_empty(), "{missed:#?}");
        self
    }

    /// The check has these verdicts on an operation, and no others.
    #[track_caller]
    pub(crate) fn is(&self, check: &str, operation: &str, verdict: &str) -> &Self {
        let on =
            |cell: &&proofhouse::report::Cell| cell.check == check && cell.operation.to_string() == operation;
        let cells: Vec<_> = self.report.matrix.iter().filter(on).collect();
        assert!(!cells.is_empty(), "{check} has no cell on {operation}");
        assert!(cells.iter().all(|cell| cell.verdict == verdict), "{cells:#?}");
        self
    }

    /// What proves nothing, for messages.
    pub(crate) fn unproven(&self) -> String {
        let lines = self.report.vacuous.iter();
        let lines = lines.map(|vacuous| {
            format!("{} x{} {:?}: {}", vacuous.check, vacuous.cells, vacuous.operations, vacuous.reason)
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn is_told(finding: &Finding) -> bool {
    matches!(finding.state, State::Confirmed | State::Shrunk)
}

fn name(operation: &OperationSummary) -> String {
    format!("{} {}", operation.method, operation.path)
}
