//! Bodies under other types: services that go by the type, that refuse in their own way, that do not look at the body,
//! and those that read whatever comes. And services that one bad request takes down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Body as CaseBody, Content, Request, Value};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Profile, Settings, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Body, Operation, Schema, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::Noise;

/// What a service makes of the type of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typing {
    /// Refuses with this status what is not JSON by its type.
    Strict(u16),
    /// Does not read it, and misses what should be in it.
    Unread,
    /// Does not look at the body at all.
    Blind,
    /// Reads whatever comes as JSON.
    Any,
    /// `Strict`, and reads this one, too.
    Also(&'static str),
    /// `Strict`, and reads what has no type.
    Absent,
    /// `Strict`, and reads what only looks like something.
    Lenient(Form),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Pairs,
    Quotes,
    Xml,
    Yaml,
}

struct Items {
    noise: Noise,
    typing: Typing,
    /// How malformed JSON and missing members are refused.
    malformed: u16,
    invalid: u16,
    next: u64,
    echoes: bool,
}

impl Items {
    fn read(&self, body: &str) -> Option<Json> {
        if let Ok(json) = serde_json::from_str(body) {
            return Some(json);
        }
        let Typing::Lenient(form) = self.typing else { return None };
        let found = |lead: &str, end: &str| {
            let (_, rest) = body.split_once(lead)?;
            Some(rest.split(end).next()?.to_owned())
        };
        let title = match form {
            Form::Pairs => found("title=", "&"),
            Form::Quotes => found("'title': '", "'"),
            Form::Xml => found("<title>", "</title>"),
            Form::Yaml => found("title: ", "\n").filter(|_| !body.contains('{')),
        };
        Some(json!({"title": title?, "count": 1}))
    }
}

impl Model for Items {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        if request.token.as_deref() != Some("token-of-alice") {
            return self.noise.error(401, "log in", request);
        }
        let media = request.media.clone().unwrap_or_default().to_ascii_lowercase();
        let plain = media.split(';').next().unwrap_or_default().trim().to_owned();
        let is_json = plain == "application/json" || plain.ends_with("+json");
        let taken = is_json
            || match self.typing {
                Typing::Any => !plain.is_empty(),
                Typing::Also(also) => plain == also,
                Typing::Absent => plain.is_empty(),
                _ => false,
            };
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let json = match self.typing {
            Typing::Blind => json!({"title": "untitled"}),
            Typing::Unread if !taken => json!({}),
            Typing::Strict(status) if !taken => {
                return self.noise.error(status, "unsupported media type", request);
            }
            _ if !taken => return self.noise.error(415, "unsupported media type", request),
            _ => match self.read(&body) {
                Some(json) => json,
                None => return self.noise.error(self.malformed, "malformed", request),
            },
        };
        let Some(title) = json["title"].as_str() else {
            return self.noise.error(self.invalid, "title is required", request);
        };
        self.next += 1;
        let title = if self.echoes { title } else { "stored" };
        let item = json!({"id": self.next, "title": title, "state": "new"});
        self.noise.success(201, item, "")
    }
}

fn world(path: &str, method: &str, body: bool) -> (World, Subject) {
    let schema = json!({"type": "object", "required": ["title", "count"],
        "properties": {"title": {"type": "string"}, "count": {"type": "integer"}}});
    let declared = Body {
        media_type: "application/json".to_owned(),
        schema: Schema::new(schema),
        encoding: BTreeMap::new(),
    };
    let operation = Operation {
        inferred: false,
        method: method.to_owned(),
        path: path.to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: Vec::new(),
        bodies: if body { vec![declared] } else { Vec::new() },
        body_required: body,
        responses: BTreeMap::new(),
        security: None,
        rate_limit: None,
        pointer: String::new(),
    };
    let content = Content::Json(Value::from(json!({"title": "soup", "count": 1})));
    let mut request = Request { method: method.to_owned(), path: path.to_owned(), ..Request::default() };
    if body {
        request.body = Some(CaseBody { media_type: "application/json".to_owned(), content });
    } else {
        request.query.set("q", Value::text("soup"));
    }
    let draft = Draft {
        operation: 0,
        identity: "alice".to_owned(),
        setup: Vec::new(),
        bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
        target: "target".to_owned(),
    };
    let subject = draft.subject(None);
    let access =
        Access { draft: Some(Arc::new(draft)), granted: true, status: Some(201), ..Access::default() };
    let world = World {
        surface: Arc::new(Surface { operations: vec![operation], ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), alive: true, ..Profile::default() }],
        access: BTreeMap::from([((0, "alice".to_owned()), access)]),
        settings: Settings { disposable_data: true, ..Settings::default() },
        ..World::default()
    };
    (world, subject)
}

fn lab() -> Lab {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    Lab::new(wallet, SessionConfig::default())
}

