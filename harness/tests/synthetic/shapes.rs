//! Shapes of errors: one for all, one for each layer, and one operation with a shape of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Body as CaseBody, Content, Pairs, Request, Value};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Profile, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Body, Location, Operation, Parameter, Schema, Style, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Noise, SHAPES, Shape};

/// How the errors of a service look.
struct Service {
    noise: Noise,
    usual: Look,
    /// What a gateway answers to those without a credential, whatever they ask for.
    gateway: Option<Look>,
    /// What the framework answers to bodies that it cannot read.
    framework: Option<Look>,
    /// What an unknown id is answered with, everywhere.
    missing: Option<Look>,
    /// One operation's own.
    own: Option<(&'static str, Look)>,
    /// Operations that take anything, by their place.
    lenient: u64,
    unread: u16,
}

/// A shape, or JSON whose members vary around one that is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Shape(Shape),
    Coded,
    Odd,
}

impl Service {
    fn error(&mut self, look: Look, status: u16, message: &str, request: &Req) -> Reply {
        match look {
            Look::Shape(shape) => self.noise.error_as(shape, status, message, request),
            Look::Odd => Reply::json(status, &json!({"oops": message})),
            Look::Coded => {
                let mut body = json!({"code": format!("E{status}")});
                for (name, share) in [("message", 0.7), ("hint", 0.2), ("fields", 0.3), ("trace_id", 0.5)] {
                    if self.noise.rng.chance(share) {
                        body[name] = match name {
                            "fields" => json!([{"name": "q", "rule": "integer"}]),
                            "trace_id" => json!(self.noise.rng.uuid()),
                            _ => json!(message),
                        };
                    }
                }
                Reply::json(status, &body)
            }
        }
    }
}

const OPERATIONS: &[(&str, &str)] = &[
    ("GET", "/users/{id}"),
    ("POST", "/users"),
    ("GET", "/items/{id}"),
    ("POST", "/items"),
    ("GET", "/report"),
];

impl Model for Service {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let collection = request.path.split('/').nth(1).unwrap_or_default().to_owned();
        let index = OPERATIONS
            .iter()
            .position(|(method, path)| *method == request.method && path[1..].starts_with(&collection));
        let index = index.unwrap_or_default();
        let own = self.own.filter(|(path, _)| *path == OPERATIONS[index].1).map(|(_, look)| look);
        let usual = own.unwrap_or(self.usual);
        if request.token.is_none() {
            let look = self.gateway.or(own).unwrap_or(self.usual);
            return self.error(look, 401, "log in", request);
        }
        if self.lenient >> index & 1 == 1 {
            return self.noise.success(200, json!({"ok": true}), "");
        }
        if request.method == "POST" {
            let framework = own.or(self.framework).unwrap_or(self.usual);
            if request.media.as_deref() != Some("application/json") {
                return self.error(framework, 415, "unsupported media type", request);
            }
            return match request.json() {
                None => self.error(framework, 400, "malformed JSON", request),
                Some(Json::Object(_)) => self.noise.success(201, json!({"id": 9}), ""),
                Some(_) => self.error(usual, self.unread, "an object was expected", request),
            };
        }
        match OPERATIONS[index].1 {
            "/report" if request.param("days").is_some_and(|days| days.parse::<u64>().is_err()) => {
                self.error(usual, 422, "days is a number", request)
            }
            "/report" => self.noise.success(200, json!({"rows": []}), ""),
            _ if request.last() == "1" => self.noise.success(200, json!({"id": 1, "name": "one"}), ""),
            _ if request.last().parse::<u64>().is_err() => {
                self.error(usual, self.unread, "not an id", request)
            }
            _ => {
                let look = own.or(self.missing).unwrap_or(self.usual);
                self.error(look, 404, "not found", request)
            }
        }
    }
}

