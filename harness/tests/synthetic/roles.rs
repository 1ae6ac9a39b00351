//! Operations for administrators: services that refuse others, that have such words in paths of everybody, and those
//! that forget to ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Request};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Policy, Profile, Rule, Settings, When, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Operation, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Noise, REFUSALS, Refusal};

const NAMES: [&str; 5] = ["/admin/accounts", "/admin/jobs", "/admin/metrics", "/me", "/manage/profile"];
const PEOPLE: [(&str, &str); 3] = [("alice", "customer"), ("bob", "customer"), ("olga", "admin")];

/// What is wrong, and what only looks so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Strict,
    /// Everybody may, and the policy says so.
    Allowed,
    /// A word of administrators in the path of everybody's own page.
    Own,
    /// Another role that may, where others may not.
    Helper,
    /// The accounts are shown to everybody.
    People,
    /// The jobs are shown to everybody, and nothing else below the same path.
    Neighbour,
    /// The policy denies it, and it is done.
    Denied,
    /// The policy denies it in one region, and there it is denied.
    Regional,
    /// The same, and nobody looks at the region.
    Borderless,
}

struct Office {
    noise: Noise,
    kind: Kind,
    none: Refusal,
    low: Refusal,
    neighbour: Refusal,
    wrapped: bool,
    accounts: Vec<Json>,
    drift: f64,
}

impl Model for Office {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let caller = match request.token.as_deref() {
            Some("token-of-alice") => "alice",
            Some("token-of-bob") => "bob",
            Some("token-of-olga") => "olga",
            _ => return self.noise.refusal(self.none, "log in", request),
        };
        let path = request.path.as_str();
        let opens = match self.kind {
            Kind::Allowed | Kind::People => path == "/admin/accounts",
            Kind::Helper => path.starts_with("/admin") && caller == "alice",
            Kind::Neighbour | Kind::Denied | Kind::Borderless => path == "/admin/jobs",
            Kind::Regional => path == "/admin/jobs" && request.param("region") != Some("us"),
            _ => false,
        };
        if path.starts_with("/admin") && caller != "olga" && !opens {
            let style = if path == "/admin/metrics" || self.kind == Kind::Neighbour {
                self.neighbour
            } else {
                self.low
            };
            return self.noise.refusal(style, "not for you", request);
        }
        if self.noise.rng.chance(self.drift) {
            let name = self.noise.rng.word(6);
            self.accounts.push(json!({"username": name, "role": "customer"}));
        }
        let body = match path {
            "/admin/accounts" if self.wrapped => {
                json!({"total": self.accounts.len(), "accounts": self.accounts})
            }
            "/admin/accounts" => return Reply::json(200, &json!(self.accounts)),
            "/admin/jobs" => json!({"jobs": [{"id": 4, "state": "done"}, {"id": 5, "state": "queued"}]}),
            "/admin/metrics" => json!({"cpu": self.noise.rng.unit(), "version": "3.2.1"}),
            _ => json!({"username": caller, "plan": "basic", "since": "2024-02-01"}),
        };
        self.noise.success(200, body, "")
    }
}

/// What a world of this trial has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Setting {
    kind: Kind,
    roles: bool,
    subjects: bool,
    /// The status that pre-flight saw.
    forbidden: u16,
}

