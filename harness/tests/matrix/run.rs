//! One campaign against a range with defects.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use proofhouse::case::Case;
use proofhouse::engine::campaign::{Campaign, HttpFactory, LaneFactory};
use proofhouse::execute::{Session, SessionConfig, SigningKey};
use proofhouse::finding::State;
use proofhouse::generate::{Policy, Rule, Settings};
use proofhouse::identity::{Identity, Vault, Wallet};
use proofhouse::report::Report;
use proofhouse::scope::TargetUrl;
use proofhouse::surface::Surface;
use proofhouse::target::{Lane, LocalFuture, ServiceLane};
use proofhouse_range::{Account, Config, Defect, Range};
use serde_json::json;

/// How the range is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Process,
    Sockets,
}

/// What a campaign found.
pub(crate) struct Fired {
    /// The cases of findings that were made small.
    pub(crate) cases: Vec<Case>,
    /// The titles of findings that were not.
    pub(crate) large: Vec<String>,
    /// Check and title of confirmed findings.
    pub(crate) findings: Vec<(String, String)>,
    pub(crate) verdicts: BTreeMap<String, String>,
    pub(crate) summary: String,
}

/// A range of its own for every worker, on a clock that passes without waiting.
pub(crate) struct InProcess {
    config: Config,
    front: Box<dyn Fn(Router) -> Router + Send + Sync>,
}

impl InProcess {
    pub(crate) fn new(config: Config) -> Self {
        Self::behind(config, |range| range)
    }

    /// The same with something in front of it.
    pub(crate) fn behind(config: Config, front: impl Fn(Router) -> Router + Send + Sync + 'static) -> Self {
        Self { config, front: Box::new(front) }
    }
}

impl LaneFactory for InProcess {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let service = (self.front)(proofhouse_range::app(&self.config));
        let lane = ServiceLane::<_, axum::body::Body>::new(service).on_virtual_clock();
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        true
    }

    fn virtual_clock(&self) -> bool {
        true
    }
}

/// Lanes to a range that listens.
fn over_sockets(range: &Range) -> Arc<dyn LaneFactory> {
    let target: TargetUrl = range.url().parse().expect("the range's own address");
    Arc::new(HttpFactory::loopback(target).expect("certificates are known"))
}

/// A session with a fresh range of these defects, in process.
pub(crate) fn session(config: &Config) -> Session {
    let lane = ServiceLane::<_, axum::body::Body>::new(proofhouse_range::app(config)).on_virtual_clock();
    let wallet = Arc::new(Wallet::new(identities(config), Arc::new(Vault::default())));
    let key = SigningKey::hmac("HS256", config.accounts.signing_key.as_bytes()).expect("a known algorithm");
    let shared =
        SessionConfig { run_id: "matrix000000".into(), signing_key: Some(key), ..SessionConfig::default() };
    Session::new(Box::new(lane), wallet, shared)
}

/// A range with these defects.
pub(crate) fn configured(defects: &[&Defect]) -> Config {
    defects.iter().fold(Config::default(), |config, defect| config.defect(defect.id).expect("no conflict"))
}

fn identities(config: &Config) -> Vec<Identity> {
    let accounts = &config.accounts;
    let person = |name: &str, role: &str, account: &Account| {
        let body = json!({"username": account.name, "password": account.password});
        Identity::login(name, "POST", "/login", body, "/access_token").role(role)
    };
    vec![
        person("alice", "customer", &accounts.alice),
        person("bob", "customer", &accounts.bob),
        person("olga", "admin", &accounts.admin),
        Identity::api_key("reports", "X-API-Key", accounts.api_key.clone()).role("reports"),
        Identity::basic("kitchen", accounts.kitchen_name.clone(), accounts.kitchen_password.clone())
            .role("kitchen"),
    ]
}

/// What the range's owner says of it.
fn policy() -> Policy {
    let customers = Rule {
        role: "customer".to_owned(),
        hidden_fields: vec!["permissions".to_owned()],
        ..Rule::default()
    };
    Policy { rules: vec![customers], ..Policy::default() }
}

/// The surface of a document of the range.
pub(crate) fn surface(document: &str) -> Surface {
    Surface::from_openapi_text(document, "openapi.json").expect("the range's document")
}