fn world() -> World {
    let parameter = |name: &str, location| Parameter {
        name: name.to_owned(),
        location,
        required: location == Location::Path,
        style: Style::Simple,
        explode: false,
        allow_reserved: false,
        schema: Schema::new(json!({"type": "integer"})),
        pointer: String::new(),
    };
    let mut operations = Vec::new();
    let mut access = BTreeMap::new();
    for (index, (method, path)) in OPERATIONS.iter().enumerate() {
        let mut request =
            Request { method: (*method).to_owned(), path: (*path).to_owned(), ..Request::default() };
        let mut parameters = Vec::new();
        if path.contains('{') {
            parameters.push(parameter("id", Location::Path));
            request.path_params.set("id", Value::Number(1_u64.into()));
        }
        if *path == "/report" {
            parameters.push(parameter("days", Location::Query));
            request.query.set("days", Value::Number(7_u64.into()));
        }
        let mut bodies = Vec::new();
        if *method == "POST" {
            let mut members = Pairs::default();
            members.set("name", Value::text("one"));
            let content = Content::Json(Value::Object(members.0));
            request.body = Some(CaseBody { media_type: "application/json".to_owned(), content });
            bodies.push(Body {
                media_type: "application/json".to_owned(),
                schema: Schema::new(json!({"type": "object"})),
                encoding: BTreeMap::new(),
            });
        }
        let operation = Operation {
            inferred: false,
            method: (*method).to_owned(),
            path: (*path).to_owned(),
            operation_id: None,
            summary: String::new(),
            tags: Vec::new(),
            deprecated: false,
            parameters,
            bodies,
            body_required: false,
            responses: BTreeMap::new(),
            security: None,
            rate_limit: None,
            pointer: String::new(),
        };
        let draft = Draft {
            operation: index,
            identity: "alice".to_owned(),
            setup: Vec::new(),
            bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
            target: "target".to_owned(),
        };
        operations.push(operation);
        let draft = Some(Arc::new(draft));
        access.insert(
            (index, "alice".to_owned()),
            Access { draft, granted: true, status: Some(200), ..Access::default() },
        );
    }
    World {
        surface: Arc::new(Surface { operations, ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), alive: true, ..Profile::default() }],
        access,
        ..World::default()
    }
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng, Noise) -> Service) {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    let lab = Lab::new(wallet, SessionConfig::default());
    let check = active("error-shape-inconsistent");
    let (world, mut tally) = (world(), Tally::default());
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x99);
        let service = draw(&mut rng, Noise::new(seed));
        let note = format!(
            "usual {:?} gateway {:?} framework {:?} missing {:?} own {:?}",
            service.usual,
            service.gateway.is_some(),
            service.framework.is_some(),
            service.missing.is_some(),
            service.own.map(|(path, _)| path)
        );
        lab.put(Box::new(service), seed);
        let subject = Subject { operation: None, identity: String::new(), place: None };
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &note, sound, || found.tell());
    }
    if sound { tally.sound("error-shape-inconsistent") } else { tally.defective("error-shape-inconsistent") }
}

fn look(rng: &mut Rng) -> Look {
    // The last shape is 200 with an error inside: there is no error to compare.
    if rng.chance(0.25) { Look::Coded } else { Look::Shape(rng.pick(&SHAPES[..7])) }
}

fn service(rng: &mut Rng, noise: Noise) -> Service {
    Service {
        noise,
        usual: look(rng),
        gateway: None,
        framework: None,
        missing: None,
        own: None,
        lenient: 0,
        unread: rng.pick(&[400_u16, 422]),
    }
}

#[test]
fn sound() {
    trial(41, true, |rng, noise| {
        let mut service = service(rng, noise);
        service.gateway = rng.chance(0.3).then(|| look(rng));
        service.framework = rng.chance(0.2).then(|| look(rng));
        service.missing = rng.chance(0.15).then(|| look(rng));
        if rng.chance(0.2) {
            service.lenient = 1 << rng.int(0, 4);
        }
        if rng.chance(0.08) {
            service.usual = Look::Shape(Shape::Ok);
        }
        service
    });
}

#[test]
fn defective() {
    trial(42, false, |rng, noise| {
        let mut service = service(rng, noise);
        service.gateway = rng.chance(0.3).then(|| look(rng));
        let path = rng.pick(&["/users/{id}", "/users", "/items/{id}", "/items"]);
        let own = loop {
            let own = match rng.int(0, 3) {
                0 => Look::Odd,
                _ => Look::Shape(rng.pick(&[Shape::Html, Shape::Plain, Shape::Empty])),
            };
            if own != service.usual && Some(own) != service.gateway {
                break own;
            }
        };
        service.own = Some((path, own));
        service
    });
}
