//! A service that keeps notes: how it reads bodies, what it checks, what it shows, and what it cannot bear.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Body as CaseBody, Content, FreshKind, Request, Value};
use proofhouse::checks::Subject;
use proofhouse::generate::{Access, Draft, Producer, Profile, Settings, World};
use proofhouse::surface::{Body, Location, Operation, Parameter, Schema, Style, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Model, Reply, Req, Rng};
use super::noise::{Noise, Shape};

/// How bodies are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Strict,
    /// Byte order marks and bytes that are not UTF-8 are read over.
    Tolerant,
    /// The body is not looked at.
    Blind,
    /// Everything is accepted, to be looked at later.
    Queue,
    Lenient(Leniency),
}

/// What else than JSON a reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leniency {
    FirstDocument,
    Commas,
    Comments,
    Quotes,
    Unterminated,
}

pub(crate) const LENIENCIES: &[Leniency] = &[
    Leniency::FirstDocument,
    Leniency::Commas,
    Leniency::Comments,
    Leniency::Quotes,
    Leniency::Unterminated,
];

/// What becomes of values that the schema rules out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    Refused,
    /// Cut, clamped and converted.
    Mended,
    /// Left out.
    Dropped,
    /// This one is not checked, and kept as it came.
    Forgotten(&'static str),
}

/// What an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    Whole,
    Wrapped,
    Id,
    Nothing,
}

/// What the service fails on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    None,
    /// A value of this member.
    Value(&'static str, Odd),
    /// More levels than this.
    Depth(u32),
    /// The same, and it only takes longer.
    Slow(u32, u64),
    /// Anything that is not JSON.
    Malformed,
}

/// Values that code forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    Null,
    List,
    Zero,
    Negative,
    Huge,
    Empty,
    Nul,
    Long,
}

impl Odd {
    fn is(self, value: &Json) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::List => value.is_array() || value.is_object(),
            Self::Zero => value.as_f64() == Some(0.0),
            Self::Negative => value.as_f64().is_some_and(|n| n < 0.0),
            Self::Huge => value.as_f64().is_some_and(|n| n > 9e18),
            Self::Empty => value.as_str() == Some(""),
            Self::Nul => value.as_str().is_some_and(|text| text.contains('\0')),
            Self::Long => value.as_str().is_some_and(|text| text.len() > 9_000),
        }
    }
}

pub(crate) struct Keeper {
    pub(crate) noise: Noise,
    pub(crate) reader: Reader,
    pub(crate) rules: Rules,
    pub(crate) shows: Shows,
    pub(crate) weakness: Weakness,
    /// How a failure looks.
    pub(crate) failure: u16,
    /// The share of requests that fail whatever they hold.
    pub(crate) flaky: f64,
    /// One request of so many fails: a broken server behind a balancer.
    pub(crate) period: Option<u64>,
    /// The share of 429.
    pub(crate) limiter: f64,
    /// What a filter in front answers to control characters and long text.
    pub(crate) filter: Option<u16>,
    /// What is not as documented is refused with.
    pub(crate) code: u16,
    pub(crate) kept: Vec<Json>,
    pub(crate) served: u64,
}

impl Keeper {
    pub(crate) fn new(seed: u64, rng: &mut Rng) -> Self {
        Self {
            noise: Noise::new(seed),
            reader: rng.pick(&[Reader::Strict, Reader::Strict, Reader::Tolerant]),
            rules: rng.pick(&[Rules::Refused, Rules::Refused, Rules::Mended, Rules::Dropped]),
            shows: rng.pick(&[Shows::Whole, Shows::Wrapped, Shows::Id]),
            weakness: Weakness::None,
            failure: rng.pick(&[500, 500, 502, 500]),
            flaky: 0.0,
            period: None,
            limiter: rng.pick(&[0.0, 0.0, 0.02]),
            filter: rng.chance(0.1).then(|| rng.pick(&[403, 406, 503])),
            code: rng.pick(&[400, 400, 422, 415]),
            kept: Vec::new(),
            served: rng.int(0, 9),
        }
    }

    pub(crate) fn note(&self) -> String {
        format!(
            "{:?} {:?} {:?} {:?} flaky {}",
            self.weakness, self.reader, self.rules, self.shows, self.flaky
        )
    }

    fn fail(&mut self, request: &Req) -> Reply {
        let status = self.failure;
        self.noise.error_as(Shape::Error, status, "something went wrong", request)
    }

