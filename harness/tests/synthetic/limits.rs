//! Rate limits: sound limiters of every kind, and limits that are not there or do not end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Request};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Profile, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{LimitPer, Operation, RateLimit, Surface};
use serde_json::json;

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Noise, Shape};

/// How a limiter counts. Times are seconds.
enum Count {
    Fixed {
        phase: f64,
        window: f64,
        most: f64,
        at: i64,
        seen: f64,
    },
    Log {
        window: f64,
        most: f64,
        seen: VecDeque<f64>,
    },
    /// The present window, and the last one by the share of it that is still in sight.
    Weighted {
        phase: f64,
        window: f64,
        most: f64,
        at: i64,
        seen: f64,
        last: f64,
    },
    Bucket {
        rate: f64,
        most: f64,
        left: f64,
        at: f64,
    },
    /// So many processes, each on its own.
    Replicas {
        each: Vec<Count>,
        turn: usize,
        random: bool,
    },
    Never,
}

impl Count {
    fn draw(rng: &mut Rng, most: f64, window: f64) -> Self {
        let phase = rng.real(0.0, window);
        match rng.int(0, 3) {
            0 => Self::Fixed { phase, window, most, at: i64::MIN, seen: 0.0 },
            1 => Self::Log { window, most, seen: VecDeque::new() },
            2 => Self::Weighted { phase, window, most, at: i64::MIN, seen: 0.0, last: 0.0 },
            _ => Self::Bucket { rate: most / window, most, left: most, at: 0.0 },
        }
    }

    /// How long until one more passes, in seconds; of several processes, the longest.
    fn ends(&self, now: f64) -> f64 {
        match self {
            Self::Never => 0.0,
            Self::Fixed { phase, window, .. } => {
                let place = (now + phase) / window;
                (place.floor() + 1.0 - place) * window
            }
            Self::Log { window, seen, .. } => seen.front().map_or(0.0, |first| first + window - now),
            // What the last window leaves fades until the end of this one and the next.
            Self::Weighted { phase, window, .. } => {
                let place = (now + phase) / window;
                (place.floor() + 2.0 - place) * window
            }
            Self::Bucket { rate, left, .. } => (1.0 - left) / rate,
            Self::Replicas { each, .. } => each.iter().map(|one| one.ends(now)).fold(0.0, f64::max),
        }
    }

    fn passes(&mut self, now: f64, rng: &mut Rng) -> bool {
        match self {
            Self::Never => true,
            Self::Fixed { phase, window, most, at, seen } => {
                let index = ((now + *phase) / *window).floor() as i64;
                if index != *at {
                    (*at, *seen) = (index, 0.0);
                }
                *seen += 1.0;
                *seen <= *most
            }
            Self::Log { window, most, seen } => {
                while seen.front().is_some_and(|first| *first <= now - *window) {
                    seen.pop_front();
                }
                let passes = (seen.len() as f64) < *most;
                if passes {
                    seen.push_back(now);
                }
                passes
            }
            Self::Weighted { phase, window, most, at, seen, last } => {
                let place = (now + *phase) / *window;
                let index = place.floor() as i64;
                if index != *at {
                    *last = if index == at.saturating_add(1) { *seen } else { 0.0 };
                    (*at, *seen) = (index, 0.0);
                }
                let share = 1.0 - (place - place.floor());
                let passes = *last * share + *seen < *most;
                if passes {
                    *seen += 1.0;
                }
                passes
            }
            Self::Bucket { rate, most, left, at } => {
                *left = (*left + (now - *at) * *rate).min(*most);
                *at = now;
                let passes = *left >= 1.0;
                if passes {
                    *left -= 1.0;
                }
                passes
            }
            Self::Replicas { each, turn, random } => {
                // Which one answers is which one tells, too.
                *turn += 1;
                let at =
                    if *random { rng.int(0, each.len() as u64 - 1) as usize } else { *turn % each.len() };
                each[at].passes(now, rng)
            }
        }
    }
}

/// How a limiter that does not end with its window goes on.
#[derive(Clone, Copy, Debug)]
enum Stuck {
    No,
    /// Shut for good.
    Forever,
    /// Shut until so many windows after the last refused request.
    Penalty(f64),
}

