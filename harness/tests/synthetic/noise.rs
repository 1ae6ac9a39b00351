//! What real services do besides their work: drawn anew for each trace.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::lab::{Reply, Req, Rng};

/// How errors look here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Problem,
    Error,
    Nested,
    Detail,
    Html,
    Plain,
    Empty,
    /// 200 with an error in the body.
    Ok,
}

pub(crate) const SHAPES: &[Shape] = &[
    Shape::Problem,
    Shape::Error,
    Shape::Nested,
    Shape::Detail,
    Shape::Html,
    Shape::Plain,
    Shape::Empty,
    Shape::Ok,
];

/// How what was sent comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    None,
    Raw,
    Html,
    Percent,
    Plus,
    Backslash,
}

const ECHOES: &[Echo] =
    &[Echo::None, Echo::None, Echo::Raw, Echo::Html, Echo::Percent, Echo::Plus, Echo::Backslash];

/// How long answers take.
#[derive(Clone, Copy, Debug)]
enum Pace {
    Instant,
    /// Lognormal around so many milliseconds.
    Jitter(f64, f64),
    /// The same, and this share takes five seconds.
    Tailed(f64, f64, f64),
}

/// The noise of one trace.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    pub(crate) rng: Rng,
    pace: Pace,
    /// The share of 503.
    pub(crate) flaky: f64,
    flaky_html: bool,
    retry_after: Option<u64>,
    pub(crate) shape: Shape,
    pub(crate) echo: Echo,
    echo_errors: bool,
    request_id: bool,
    timestamp: bool,
    counter: bool,
    trace_header: bool,
    served: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let pace = match rng.int(0, 3) {
            0 => Pace::Instant,
            1 | 2 => Pace::Jitter(rng.real(2.0, 60.0), rng.real(0.2, 1.0)),
            _ => Pace::Tailed(rng.real(2.0, 60.0), rng.real(0.2, 1.2), 0.01),
        };
        Self {
            pace,
            flaky: 0.05,
            flaky_html: rng.chance(0.5),
            retry_after: rng.chance(0.4).then(|| rng.int(0, 2)),
            shape: rng.pick(SHAPES),
            echo: rng.pick(ECHOES),
            echo_errors: rng.chance(0.5),
            request_id: rng.chance(0.4),
            timestamp: rng.chance(0.4),
            counter: rng.chance(0.3),
            trace_header: rng.chance(0.5),
            served: rng.int(0, 100_000),
            rng,
        }
    }

    /// Whether every answer comes at once.
    pub(crate) fn is_instant(&self) -> bool {
        matches!(self.pace, Pace::Instant)
    }

    /// Every answer comes at once.
    pub(crate) fn quick(&mut self) {
        self.pace = Pace::Instant;
    }

    pub(crate) fn latency(&mut self) -> (Duration, Duration) {
        let millis = match self.pace {
            Pace::Instant => return (Duration::ZERO, Duration::ZERO),
            Pace::Jitter(median, sigma) => median * (sigma * self.rng.normal()).exp(),
            Pace::Tailed(median, sigma, share) => {
                if self.rng.chance(share) {
                    5_000.0
                } else {
                    median * (sigma * self.rng.normal()).exp()
                }
            }
        };
        let before = millis * self.rng.unit();
        let part = |millis: f64| Duration::from_micros((millis * 1_000.0) as u64);
        (part(before), part(millis - before))
    }

    /// A 503 of the service itself or of a proxy in front of it, one time in twenty.
    pub(crate) fn hiccup(&mut self) -> Option<Reply> {
        if !self.rng.chance(self.flaky) {
            return None;
        }
        let reply = if self.flaky_html {
            Reply::text(503, "text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>")
        } else {
            Reply::json(503, &json!({"error": "temporarily unavailable"}))
        };
        Some(match self.retry_after {
            Some(seconds) => reply.header("retry-after", seconds.to_string()),
            None => reply,
        })
    }

    /// What was sent, as this service shows it.
    pub(crate) fn echoed(&self, text: &str) -> Option<String> {
        Some(match self.echo {
            Echo::None => return None,
            Echo::Raw => text.to_owned(),
            Echo::Html => {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                text.replace('"', "&quot;").replace('\'', "&#39;")
            }
            Echo::Percent | Echo::Plus => {
                let mut out = String::new();
                for byte in text.bytes() {
                    match byte {
                        b' ' if self.echo == Echo::Plus => out.push('+'),
                        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => out.push(char::from(b)),
                        b => drop(write!(out, "%{b:02X}")),
                    }
                }
                out
            }
            Echo::Backslash => text.replace('\'', "\\'").replace('"', "\\\""),
        })
    }

    /// A success, with what drifts in this service's answers.
    pub(crate) fn success(&mut self, status: u16, mut body: Json, sent: &str) -> Reply {
        self.served += self.rng.int(1, 4);
        if let Json::Object(members) = &mut body {
            if self.request_id {
                members.insert("request_id".to_owned(), json!(self.rng.uuid()));
            }
            if self.timestamp {
                members.insert("generated_at".to_owned(), json!(self.now()));
            }
            if self.counter {
                members.insert("served".to_owned(), json!(self.served));
            }
            if let Some(echo) = self.echoed(sent) {
                members.insert("query".to_owned(), json!(echo));
            }
        }
        let reply = Reply::json(status, &body);
        if self.trace_header { reply.header("x-request-id", self.rng.uuid()) } else { reply }
    }

    /// A time that moves on.
    pub(crate) fn now(&mut self) -> String {
        let n = self.rng.int(0, 86_399_999);
        let (s, ms) = (n / 1_000, n % 1_000);
        format!("2026-03-11T{:02}:{:02}:{:02}.{ms:03}Z", s / 3_600, s / 60 % 60, s % 60)
    }

    /// An error in this service's shape.
    pub(crate) fn error(&mut self, status: u16, message: &str, request: &Req) -> Reply {
        let shape = self.shape;
        self.error_as(shape, status, message, request)
    }

    pub(crate) fn error_as(&mut self, shape: Shape, status: u16, message: &str, request: &Req) -> Reply {
        let echo = self.echo_errors.then(|| self.echoed(&request.target)).flatten();
        let message = match &echo {
            Some(echo) => format!("{message}: {echo}"),
            None => message.to_owned(),
        };
        let id = self.request_id.then(|| self.rng.uuid());
        let with_id = |mut body: Json| {
            if let (Some(id), Json::Object(members)) = (id.clone(), &mut body) {
                members.insert("request_id".to_owned(), json!(id));
            }
            body
        };
        match shape {
            Shape::Problem => {
                let body =
                    json!({"type": "about:blank", "title": "Error", "status": status, "detail": message});
                Reply { media: "application/problem+json", ..Reply::json(status, &with_id(body)) }
            }
            Shape::Error => Reply::json(status, &with_id(json!({"error": message}))),
            Shape::Nested => {
                Reply::json(status, &with_id(json!({"error": {"code": status * 10, "message": message}})))
            }
            Shape::Detail => Reply::json(status, &with_id(json!({"detail": message}))),
            Shape::Html => Reply::text(
                status,
                "text/html",
                format!("<html><head><title>{status}</title></head><body><p>{message}</p></body></html>"),
            ),
            Shape::Plain => Reply::text(status, "text/plain", message),
            Shape::Empty => Reply { status, ..Reply::default() },
            Shape::Ok => Reply::json(200, &with_id(json!({"success": false, "error": message}))),
        }
    }

    /// A refusal of the caller, by whatever this service refuses with.
    pub(crate) fn refusal(&mut self, style: Refusal, message: &str, request: &Req) -> Reply {
        match style {
            Refusal::Status(status) => self.error(status, message, request),
            Refusal::Login => Reply { status: 302, ..Reply::default() }.header("location", "/login?next=%2F"),
            Refusal::Ok => self.error_as(Shape::Ok, 200, message, request),
        }
    }
}

/// How a service refuses a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Status(u16),
    Login,
    Ok,
}

pub(crate) const REFUSALS: &[Refusal] = &[
    Refusal::Status(401),
    Refusal::Status(401),
    Refusal::Status(403),
    Refusal::Status(404),
    Refusal::Status(400),
    Refusal::Login,
    Refusal::Ok,
];
