//! Requests without a valid credential: services that ask for one, that are for everybody, where nobody is asked; and
//! those that forget to ask on one operation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Manner, Producer, Profile, Seeded, World, request};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Body, Location, Operation, Parameter, Schema, SecurityNeed, Style, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Noise, REFUSALS, Refusal};

/// The operations, in the order of the document.
const ME: usize = 0;
const LIST: usize = 1;
const MAKE: usize = 2;
const READ: usize = 3;
const CHANGE: usize = 4;
const DELETE: usize = 5;
const CATALOGUE: usize = 6;
const BADGE: usize = 7;
const NAMES: [(&str, &str); 8] = [
    ("GET", "/me"),
    ("GET", "/notes"),
    ("POST", "/notes"),
    ("GET", "/notes/{id}"),
    ("PATCH", "/notes/{id}"),
    ("DELETE", "/notes/{id}"),
    ("GET", "/catalogue"),
    ("GET", "/badge"),
];

/// What is wrong, and what only looks so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Strict,
    /// This operation is for everybody, and shows everybody the same.
    Public,
    /// The same, for whoever sends nothing; what is sent is looked at.
    Optional,
    /// Whoever is not known is a guest, with a page of a guest.
    Guest,
    /// This operation asks nobody who sends nothing.
    Missing(usize),
    /// This operation takes any credential.
    Any(usize),
    /// No operation asks.
    Off,
    /// Every operation takes any credential, and wants one.
    Presence,
}

struct Service {
    noise: Noise,
    door: Door,
    none: Refusal,
    bad: Refusal,
    challenge: bool,
    /// This operation fails without a valid credential.
    fails: Option<usize>,
    /// Failures that just happen.
    errors: f64,
    kept: Vec<(String, &'static str, Json)>,
    drift: f64,
}

impl Service {
    fn row(&mut self, owner: &'static str, body: &Json) -> Json {
        let id = self.noise.rng.uuid();
        let note = json!({"id": id, "title": body["title"], "text": body["text"]});
        self.kept.push((id, owner, note.clone()));
        note
    }

    /// The caller, who may be nobody; the error is a refusal.
    fn caller(&mut self, operation: usize, request: &Req) -> Result<Option<&'static str>, Reply> {
        let token = request.token.as_deref().filter(|token| !token.is_empty());
        let known = match token {
            Some("token-of-alice-0123456789abcdef") => return Ok(Some("alice")),
            Some("token-of-bob-0123456789abcdef00") => return Ok(Some("bob")),
            _ => None,
        };
        let opens = match self.door {
            Door::Strict => false,
            Door::Public => operation == CATALOGUE,
            Door::Optional => operation == CATALOGUE && token.is_none(),
            Door::Guest => operation == ME,
            Door::Missing(open) => operation == open && token.is_none(),
            Door::Any(open) => operation == open && token.is_some(),
            Door::Off => true,
            Door::Presence => token.is_some(),
        };
        if opens {
            return Ok(known);
        }
        if self.fails == Some(operation) {
            return Err(self.noise.error(500, "internal", request));
        }
        let style = if token.is_none() { self.none } else { self.bad };
        let mut reply = self.noise.refusal(style, "unauthorized", request);
        if self.challenge && reply.status == 401 {
            reply = reply.header("www-authenticate", "Bearer realm=\"notes\"");
        }
        Err(reply)
    }
}

impl Model for Service {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        if self.noise.rng.chance(self.errors) {
            return self.noise.error(500, "internal", request);
        }
        let path = request.path.trim_end_matches('/');
        let below = path.starts_with("/notes/");
        let operation = match (request.method.as_str(), path) {
            ("GET", "/me") => ME,
            ("GET", "/notes") => LIST,
            ("POST", "/notes") => MAKE,
            ("GET", _) if below => READ,
            ("PATCH", _) => CHANGE,
            ("DELETE", _) => DELETE,
            ("GET", "/badge") => BADGE,
            _ => CATALOGUE,
        };
        let caller = match self.caller(operation, request) {
            Ok(caller) => caller,
            Err(refusal) => return refusal,
        };
        // Whoever gets in without being known is taken for the first account, or asked nothing at all.
        let guest = matches!(self.door, Door::Guest) && caller.is_none();
        let user = caller.unwrap_or("alice");
        match operation {
            ME if guest => self.noise.success(200, json!({"id": null, "name": "guest", "plan": "basic"}), ""),
            ME => {
                let plan = if user == "alice" { "basic" } else { "premium" };
                let mail = format!("{user}@ph.example");
                let seen = self.noise.rng.int(0, 3);
                let page = json!({"id": format!("u-{user}"), "name": user, "mail": mail, "plan": plan, "unread": seen});
                self.noise.success(200, page, "")
            }
            LIST => {
                if self.noise.rng.chance(self.drift) {
                    let (title, text) = (self.noise.rng.word(6), self.noise.rng.word(20));
                    self.row("carol", &json!({"title": title, "text": text}));
                }
                let all = caller.is_none();
                let rows = self.kept.iter().filter(|(_, owner, _)| all || *owner == user);
                let rows: Vec<_> = rows.rev().take(50).map(|(_, _, note)| note.clone()).collect();
                self.noise.success(200, json!({"total": rows.len(), "items": rows}), "")
            }
            MAKE => {
                let body = request.json().unwrap_or_default();
                let note = self.row(user, &body);
                self.noise.success(201, note, "")
            }
            READ | CHANGE | DELETE => {
                let id = request.last().to_owned();
                let all = caller.is_none();
                let at =
                    self.kept.iter().position(|(known, owner, _)| *known == id && (all || *owner == user));
                let Some(at) = at else { return self.noise.error(404, "no such note", request) };
                if operation == DELETE {
                    self.kept.remove(at);
                    return Reply { status: 204, ..Reply::default() };
                }
                if operation == CHANGE {
                    let body = request.json().unwrap_or_default();
                    if body["text"].is_string() {
                        self.kept[at].2["text"] = body["text"].clone();
                    }
                }
                let note = self.kept[at].2.clone();
                self.noise.success(200, note, "")
            }
            BADGE => self.noise.success(200, json!({"badges": ["early", "helpful"], "level": 3}), ""),
            _ => {
                let load = self.noise.rng.int(0, 99);
                let page = json!({"items": [{"sku": "a-1", "name": "soup"}, {"sku": "b-2", "name": "bread"}], "load": load});
                self.noise.success(200, page, "")
            }
        }
    }
}