/// What `Retry-After` says.
#[derive(Clone, Copy, Debug)]
enum Told {
    Constant(u64),
    Words(&'static str),
    /// When the limiter lets the next one through.
    Ends,
}

struct Limited {
    noise: Noise,
    count: Count,
    stuck: Stuck,
    window: f64,
    shut_until: f64,
    answer: u16,
    retry_after: bool,
    /// What `Retry-After` says, when it is not made from the window.
    told: Told,
    /// Proxies fail before or behind the limiter.
    hiccup_first: bool,
    page: serde_json::Value,
}

impl Model for Limited {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if self.hiccup_first
            && let Some(reply) = self.noise.hiccup()
        {
            return reply;
        }
        let now = request.at.as_secs_f64();
        let shut = now < self.shut_until;
        if shut || !self.count.passes(now, &mut self.noise.rng) {
            match self.stuck {
                Stuck::Forever => self.shut_until = f64::INFINITY,
                Stuck::Penalty(windows) => self.shut_until = now + windows * self.window,
                Stuck::No => {}
            }
            let shape = if self.noise.shape == Shape::Ok { Shape::Plain } else { self.noise.shape };
            let reply = self.noise.error_as(shape, self.answer, "too many requests", request);
            let text = match self.told {
                Told::Constant(_) if !self.retry_after => return reply,
                Told::Constant(seconds) => seconds.to_string(),
                Told::Words(words) => words.to_owned(),
                Told::Ends => self.count.ends(now).ceil().max(1.0).to_string(),
            };
            return reply.header("retry-after", text);
        }
        if !self.hiccup_first
            && let Some(reply) = self.noise.hiccup()
        {
            return reply;
        }
        let page = self.page.clone();
        self.noise.success(200, page, &request.target)
    }
}

fn world(limit: RateLimit) -> World {
    let operation = Operation {
        inferred: false,
        method: "GET".to_owned(),
        path: "/report".to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: Vec::new(),
        bodies: Vec::new(),
        body_required: false,
        responses: BTreeMap::new(),
        security: None,
        rate_limit: Some(limit),
        pointer: String::new(),
    };
    let request = Request { method: "GET".to_owned(), path: "/report".to_owned(), ..Request::default() };
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
        access: BTreeMap::from([((0, "alice".to_owned()), access)]),
        ..World::default()
    }
}

fn lab() -> Lab {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    Lab::new(wallet, SessionConfig::default())
}

fn limit(rng: &mut Rng) -> RateLimit {
    let count = match rng.int(0, 9) {
        0 => rng.int(1, 3),
        1..=8 => rng.int(4, 20),
        _ => rng.int(20, 40),
    };
    let window = rng.pick(&[1_000_u64, 2_000, 5_000, 10_000, 60_000]);
    let answer = rng.pick(&[429_u16, 429, 429, 420, 403, 503]);
    RateLimit { count: count as u32, window, per: LimitPer::Identity, answer }
}

fn model(seed: u64, limit: &RateLimit, count: Count, stuck: Stuck, answer: u16) -> Limited {
    let mut noise = Noise::new(seed);
    let page = if noise.rng.chance(0.5) {
        json!({"id": 7, "total": 3, "rows": ["a", "b", "c"]})
    } else {
        json!({"status": "ok"})
    };
    Limited {
        count,
        stuck,
        window: limit.window as f64 / 1_000.0,
        shut_until: 0.0,
        answer,
        retry_after: noise.rng.chance(0.5),
        told: Told::Constant(1),
        hiccup_first: noise.rng.chance(0.5),
        page,
        noise,
    }
}

/// A sound limiter: of any kind, on a clock that is off by a tenth, stricter, or laxer by up to 8 %.
fn sound(rng: &mut Rng, limit: &RateLimit) -> (Count, String) {
    let window = limit.window as f64 / 1_000.0 * rng.real(0.9, 1.1);
    let lax = rng.real(0.9, 1.08);
    let most = (f64::from(limit.count) * lax).floor().max(1.0);
    if limit.count >= 4 && rng.chance(0.2) {
        let replicas = rng.int(2, 4) as f64;
        let share = (most / replicas).floor().max(1.0);
        let each = (0..replicas as usize).map(|_| Count::draw(rng, share, window)).collect();
        return (Count::Replicas { each, turn: 0, random: rng.chance(0.5) }, "replicas".to_owned());
    }
    let count = Count::draw(rng, most, window);
    let kind = match count {
        Count::Fixed { .. } => "fixed",
        Count::Log { .. } => "log",
        Count::Weighted { .. } => "weighted",
        _ => "bucket",
    };
    (count, kind.to_owned())
}

fn subject() -> Subject {
    Subject { operation: Some(0), identity: "alice".to_owned(), place: None }
}