/// A campaign that keeps nothing and has no bound.
fn settings(
    surface: Surface,
    factory: Arc<dyn LaneFactory>,
    identities: Vec<Identity>,
    seed: u64,
) -> Campaign {
    Campaign {
        identities,
        seed,
        settings: Settings {
            signing_key: true,
            disposable_data: true,
            policy: policy(),
            ..Settings::default()
        },
        ..Campaign::new(Arc::new(surface), factory)
    }
}

/// What a campaign of so many requests on the hardened range reaches with this document.
pub(crate) fn reached(document: &str, requests: u64, seed: u64) -> Report {
    let config = Config::default();
    let identities = identities(&config);
    let mut campaign = settings(surface(document), Arc::new(InProcess::new(config)), identities, seed);
    campaign.requests = Some(requests);
    campaign.run(&mut |_| {}).expect("the campaign runs").report
}

/// A campaign of so many requests, with these corpora.
pub(crate) fn campaign_of(
    factory: Arc<dyn LaneFactory>,
    config: &Config,
    requests: u64,
    corpora: Option<&Path>,
    seed: u64,
) -> Report {
    campaign_with(factory, config, requests, |campaign| {
        campaign.corpora = corpora.map(Path::to_owned);
        campaign.seed = seed;
    })
}

/// A campaign of so many requests, changed so.
pub(crate) fn campaign_with(
    factory: Arc<dyn LaneFactory>,
    config: &Config,
    requests: u64,
    change: impl FnOnce(&mut Campaign),
) -> Report {
    let surface = surface(proofhouse_range::openapi());
    let mut campaign = settings(surface, factory, identities(config), 1);
    campaign.requests = Some(requests);
    change(&mut campaign);
    campaign.run(&mut |_| {}).expect("the campaign runs").report
}

/// Attacks a range with these defects.
pub(crate) fn campaign(over: Over, defects: &[&Defect], seed: u64) -> Fired {
    let config = configured(defects);
    let identities = identities(&config);
    let accounts = config.accounts.clone();
    let key = SigningKey::hmac("HS256", accounts.signing_key.as_bytes()).expect("a known algorithm");
    // It listens until the campaign has ended.
    let range = (over == Over::Sockets).then(|| Range::start(&config).expect("loopback"));
    let factory = match &range {
        None => Arc::new(InProcess::new(config)),
        Some(range) => over_sockets(range),
    };
    let mut campaign = settings(surface(proofhouse_range::openapi()), factory, identities, seed);
    // In process each worker has a range of its own, and tests run beside each other anyway.
    campaign.workers = if over == Over::Process { 1 } else { 2 };
    campaign.signing_key = Some(key);
    // In real time it takes long, and shows nothing that it does not show in process.
    campaign.shrink_executions = if over == Over::Process { Campaign::SHRINK_EXECUTIONS } else { 0 };
    let outcome = campaign.run(&mut |_| {}).expect("the campaign runs");
    let report = outcome.report;
    let confirmed =
        report.findings.iter().filter(|finding| matches!(finding.state, State::Confirmed | State::Shrunk));
    let checks = report.practices.iter().flat_map(|practice| &practice.checks);
    let cells = report
        .vacuous
        .iter()
        .map(|vacuous| format!("  vacuous {} x{}: {}", vacuous.check, vacuous.cells, vacuous.reason));
    let unreached = report.operations.iter().filter(|operation| !operation.reached);
    let unreached = unreached
        .map(|operation| format!("  unreached {} {}: {}", operation.method, operation.path, operation.note));
    let shrunk = report.findings.iter().filter(|finding| finding.state == State::Shrunk);
    let large = report.findings.iter().filter(|finding| finding.state == State::Confirmed);
    Fired {
        large: large.map(|finding| format!("{}: {}", finding.check, finding.title)).collect(),
        cases: shrunk.filter_map(|finding| outcome.cases.get(&finding.fingerprint).cloned()).collect(),
        findings: confirmed.map(|finding| (finding.check.clone(), finding.title.clone())).collect(),
        verdicts: checks.map(|check| (check.id.clone(), check.verdict.clone())).collect(),
        summary: cells.chain(unreached).collect::<Vec<_>>().join("\n"),
    }
}
