//! The laboratory: a model of a service, a session into it, and the figures.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use proofhouse::case::Case;
use proofhouse::checks::{self, Check, Confidence, Kind, Plan, Round, Subject, Verdict};
use proofhouse::execute::{Session, SessionConfig, execute};
use proofhouse::generate::{Seeded, World};
use proofhouse::identity::Wallet;
use proofhouse::target::ServiceLane;
use proofhouse::trace::Trace;
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use crate::common::note;

/// Small, fast and seeded: the chance of a model.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn int(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    pub(crate) fn real(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.int(0, items.len() as u64 - 1) as usize]
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    pub(crate) fn word(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'a' + (self.next() % 26) as u8)).collect()
    }

    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.int(0, last as u64) as usize);
        }
    }
}

/// A request as a handler sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Req {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) target: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) token: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) body: Bytes,
    /// The header that TRACE may give back.
    pub(crate) echo: Option<String>,
    /// Since the laboratory opened.
    pub(crate) at: Duration,
}

impl Req {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Option<Json> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn last(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// An answer of a handler.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) media: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Json) -> Self {
        Self { status, media: "application/json", body: body.to_string().into_bytes(), ..Self::default() }
    }

    pub(crate) fn text(status: u16, media: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, media, body: body.into(), ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A service under trial: how long it takes, and what it answers.
pub(crate) trait Model {
    /// How long before the handler sees the request, and how long until its answer is there.
    fn latency(&mut self) -> (Duration, Duration) {
        (Duration::ZERO, Duration::ZERO)
    }

    fn answer(&mut self, request: &Req) -> Reply;

    /// How much longer this very request takes.
    fn lag(&self, _request: &Req) -> Duration {
        Duration::ZERO
    }
}

type Shared = Rc<RefCell<Option<Box<dyn Model>>>>;

#[derive(Clone)]
struct Front {
    model: Shared,
    opened: Instant,
}

impl tower_service::Service<http::Request<Bytes>> for Front {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        let Self { model, opened } = self.clone();
        Box::pin(async move {
            let latency = || model.borrow_mut().as_mut().expect("a model is under trial").latency();
            let (before, after) = latency();
            if !before.is_zero() {
                tokio::time::sleep(before).await;
            }
            let request = read(request, opened.elapsed());
            let reply = model.borrow_mut().as_mut().expect("a model is under trial").answer(&request);
            let lag = model.borrow().as_ref().map_or(Duration::ZERO, |model| model.lag(&request));
            let after = after + lag;
            if !after.is_zero() {
                tokio::time::sleep(after).await;
            }
            let mut response = http::Response::new(Full::new(Bytes::from(reply.body)));
            *response.status_mut() = http::StatusCode::from_u16(reply.status).expect("a status");
            let headers = response.headers_mut();
            if !reply.media.is_empty() {
                headers.insert("content-type", http::HeaderValue::from_static(reply.media));
            }
            for (name, value) in reply.headers {
                if let Ok(value) = http::HeaderValue::from_str(&value) {
                    headers.append(name, value);
                }
            }
            Ok(response)
        })
    }
}

fn read(request: http::Request<Bytes>, at: Duration) -> Req {
    let (head, body) = request.into_parts();
    let text = |name: &str| Some(String::from_utf8_lossy(head.headers.get(name)?.as_bytes()).into_owned());
    let token = text("authorization").map(|value| value.trim_start_matches("Bearer ").to_owned());
    let query = head.uri.query().unwrap_or_default();
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    });
    Req {
        method: head.method.to_string(),
        path: decode(head.uri.path()),
        target: head.uri.to_string(),
        query: query.collect(),
        token,
        media: text("content-type"),
        echo: text("x-proofhouse-echo"),
        body,
        at,
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let digits = tail.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        match (first, digits.and_then(|d| u8::from_str_radix(d, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A session into whatever model is under trial, on a clock that passes without waiting.
pub(crate) struct Lab {
    runtime: tokio::runtime::Runtime,
    session: Session,
    model: Shared,
}

impl Lab {
    pub(crate) fn new(wallet: Wallet, config: SessionConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let model = Shared::default();
        let opened = runtime.block_on(async { Instant::now() });
        let front = Front { model: Rc::clone(&model), opened };
        let lane = ServiceLane::<_, Bytes>::new(front).on_virtual_clock();
        let session = Session::new(Box::new(lane), Arc::new(wallet), config);
        Self { runtime, session, model }
    }

    /// Puts a service under trial.
    pub(crate) fn put(&self, model: Box<dyn Model>, seed: u64) {
        *self.model.borrow_mut() = Some(model);
        self.session.reseed(seed);
    }

    pub(crate) fn execute(&self, case: &Case) -> Trace {
        self.runtime.block_on(execute(case, &self.session))
    }

    /// What the campaign does with one cell: rounds until the check is done, then the witness and its verdict.
    pub(crate) fn cell(&self, check: &dyn Check, at: &Subject, world: &World, seed: u64) -> Found {
        let mut rounds = Vec::new();
        let mut src = Seeded::new(seed);
        for _ in 0..10 {
            match check.plan(at, world, &rounds, &mut src) {
                Plan::Run(cases) => {
                    let done = cases.into_iter().map(|case| {
                        let trace = self.execute(&case);
                        (case, trace)
                    });
                    rounds.push(Round { cases: done.collect() });
                }
                Plan::Suspect(case) => {
                    let trace = self.execute(&case);
                    let verdict = checks::judge(&case, &trace);
                    return Found { verdict, witness: Some((*case, trace)), rounds };
                }
                Plan::Done(verdict) => return Found { verdict, witness: None, rounds },
            }
        }
        panic!("{} never ends", check.about().id);
    }
}

/// What became of one cell.
pub(crate) struct Found {
    pub(crate) verdict: Verdict,
    pub(crate) witness: Option<(Case, Trace)>,
    pub(crate) rounds: Vec<Round>,
}

impl Found {
    /// What was sent and answered, for whoever mends an oracle.
    pub(crate) fn tell(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!("{:?}\n", self.verdict);
        let rounds = self.rounds.iter().flat_map(|round| &round.cases).map(|(case, trace)| (case, trace));
        for (case, trace) in rounds.chain(self.witness.iter().map(|(case, trace)| (case, trace))) {
            let _ = writeln!(text, "--- {} {}", case.check, case.class);
            for exchange in &trace.exchanges {
                let body = exchange.answer().map(|a| String::from_utf8_lossy(&a.body).into_owned());
                let _ = writeln!(
                    text,
                    "{:>6}..{:<6} {:<22} {} -> {:?} {}",
                    exchange.began.as_millis(),
                    exchange.ended().as_millis(),
                    case.steps[exchange.step].name,
                    String::from_utf8_lossy(&exchange.sent.request.target),
                    exchange.status(),
                    body.unwrap_or_default().chars().take(600).collect::<String>(),
                );
            }
        }
        text
    }
}

/// The active check of this id.
pub(crate) fn active(id: &str) -> &'static dyn Check {
    match checks::by_id(id) {
        Some(Kind::Active(check)) => *check,
        _ => panic!("{id} is no active check"),
    }
}

/// What many traces showed.
#[derive(Default)]
pub(crate) struct Tally {
    traces: u32,
    violated: u32,
    suspected: u32,
    held: u32,
    vacuous: u32,
    why: BTreeMap<String, u32>,
    odd: Vec<String>,
}

/// The most violations of ten thousand sound services.
const FALSE_ALARMS: f64 = 3.0 / 10_000.0;
/// The least share of defects found, where anything was proven at all.
const FOUND: f64 = 0.999;
/// The largest share of traces that prove nothing.
const VACUOUS: f64 = 0.2;
/// How many traces of each kind.
pub(crate) const TRACES: u64 = 10_000;

impl Tally {
    /// Counts a verdict; `note` names the model.
    pub(crate) fn count(
        &mut self,
        verdict: &Verdict,
        note: &str,
        sound: bool,
        tell: impl FnOnce() -> String,
    ) {
        self.traces += 1;
        let odd = match verdict {
            Verdict::Violated(violation) if violation.confidence == Confidence::Suspected => {
                self.suspected += 1;
                false
            }
            Verdict::Violated(_) => {
                self.violated += 1;
                sound
            }
            Verdict::Held | Verdict::NotMine => {
                self.held += 1;
                !sound
            }
            Verdict::Vacuous(why) => {
                self.vacuous += 1;
                let why: String = why.chars().filter(|c| !c.is_ascii_digit()).collect();
                *self.why.entry(format!("{why} [{note}]")).or_default() += 1;
                false
            }
        };
        if odd {
            *self.why.entry(format!("WRONG [{note}]")).or_default() += 1;
            // One of each kind, by its first words.
            let kind: String = note.split(' ').take(1).collect();
            if self.odd.len() < 4 && !self.odd.iter().any(|odd| odd.starts_with(&format!("[{kind}"))) {
                self.odd.push(format!("[{note}] {}", tell()));
            }
        }
    }

    fn share(part: u32, of: u32) -> f64 {
        if of == 0 { 0.0 } else { f64::from(part) / f64::from(of) }
    }

    /// Prints the figures of sound services and asserts their bars.
    pub(crate) fn sound(&self, check: &str) {
        let (alarms, vacuous) =
            (Self::share(self.violated, self.traces), Self::share(self.vacuous, self.traces));
        println!(
            "{check:<26} sound     traces {:>6}  violated {:>4}  suspected {:>5}  held {:>6}  vacuous {:.3}",
            self.traces, self.violated, self.suspected, self.held, vacuous
        );
        self.explain();
        note(
            &json!({"synthetic": check, "sound": true, "traces": self.traces, "wrong": self.violated, "vacuous": self.vacuous}),
        );
        assert!(alarms <= FALSE_ALARMS, "{check}: {} false alarms", self.violated);
        assert!(vacuous <= VACUOUS, "{check}: {vacuous:.3} of the sound traces prove nothing");
    }

    /// Prints the figures of defective services and asserts their bars. `suspected` counts as found where a
    /// check can say no more.
    pub(crate) fn defective(&self, check: &str) {
        let found = self.violated + self.suspected;
        let detection = Self::share(found, self.traces - self.vacuous);
        let vacuous = Self::share(self.vacuous, self.traces);
        println!(
            "{check:<26} defective traces {:>6}  found {:>6} (suspected {})  missed {:>4}  detection {detection:.5}  vacuous {:.3}",
            self.traces, found, self.suspected, self.held, vacuous
        );
        self.explain();
        note(
            &json!({"synthetic": check, "sound": false, "traces": self.traces, "wrong": self.held, "vacuous": self.vacuous}),
        );
        assert!(detection >= FOUND, "{check}: only {detection:.5} found");
        assert!(vacuous <= VACUOUS, "{check}: {vacuous:.3} of the defective traces prove nothing");
    }

    fn explain(&self) {
        let mut why: Vec<_> = self.why.iter().collect();
        why.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (why, count) in why.iter().take(if self.odd.is_empty() { 4 } else { 30 }) {
            println!("    {count:>6}  {why}");
        }
        for odd in &self.odd {
            println!("{odd}");
        }
    }
}