    /// The document, as this reader reads it.
    fn read(&self, body: &[u8]) -> Option<Json> {
        let strict = || serde_json::from_slice(body).ok();
        let text = String::from_utf8_lossy(body);
        match self.reader {
            Reader::Strict | Reader::Blind | Reader::Queue => strict(),
            Reader::Tolerant => serde_json::from_str(text.trim_start_matches('\u{feff}')).ok(),
            Reader::Lenient(leniency) => strict().or_else(|| match leniency {
                Leniency::FirstDocument => {
                    serde_json::Deserializer::from_slice(body).into_iter::<Json>().next()?.ok()
                }
                Leniency::Commas => serde_json::from_str(&text.replace(",}", "}").replace(",]", "]")).ok(),
                Leniency::Comments => serde_json::from_str(&text.replace("/* x */", "")).ok(),
                Leniency::Quotes => serde_json::from_str(&text.replace('\'', "\"")).ok(),
                Leniency::Unterminated => serde_json::from_str(&closed(&text)).ok(),
            }),
        }
    }

    /// What is kept of a document; an error names the member.
    fn check(&mut self, document: &Json) -> Result<Json, &'static str> {
        let mut kept = json!({});
        for (name, rule) in RULES {
            let Some(value) = document.get(name) else {
                if *name == "title" || *name == "kind" {
                    return Err(name);
                }
                continue;
            };
            let broken = rule(value);
            match (broken, self.rules) {
                (None, _) => kept[*name] = value.clone(),
                (Some(keyword), Rules::Forgotten(forgotten)) if keyword == forgotten => {
                    kept[*name] = value.clone();
                }
                (Some(_), Rules::Refused | Rules::Forgotten(_)) => return Err(name),
                (Some(_), Rules::Dropped) => {}
                (Some(_), Rules::Mended) => match mended(name, value) {
                    Some(mended) => kept[*name] = mended,
                    None => return Err(name),
                },
            }
        }
        Ok(kept)
    }
}

type Rule = fn(&Json) -> Option<&'static str>;

const RULES: &[(&str, Rule)] = &[
    ("title", |value| match value.as_str() {
        None => Some("type"),
        Some("") => Some("minLength"),
        Some(text) if text.len() > 80 => Some("maxLength"),
        _ => None,
    }),
    ("kind", |value| match value.as_str() {
        Some("plain" | "rich") => None,
        _ => Some("enum"),
    }),
    ("count", |value| match value.as_i64() {
        None => Some("type"),
        Some(..1) => Some("minimum"),
        Some(51..) => Some("maximum"),
        _ => None,
    }),
];

/// The nearest valid value.
fn mended(name: &str, value: &Json) -> Option<Json> {
    let text = || match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match name {
        "title" => {
            let text = text().filter(|text| !text.is_empty())?;
            Some(json!(text.chars().take(80).collect::<String>()))
        }
        "count" => Some(json!(value.as_f64()?.clamp(1.0, 50.0) as i64)),
        _ => Some(json!("plain")),
    }
}

/// A document with what is open closed.
fn closed(text: &str) -> String {
    let (mut open, mut string, mut escaped) = (Vec::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if string => escaped = true,
            '"' => string = !string,
            '{' if !string => open.push('}'),
            '[' if !string => open.push(']'),
            '}' | ']' if !string => drop(open.pop()),
            _ => {}
        }
    }
    let quote = if string { "\"" } else { "" };
    let text = if string { text } else { text.trim_end_matches([',', ':', ' ']) };
    format!("{text}{quote}{}", open.iter().rev().collect::<String>())
}

/// How deep the brackets of a document go.
fn depth(body: &[u8]) -> u32 {
    let (mut level, mut most) = (0_u32, 0);
    for byte in body {
        match byte {
            b'[' | b'{' => level += 1,
            b']' | b'}' => level = level.saturating_sub(1),
            _ => {}
        }
        most = most.max(level);
    }
    most
}