fn operation(method: &str, path: &str, declared: bool) -> Operation {
    let string = |most: u64| json!({"type": "string", "minLength": 1, "maxLength": most});
    let parameter = Parameter {
        name: "id".to_owned(),
        location: Location::Path,
        required: true,
        style: Style::Simple,
        explode: false,
        allow_reserved: false,
        schema: Schema::new(json!({"type": "string"})),
        pointer: String::new(),
    };
    let body = Body {
        media_type: "application/json".to_owned(),
        schema: Schema::new(json!({
            "type": "object",
            "required": ["title", "text"],
            "properties": {"title": string(80), "text": string(400)}
        })),
        encoding: BTreeMap::new(),
    };
    let writes = matches!(method, "POST" | "PATCH");
    let need = SecurityNeed { scheme: "bearer".to_owned(), scopes: Vec::new() };
    Operation {
        inferred: false,
        method: method.to_owned(),
        path: path.to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: if path.contains('{') { vec![parameter] } else { Vec::new() },
        bodies: if writes { vec![body] } else { Vec::new() },
        body_required: writes,
        responses: BTreeMap::new(),
        security: declared.then(|| vec![vec![need]]),
        rate_limit: None,
        pointer: String::new(),
    }
}

/// What pre-flight would have learned.
fn world(door: Door, declared: bool, other: bool) -> World {
    let operations = NAMES.iter().map(|(method, path)| operation(method, path, declared)).collect();
    let profile = |name: &str| Profile { name: name.to_owned(), alive: true, ..Profile::default() };
    let names: &[&str] = if other { &["alice", "bob"] } else { &["alice"] };
    let mut world = World {
        surface: Arc::new(Surface { operations, ..Surface::default() }),
        profiles: names.iter().copied().map(profile).collect(),
        ..World::default()
    };
    for index in [ME, LIST, MAKE, READ, CHANGE, DELETE, CATALOGUE, BADGE] {
        for name in names.iter().copied().chain(["anonymous"]) {
            let open = match door {
                Door::Public | Door::Optional => index == CATALOGUE,
                Door::Guest => index == ME,
                Door::Missing(open) => index == open && !matches!(index, READ | CHANGE | DELETE),
                Door::Off => true,
                _ => false,
            };
            let granted = name != "anonymous" || open;
            let mut src = Seeded::new(7);
            let Some(draft) = request(&world, index, name, Manner::Minimal, &mut src) else { continue };
            let draft = Arc::new(draft);
            let status = Some(if granted { 200 } else { 401 });
            let access = Access { draft: Some(Arc::clone(&draft)), granted, status, ..Access::default() };
            world.access.insert((index, name.to_owned()), access);
            if index == MAKE && granted && name != "anonymous" {
                let producer = Producer {
                    collection: "/notes".to_owned(),
                    draft,
                    take: "/id".to_owned(),
                    others: Vec::new(),
                    makes: true,
                };
                world.producers.push(producer);
            }
        }
    }
    world
}

/// What a trial draws.
struct Drawn {
    door: Door,
    operation: Option<usize>,
    declared: bool,
    other: bool,
    challenge: bool,
    fails: Option<usize>,
    refusals: &'static [Refusal],
}

impl Drawn {
    fn new(rng: &mut Rng, door: Door, operation: usize) -> Self {
        Self {
            door,
            operation: Some(operation),
            declared: true,
            other: rng.chance(0.8),
            challenge: true,
            fails: None,
            refusals: REFUSALS,
        }
    }
}