fn trial(check: &str, salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> Typing) {
    let lab = lab();
    let (world, subject) = world("/items", "POST", true);
    let check = active(check);
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x2222);
        let typing = draw(&mut rng);
        let items = Items {
            noise: Noise::new(seed),
            typing,
            malformed: rng.pick(&[400_u16, 400, 422]),
            invalid: rng.pick(&[422_u16, 400]),
            next: 40,
            echoes: rng.chance(0.7),
        };
        lab.put(Box::new(items), seed);
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &format!("{typing:?}"), sound, || found.tell());
    }
    if sound { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

fn any_sound(rng: &mut Rng) -> Typing {
    match rng.int(0, 19) {
        0 => Typing::Blind,
        1..=3 => Typing::Unread,
        4..=6 => Typing::Strict(400),
        7 => Typing::Strict(422),
        8 => Typing::Strict(406),
        _ => Typing::Strict(415),
    }
}

#[test]
fn undocumented_sound() {
    trial("ctype-undocumented-accepted", 81, true, any_sound);
}

#[test]
fn undocumented_defective() {
    trial("ctype-undocumented-accepted", 82, false, |rng| match rng.int(0, 2) {
        0 => Typing::Any,
        _ => Typing::Also(rng.pick(&[
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/csv",
            "image/png",
        ])),
    });
}

#[test]
fn absent_sound() {
    trial("ctype-absent-accepted", 83, true, any_sound);
}

#[test]
fn absent_defective() {
    trial("ctype-absent-accepted", 84, false, |_| Typing::Absent);
}

#[test]
fn mismatch_sound() {
    // Whoever reads JSON under any type reads nothing else for JSON.
    trial("ctype-mismatch-body", 85, true, |rng| if rng.chance(0.2) { Typing::Any } else { any_sound(rng) });
}

#[test]
fn mismatch_defective() {
    trial("ctype-mismatch-body", 86, false, |rng| {
        Typing::Lenient(rng.pick(&[Form::Pairs, Form::Quotes, Form::Xml, Form::Yaml]))
    });
}

#[test]
fn not_415_sound() {
    trial("ctype-refusal-not-415", 87, true, |rng| {
        if rng.chance(0.05) { rng.pick(&[Typing::Any, Typing::Blind]) } else { Typing::Strict(415) }
    });
}

#[test]
fn not_415_defective() {
    trial("ctype-refusal-not-415", 88, false, |rng| match rng.int(0, 3) {
        0 => Typing::Unread,
        _ => Typing::Strict(rng.pick(&[400_u16, 422, 406])),
    });
}

/// What a bad request leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// It is refused.
    Nothing,
    /// It fails, and nobody else.
    Own,
    /// Requests fail by themselves now and then.
    Flaky,
    /// Whoever sends it is banned for a while.
    Ban,
    /// All fail for so many milliseconds.
    Outage(u64, u16),
}

struct Fragile {
    noise: Noise,
    wake: Wake,
    rate: f64,
    until: Duration,
}

impl Model for Fragile {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        let down = request.at < self.until;
        match self.wake {
            Wake::Outage(_, status) if down => {
                return self.noise.error_as(super::noise::Shape::Plain, status, "down", request);
            }
            Wake::Ban if down => return self.noise.error(403, "banned", request),
            Wake::Flaky if self.noise.rng.chance(self.rate) => {
                return self.noise.error(500, "failed", request);
            }
            _ => {}
        }
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let bad = request.param("q").is_some_and(|q| q.len() > 40 || q.contains('€'));
        if !bad {
            return self.noise.success(200, json!({"found": 3}), "");
        }
        match self.wake {
            Wake::Own | Wake::Flaky => {
                self.noise.error_as(super::noise::Shape::Error, 500, "failed", request)
            }
            Wake::Ban => {
                self.until = request.at + Duration::from_millis(600);
                self.noise.error_as(super::noise::Shape::Error, 500, "failed", request)
            }
            Wake::Outage(millis, _) => {
                self.until = request.at + Duration::from_millis(millis);
                self.noise.error_as(super::noise::Shape::Error, 500, "failed", request)
            }
            Wake::Nothing => self.noise.error(422, "too long", request),
        }
    }
}

fn spread(salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> Wake) {
    let lab = lab();
    let (world, subject) = world("/search", "GET", false);
    let check = active("error-panic-spreads");
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x4444);
        let wake = draw(&mut rng);
        let mut noise = Noise::new(seed);
        if matches!(wake, Wake::Outage(..)) {
            // The smallest effect lasts over four requests, however slow they are.
            noise.quick();
        }
        let service = Fragile { noise, wake, rate: rng.real(0.02, 0.3), until: Duration::ZERO };
        lab.put(Box::new(service), seed);
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &format!("{wake:?}"), sound, || found.tell());
    }
    if sound { tally.sound("error-panic-spreads") } else { tally.defective("error-panic-spreads") }
}

#[test]
fn spread_sound() {
    spread(89, true, |rng| match rng.int(0, 19) {
        0 => Wake::Flaky,
        1 => Wake::Ban,
        2..=9 => Wake::Own,
        _ => Wake::Nothing,
    });
}

#[test]
fn spread_defective() {
    spread(90, false, |rng| Wake::Outage(rng.pick(&[500, 800, 950]), rng.pick(&[500_u16, 500, 501])));
}