impl Model for Keeper {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn lag(&self, request: &Req) -> Duration {
        match self.weakness {
            Weakness::Slow(most, millis) if depth(&request.body) > most => Duration::from_millis(millis),
            _ => Duration::ZERO,
        }
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        self.served += 1;
        if self.noise.rng.chance(self.limiter) {
            return self.noise.error_as(Shape::Error, 429, "slow down", request).header("retry-after", "1");
        }
        if let Some(status) = self.filter
            && (request.body.len() > 4_000 || memchr(&request.body) || request.body.starts_with(b"[[[[[[["))
        {
            return Reply::text(status, "text/html", "<html><body>Request blocked</body></html>");
        }
        let broken = self.period.is_some_and(|period| self.served.is_multiple_of(period));
        if broken || self.noise.rng.chance(self.flaky) {
            return self.fail(request);
        }
        if request.method == "GET" {
            let id = request.last().parse::<usize>().ok();
            return match id.and_then(|id| self.kept.get(id).cloned()) {
                Some(kept) => self.noise.success(200, kept, ""),
                None => self.noise.error(404, "no such note", request),
            };
        }
        match self.reader {
            Reader::Blind => return self.noise.success(200, json!({"ok": true}), ""),
            Reader::Queue => return self.noise.success(202, json!({"queued": true}), ""),
            _ => {}
        }
        if matches!(self.weakness, Weakness::Depth(most) if depth(&request.body) > most) {
            return self.fail(request);
        }
        let code = self.code;
        let Some(document) = self.read(&request.body) else {
            return match self.weakness {
                Weakness::Malformed => self.fail(request),
                _ => self.noise.error(if code == 422 { 400 } else { code }, "the body is not JSON", request),
            };
        };
        if let Weakness::Value(name, odd) = self.weakness
            && document.get(name).is_some_and(|value| odd.is(value))
        {
            return self.fail(request);
        }
        if !document.is_object() {
            return self.noise.error(code, "an object is needed", request);
        }
        match self.check(&document) {
            Err(name) => self.noise.error(code, &format!("{name} is not as documented"), request),
            Ok(mut kept) => {
                let id = self.kept.len();
                kept["id"] = json!(id);
                self.kept.push(kept.clone());
                let sent =
                    document["title"].as_str().unwrap_or_default().chars().take(60).collect::<String>();
                match self.shows {
                    Shows::Whole => self.noise.success(201, kept, &sent),
                    Shows::Wrapped => self.noise.success(200, json!({"data": kept}), &sent),
                    Shows::Id => self.noise.success(201, json!({"id": id}), ""),
                    Shows::Nothing => Reply { status: 204, ..Reply::default() },
                }
            }
        }
    }
}

/// Whether there is a character in it that filters look for, escaped or not.
fn memchr(body: &[u8]) -> bool {
    body.windows(6).any(|window| window == b"\\u0000") || body.contains(&1)
}

pub(crate) fn schema() -> Json {
    json!({
        "type": "object",
        "required": ["title", "kind"],
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": 80},
            "kind": {"type": "string", "enum": ["plain", "rich"]},
            "count": {"type": "integer", "minimum": 1, "maximum": 50}
        }
    })
}

fn operation(method: &str, path: &str) -> Operation {
    let id = || Parameter {
        name: "id".to_owned(),
        location: Location::Path,
        required: true,
        style: Style::Simple,
        explode: false,
        allow_reserved: false,
        schema: Schema::new(json!({"type": "string"})),
        pointer: String::new(),
    };
    let body = || Body {
        media_type: "application/json".to_owned(),
        schema: Schema::new(schema()),
        encoding: BTreeMap::new(),
    };
    Operation {
        inferred: false,
        method: method.to_owned(),
        path: path.to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: if path.contains('{') { vec![id()] } else { Vec::new() },
        bodies: if method == "POST" { vec![body()] } else { Vec::new() },
        body_required: method == "POST",
        responses: BTreeMap::new(),
        security: None,
        rate_limit: None,
        pointer: String::new(),
    }
}

/// A world with an operation that makes notes, and one that reads them.
pub(crate) fn world(shows: Shows) -> (World, Subject) {
    let operations = vec![operation("POST", "/notes"), operation("GET", "/notes/{id}")];
    let members = vec![
        ("title".to_owned(), Value::fresh("title", FreshKind::Text)),
        ("kind".to_owned(), Value::text("plain")),
        ("count".to_owned(), Value::Number(3.into())),
    ];
    let content = Content::Json(Value::Object(members));
    let make = Request {
        method: "POST".to_owned(),
        path: "/notes".to_owned(),
        body: Some(CaseBody { media_type: "application/json".to_owned(), content }),
        ..Request::default()
    };
    let mut read = Request { method: "GET".to_owned(), path: "/notes/{id}".to_owned(), ..Request::default() };
    read.path_params.set("id", Value::text("0"));
    let draft = |index: usize, request: Request| {
        Arc::new(Draft {
            operation: index,
            identity: "alice".to_owned(),
            setup: Vec::new(),
            bases: vec![Base { name: "target".to_owned(), operation: operations[index].name(), request }],
            target: "target".to_owned(),
        })
    };
    let (make, read) = (draft(0, make), draft(1, read));
    let access = |draft: &Arc<Draft>| Access {
        draft: Some(Arc::clone(draft)),
        granted: true,
        status: Some(200),
        ..Access::default()
    };
    let take = if shows == Shows::Wrapped { "/data/id" } else { "/id" };
    let producer = Producer {
        collection: "/notes".to_owned(),
        draft: Arc::clone(&make),
        take: take.to_owned(),
        others: Vec::new(),
        makes: true,
    };
    let subject = Subject { operation: Some(0), identity: "alice".to_owned(), place: None };
    let world = World {
        access: BTreeMap::from([
            ((0, "alice".to_owned()), access(&make)),
            ((1, "alice".to_owned()), access(&read)),
        ]),
        surface: Arc::new(Surface { operations, ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), alive: true, ..Profile::default() }],
        producers: vec![producer],
        settings: Settings { disposable_data: true, ..Settings::default() },
        ..World::default()
    };
    (world, subject)
}
