//! TRACE: refused, ignored, mirrored by an operation that mirrors everything, or given back.

use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Request, Value};
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Profile, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Operation, Surface};
use serde_json::json;

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::Noise;

#[derive(Clone, Copy, Debug)]
enum Tracing {
    Refused(u16),
    /// Answered like GET.
    Ignored,
    /// A success that only speaks of it.
    Talk,
    /// The request line and the headers that the server knows.
    Stripped,
    /// Every method shows the request.
    Mirror,
    /// The request as it came; each line ends with this.
    Echo(&'static str),
}

struct Service {
    noise: Noise,
    tracing: Tracing,
}

impl Service {
    fn request(request: &Req, with_ours: bool, end: &str) -> String {
        let ours = request.echo.as_ref().filter(|_| with_ours);
        let ours = ours.map(|value| format!("X-Proofhouse-Echo: {value}{end}")).unwrap_or_default();
        format!(
            "{} {} HTTP/1.1{end}Host: api.test{end}{ours}Accept: */*{end}{end}",
            request.method, request.target
        )
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
        match (self.tracing, request.method.as_str()) {
            (Tracing::Mirror, _) => Reply::text(200, "text/plain", Self::request(request, true, "\r\n")),
            (Tracing::Refused(status), "TRACE") => self.noise.error(status, "no such method", request),
            (Tracing::Talk, "TRACE") => Reply::text(200, "text/plain", "TRACE is switched off here"),
            (Tracing::Stripped, "TRACE") => {
                Reply::text(200, "message/http", Self::request(request, false, "\r\n"))
            }
            (Tracing::Echo(end), "TRACE") => {
                Reply::text(200, "message/http", Self::request(request, true, end))
            }
            _ => self.noise.success(200, json!({"found": 3}), ""),
        }
    }
}

fn world(rng: &mut Rng) -> World {
    let operation = Operation { method: "GET".to_owned(), path: "/items".to_owned(), ..Operation::default() };
    let mut request = Request { method: "GET".to_owned(), path: "/items".to_owned(), ..Request::default() };
    if rng.chance(0.5) {
        request.query.set("q", Value::text("soup"));
    }
    let draft = Draft {
        operation: 0,
        identity: "alice".to_owned(),
        setup: Vec::new(),
        bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
        target: "target".to_owned(),
    };
    let access =
        Access { draft: Some(Arc::new(draft)), granted: true, status: Some(200), ..Access::default() };
    World {
        surface: Arc::new(Surface { operations: vec![operation], ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), alive: true, ..Profile::default() }],
        access: [((0, "alice".to_owned()), access)].into(),
        ..World::default()
    }
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> Tracing) {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    let lab = Lab::new(wallet, SessionConfig::default());
    let check = active("inventory-trace");
    let subject =
        proofhouse::checks::Subject { operation: None, identity: "anonymous".to_owned(), place: None };
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x7ace);
        let (world, tracing) = (world(&mut rng), draw(&mut rng));
        lab.put(Box::new(Service { noise: Noise::new(seed), tracing }), seed);
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &format!("{tracing:?}"), sound, || found.tell());
    }
    if sound { tally.sound("inventory-trace") } else { tally.defective("inventory-trace") }
}

#[test]
fn trace_sound() {
    trial(91, true, |rng| match rng.int(0, 11) {
        0 => Tracing::Mirror,
        1 | 2 => Tracing::Ignored,
        3 => Tracing::Talk,
        4 => Tracing::Stripped,
        _ => Tracing::Refused(rng.pick(&[405_u16, 405, 405, 501, 404, 403, 400])),
    });
}

#[test]
fn trace_defective() {
    trial(92, false, |rng| Tracing::Echo(rng.pick(&["\r\n", "\n"])));
}