fn world(setting: Setting) -> World {
    let operation = |path: &str| Operation {
        inferred: false,
        method: "GET".to_owned(),
        path: path.to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: Vec::new(),
        bodies: Vec::new(),
        body_required: false,
        responses: BTreeMap::new(),
        security: None,
        rate_limit: None,
        pointer: String::new(),
    };
    let operations: Vec<_> = NAMES.iter().copied().map(operation).collect();
    let profile = |(name, role): &(&str, &str)| Profile {
        name: (*name).to_owned(),
        role: setting
            .roles
            .then(|| if setting.kind == Kind::Helper && *name == "alice" { "desk" } else { role }.to_owned()),
        subject: setting.subjects.then(|| format!("{name:?}")),
        alive: true,
        ..Profile::default()
    };
    let list = |patterns: &[&str]| patterns.iter().map(ToString::to_string).collect();
    let rule = Rule { role: "customer".to_owned(), ..Rule::default() };
    let rules = match setting.kind {
        Kind::Allowed => vec![Rule { allow: list(&["GET /admin/accounts"]), ..rule }],
        Kind::Denied => vec![Rule { deny: list(&["* /admin/**"]), ..rule }],
        Kind::Regional | Kind::Borderless => {
            let query = BTreeMap::from([("region".to_owned(), "us".to_owned())]);
            let when = When { query, ..When::default() };
            let allowed = Rule { allow: list(&["GET /admin/jobs"]), ..rule.clone() };
            vec![allowed, Rule { deny: list(&["* /admin/jobs"]), when, ..rule }]
        }
        _ => Vec::new(),
    };
    let mut world = World {
        surface: Arc::new(Surface { operations: operations.clone(), ..Surface::default() }),
        profiles: PEOPLE.iter().map(profile).collect(),
        settings: Settings { policy: Policy { rules, ..Policy::default() }, ..Settings::default() },
        ..World::default()
    };
    for (index, operation) in operations.iter().enumerate() {
        for name in ["alice", "bob", "olga", "anonymous"] {
            let opened = match setting.kind {
                Kind::Allowed | Kind::People => index == 0,
                Kind::Helper => name == "alice",
                Kind::Neighbour | Kind::Denied | Kind::Regional | Kind::Borderless => index == 1,
                _ => false,
            };
            let granted = name != "anonymous" && (name == "olga" || index > 2 || opened);
            let path = operation.path.clone();
            let request = Request { method: "GET".to_owned(), path, ..Request::default() };
            let draft = Draft {
                operation: index,
                identity: name.to_owned(),
                setup: Vec::new(),
                bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
                target: "target".to_owned(),
            };
            let refused = if name == "anonymous" { 401 } else { setting.forbidden };
            let status = Some(if granted { 200 } else { refused });
            let access = Access { draft: Some(Arc::new(draft)), granted, status, ..Access::default() };
            world.access.insert((index, name.to_owned()), access);
        }
    }
    world
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> (Kind, usize)) {
    let identities = PEOPLE.map(|(name, _)| Identity::bearer(name, format!("token-of-{name}")));
    let lab = Lab::new(Wallet::new(identities.into(), Arc::default()), SessionConfig::default());
    let check = active("authz-function");
    let mut tally = Tally::default();
    let mut worlds: BTreeMap<Setting, World> = BTreeMap::new();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x9119);
        let (kind, operation) = draw(&mut rng);
        // A policy names roles.
        let roles =
            !matches!(kind, Kind::Strict | Kind::Own | Kind::People | Kind::Neighbour) || rng.chance(0.7);
        let low = if rng.chance(0.8) { Refusal::Status(403) } else { rng.pick(REFUSALS) };
        let forbidden = if let Refusal::Status(status) = low { status } else { 403 };
        let forbidden = if matches!(kind, Kind::Neighbour | Kind::Helper) { 403 } else { forbidden };
        let setting = Setting { kind, roles, subjects: rng.chance(0.7), forbidden };
        let noise = Noise::new(seed);
        let mut accounts: Vec<_> =
            PEOPLE.iter().map(|(name, role)| json!({"username": name, "role": role})).collect();
        for _ in 0..rng.int(0, 20) {
            accounts.push(json!({"username": rng.word(6), "role": "customer"}));
        }
        let office = Office {
            kind,
            none: if rng.chance(0.7) { Refusal::Status(401) } else { rng.pick(REFUSALS) },
            low,
            neighbour: if kind == Kind::Neighbour { Refusal::Status(403) } else { low },
            wrapped: rng.chance(0.5),
            accounts,
            drift: rng.pick(&[0.0, 0.0, 0.2]),
            noise,
        };
        lab.put(Box::new(office), seed);
        let world = worlds.entry(setting).or_insert_with(|| world(setting));
        let subject = Subject { operation: Some(operation), identity: "alice".to_owned(), place: None };
        let found = lab.cell(check, &subject, world, seed);
        tally.count(&found.verdict, &format!("{kind:?} {operation} {low:?}"), sound, || found.tell());
    }
    if sound { tally.sound("authz-function") } else { tally.defective("authz-function") }
}

#[test]
fn sound() {
    trial(71, true, |rng| match rng.int(0, 9) {
        0 => (Kind::Allowed, 0),
        1 => (Kind::Own, if rng.chance(0.8) { 3 } else { 4 }),
        2 => (Kind::Helper, rng.int(0, 2) as usize),
        3 => (Kind::Regional, 1),
        _ => (Kind::Strict, rng.int(0, 3) as usize),
    });
}

#[test]
fn defective() {
    trial(72, false, |rng| match rng.int(0, 3) {
        0 => (Kind::People, 0),
        3 => (Kind::Borderless, 1),
        1 => (Kind::Neighbour, 1),
        _ => (Kind::Denied, 1),
    });
}