fn trial(
    check: &str,
    salt: u64,
    sound_one: bool,
    draw: impl Fn(&mut Rng, &RateLimit, bool) -> (Count, Stuck, u16, String),
) {
    let check = active(check);
    let (lab, mut tally) = (lab(), Tally::default());
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0xabcd);
        let limit = limit(&mut rng);
        let (count, stuck, answer, note) = draw(&mut rng, &limit, Noise::new(seed).is_instant());
        let world = world(limit.clone());
        lab.put(Box::new(model(seed, &limit, count, stuck, answer)), seed);
        let found = lab.cell(check, &subject(), &world, seed);
        let note = format!("{note} {} in {} by {answer}", limit.count, limit.window);
        let kind = note.split(' ').next().unwrap_or_default();
        tally.count(&found.verdict, kind, sound_one, || format!("{note}\n{}", found.tell()));
    }
    if sound_one { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

#[test]
fn missing_sound() {
    trial("ratelimit-missing", 1, true, |rng, limit, _| {
        let (count, kind) = sound(rng, limit);
        // Some refuse with what nobody declared.
        let answer = if rng.chance(0.1) { rng.pick(&[403_u16, 503, 429]) } else { limit.answer };
        (count, Stuck::No, answer, kind)
    });
}

#[test]
fn missing_defective() {
    trial("ratelimit-missing", 2, false, |rng, limit, _| {
        let window = limit.window as f64 / 1_000.0;
        let (count, kind) = match rng.int(0, 2) {
            0 => (Count::Never, "never"),
            // As many as the burst has, and no more: the smallest effect.
            1 => (Count::draw(rng, (f64::from(limit.count) * 1.5).ceil() + 4.0, window), "half-again"),
            _ => {
                let count = rng.int(4, 8);
                let most = f64::from(limit.count).max(3.0);
                let each = (0..count).map(|_| Count::draw(rng, most, window)).collect();
                (Count::Replicas { each, turn: 0, random: false }, "replicas")
            }
        };
        (count, Stuck::No, limit.answer, kind.to_owned())
    });
}

#[test]
fn never_recovers_sound() {
    trial("ratelimit-never-recovers", 3, true, |rng, limit, _| {
        let (count, kind) = sound(rng, limit);
        (count, Stuck::No, limit.answer, kind)
    });
}

#[test]
fn never_recovers_defective() {
    trial("ratelimit-never-recovers", 4, false, |rng, limit, instant| {
        let window = limit.window as f64 / 1_000.0;
        let most = f64::from(limit.count);
        // The smallest effect, which is larger where answers are slow.
        let least = if instant { 1.3 } else { 2.05 };
        let (count, stuck, kind) = match rng.int(0, 2) {
            0 => (sound(rng, limit).0, Stuck::Forever, "forever"),
            1 => (sound(rng, limit).0, Stuck::Penalty(rng.real(least, 4.0)), "penalty"),
            _ => {
                let longer = rng.real(least, 10.0);
                let count = Count::Log { window: window * longer, most, seen: VecDeque::new() };
                (count, Stuck::No, "long")
            }
        };
        (count, stuck, limit.answer, kind.to_owned())
    });
}

/// As [`trial`], with a limiter that says when it ends.
fn told(
    salt: u64,
    sound_one: bool,
    draw: impl Fn(&mut Rng, &RateLimit) -> (Count, Stuck, Told, &'static str),
) {
    let check = active("ratelimit-retry-after-dishonest");
    let (lab, mut tally) = (lab(), Tally::default());
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0xabcd);
        let mut limit = limit(&mut rng);
        // A wait of a minute is longer than a run takes.
        limit.window = limit.window.min(rng.pick(&[1_000, 2_000, 5_000, 10_000]));
        let (count, stuck, told, kind) = draw(&mut rng, &limit);
        let world = world(limit.clone());
        let mut limited = model(seed, &limit, count, stuck, limit.answer);
        limited.told = told;
        limited.retry_after = true;
        lab.put(Box::new(limited), seed);
        let found = lab.cell(check, &subject(), &world, seed);
        let note = format!("{kind} {told:?} {} in {} by {}", limit.count, limit.window, limit.answer);
        tally.count(&found.verdict, kind, sound_one, || format!("{note}\n{}", found.tell()));
    }
    if sound_one { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

#[test]
fn retry_after_sound() {
    told(5, true, |rng, limit| {
        let (count, _) = sound(rng, limit);
        // Either what the limiter knows, or the window, which is never too short; a weighted one fades longer.
        let weighted = matches!(count, Count::Weighted { .. } | Count::Replicas { .. });
        let window = (limit.window as f64 / 1_000.0 * 1.1).ceil() as u64;
        let told = if weighted || rng.chance(0.7) { Told::Ends } else { Told::Constant(window) };
        (count, Stuck::No, told, "sound")
    });
}

#[test]
fn retry_after_defective() {
    told(6, false, |rng, limit| match rng.int(0, 2) {
        0 => {
            let words = rng.pick(&["soon", "1.5", "1s", "-1", "in a minute", "PT1S"]);
            (sound(rng, limit).0, Stuck::No, Told::Words(words), "words")
        }
        1 => {
            // Three windows and two seconds, and a little more: the smallest effect.
            let least = limit.window * 3 / 1_000 + 3;
            (
                sound(rng, limit).0,
                Stuck::No,
                Told::Constant(rng.pick(&[least, least * 2, 86_400])),
                "too-long",
            )
        }
        _ => {
            let seconds = rng.int(0, 2);
            // Longer than two waits as long as it says, however long the answers themselves take.
            let longer = rng.real(3.0, 6.0) * (seconds + 1) as f64 + 25.0;
            let most = f64::from(limit.count);
            let count = Count::Log { window: longer, most, seen: VecDeque::new() };
            (count, Stuck::No, Told::Constant(seconds), "too-short")
        }
    });
}