fn trial(check: &str, salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> Drawn) {
    let identities =
        [("alice", "token-of-alice-0123456789abcdef"), ("bob", "token-of-bob-0123456789abcdef00")];
    let identities = identities.map(|(name, token)| Identity::bearer(name, token));
    let lab = Lab::new(Wallet::new(identities.into(), Arc::default()), SessionConfig::default());
    let check = active(check);
    let mut tally = Tally::default();
    let mut worlds: BTreeMap<String, World> = BTreeMap::new();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x5151);
        let drawn = draw(&mut rng);
        let key = format!("{:?} {} {}", drawn.door, drawn.declared, drawn.other);
        let world = worlds.entry(key).or_insert_with(|| world(drawn.door, drawn.declared, drawn.other));
        let noise = Noise::new(seed);
        let bad = rng.pick(drawn.refusals);
        let service = Service {
            door: drawn.door,
            none: if rng.chance(0.7) { bad } else { rng.pick(drawn.refusals) },
            bad,
            challenge: drawn.challenge,
            fails: drawn.fails,
            errors: rng.pick(&[0.0, 0.0, 0.0, 0.01]),
            kept: Vec::new(),
            drift: rng.pick(&[0.0, 0.1, 0.5]),
            noise,
        };
        lab.put(Box::new(service), seed);
        let identity = if drawn.operation.is_some() { "alice" } else { "anonymous" };
        let subject = Subject { operation: drawn.operation, identity: identity.to_owned(), place: None };
        let found = lab.cell(check, &subject, world, seed);
        let note = format!("{:?} {:?} {}", drawn.door, drawn.operation, drawn.declared);
        tally.count(&found.verdict, &note, sound, || found.tell());
    }
    if sound { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

const ASKED: [usize; 6] = [ME, LIST, READ, CHANGE, DELETE, BADGE];

fn any_sound(rng: &mut Rng) -> Drawn {
    let (door, operation) = match rng.int(0, 19) {
        0 => (Door::Public, CATALOGUE),
        1 => (Door::Optional, CATALOGUE),
        2 => (Door::Guest, ME),
        _ => (Door::Strict, rng.pick(&[ME, LIST, MAKE, READ, CHANGE, DELETE, BADGE])),
    };
    Drawn { declared: rng.chance(0.8), ..Drawn::new(rng, door, operation) }
}

#[test]
fn missing_sound() {
    trial("authn-missing-credential", 61, true, |rng| match rng.int(0, 39) {
        // Switched off, or only looked at: another check's finding.
        0 => {
            let operation = rng.pick(&ASKED);
            Drawn::new(rng, Door::Off, operation)
        }
        _ => any_sound(rng),
    });
}

#[test]
fn missing_defective() {
    trial("authn-missing-credential", 62, false, |rng| {
        let open = rng.pick(&[ME, LIST, READ, CHANGE, DELETE, MAKE]);
        // What depends on who asks is seen beside somebody else.
        Drawn { other: open == ME || rng.chance(0.8), ..Drawn::new(rng, Door::Missing(open), open) }
    });
}

#[test]
fn invalid_sound() {
    trial("authn-invalid-credential", 63, true, |rng| match rng.int(0, 39) {
        0 => {
            let operation = rng.pick(&ASKED);
            Drawn::new(rng, Door::Presence, operation)
        }
        _ => any_sound(rng),
    });
}

#[test]
fn invalid_defective() {
    trial("authn-invalid-credential", 64, false, |rng| {
        let open = rng.pick(&[ME, LIST, READ, CHANGE, DELETE, MAKE, BADGE]);
        Drawn { other: open == ME || rng.chance(0.8), ..Drawn::new(rng, Door::Any(open), open) }
    });
}

/// Services that refuse with 401.
const PLAIN: &[Refusal] = &[Refusal::Status(401)];

#[test]
fn challenge_sound() {
    trial("authn-challenge-missing", 65, true, |rng| {
        let operation = rng.pick(&[ME, LIST, READ, CHANGE, BADGE]);
        let refusals = if rng.chance(0.95) { PLAIN } else { REFUSALS };
        Drawn { refusals, ..Drawn::new(rng, Door::Strict, operation) }
    });
}

#[test]
fn challenge_defective() {
    trial("authn-challenge-missing", 66, false, |rng| {
        let operation = rng.pick(&[ME, LIST, READ, CHANGE, BADGE]);
        let fails = rng.chance(0.5).then_some(operation);
        Drawn { refusals: PLAIN, challenge: false, fails, ..Drawn::new(rng, Door::Strict, operation) }
    });
}

#[test]
fn not_enforced_sound() {
    trial("authn-not-enforced", 67, true, |rng| {
        let door = rng.pick(&[
            Door::Strict,
            Door::Strict,
            Door::Strict,
            Door::Public,
            Door::Optional,
            Door::Guest,
            Door::Missing(ME),
            Door::Any(LIST),
            Door::Any(MAKE),
        ]);
        Drawn { operation: None, ..Drawn::new(rng, door, ME) }
    });
}

#[test]
fn not_enforced_defective() {
    trial("authn-not-enforced", 68, false, |rng| {
        let door = rng.pick(&[Door::Off, Door::Presence]);
        Drawn { operation: None, ..Drawn::new(rng, door, ME) }
    });
}
