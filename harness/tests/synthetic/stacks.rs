//! Stack traces: error documents that hold one, and everything that only looks like it. The check is passive, so its
//! witnesses are made here as the campaign makes them: the same request without edits as the control, and the attack.

use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Case, Edit, Place, Request, Role, Step, Value};
use proofhouse::checks::{self, Verdict};
use proofhouse::execute::SessionConfig;
use proofhouse::identity::{Identity, Wallet};
use proofhouse::signatures;
use serde_json::json;

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally};
use super::noise::{Noise, Shape};

/// What the service says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Talk {
    /// Nothing.
    Plain,
    /// Errors speak of exceptions, files and lines, in prose.
    Prose,
    /// The data are traces: a notebook, a tracker of crashes.
    Notebook,
    /// Errors show what was sent, which is a trace.
    Echo,
    /// One frame, and nothing around it.
    OneFrame,
    /// The trace of what failed.
    Trace,
}

struct Service {
    noise: Noise,
    talk: Talk,
    trace: String,
    status: u16,
    wrap: Wrap,
    filler: usize,
}

#[derive(Clone, Copy, Debug)]
enum Wrap {
    Plain,
    Html,
    Json,
    /// JSON in a text of JSON, and once more.
    Nested(u8),
    /// Each line an item.
    Lines,
    Field,
}

const WRAPS: &[Wrap] =
    &[Wrap::Plain, Wrap::Html, Wrap::Json, Wrap::Nested(1), Wrap::Nested(2), Wrap::Lines, Wrap::Field];

const PROSE: &[&str] = &[
    "A NullPointerException at line 12 means that the id is null; see the guide.",
    "panicked is not a state of this machine; try again at 10:30.",
    "Traceback is available to administrators only",
    "File \"notes.txt\", line 3, is not valid CSV",
    "at least one of (name, mail) is required",
    "The exception java.lang.IllegalStateException was handled; caused by: your input",
    "goroutine leak detection is disabled for this plan",
    "Error: at position 12 in config.yaml:3:1",
    "Fatal error: quota exceeded in project app on line 2",
    "see main.rs and lib.rs in the repository, e.g. src/main.rs:12:5",
    "System.Exception is thrown by step 3 of the workflow",
];

impl Model for Service {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let valid = request.last() == "1";
        if self.talk == Talk::Notebook {
            let body = json!({"id": request.last(), "cells": [{"output": self.trace}], "note": "a crash of last week"});
            return self.noise.success(200, body, "");
        }
        if valid {
            return self.noise.success(200, json!({"id": 1, "name": "one"}), "");
        }
        match self.talk {
            Talk::Plain => self.noise.error(404, "not found", request),
            Talk::Prose => {
                let prose = self.noise.rng.pick(PROSE);
                self.noise.error(400, prose, request)
            }
            Talk::Echo => {
                let sent = self.noise.echoed(request.last()).unwrap_or_else(|| request.last().to_owned());
                self.noise.error(400, &format!("no such item: {sent}"), request)
            }
            Talk::OneFrame => {
                let one = self.noise.rng.pick(&[
                    "failed in handler (src/app.js:10:3)",
                    "at Object.handler (/app/src/app.js:10:3)",
                    "app.rb:12:in `show'",
                    "org.example.Items.show(Items.java:20)",
                ]);
                self.noise.error(500, one, request)
            }
            Talk::Trace | Talk::Notebook => {
                let filler = "lorem ipsum dolor sit amet ".repeat(self.filler);
                let trace = format!("{filler}\n{}\n", self.trace);
                let (status, error) = (self.status, "Internal Server Error");
                match self.wrap {
                    Wrap::Plain => Reply::text(status, "text/plain", trace),
                    Wrap::Html => {
                        let trace = trace.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                        let trace = trace.replace('"', "&quot;").replace('\'', "&#39;");
                        Reply::text(
                            status,
                            "text/html",
                            format!("<html><body><pre>{trace}</pre></body></html>"),
                        )
                    }
                    Wrap::Json => Reply::json(status, &json!({"error": error, "detail": trace})),
                    Wrap::Nested(depth) => {
                        let mut text = json!({"trace": trace}).to_string();
                        for _ in 1..depth {
                            text = json!({"inner": text}).to_string();
                        }
                        Reply::json(status, &json!({"error": text}))
                    }
                    Wrap::Lines => {
                        let lines: Vec<_> = self.trace.lines().collect();
                        Reply::json(status, &json!({"error": error, "stack": lines}))
                    }
                    Wrap::Field => {
                        Reply::json(status, &json!({"status": status, "trace": trace, "path": "/items"}))
                    }
                }
            }
        }
    }
}

/// A short trace of some language: two frames, a frame with its header, or one unmistakable line.
fn trace(rng: &mut Rng) -> String {
    let (a, b) = (rng.word(6), rng.word(7));
    let (l, m) = (rng.int(10, 900), rng.int(10, 900));
    match rng.int(0, 8) {
        0 => format!(
            "Traceback (most recent call last):\n  File \"/srv/app/{a}.py\", line {l}, in {b}\n    {b}()\nKeyError: 'id'"
        ),
        1 => format!(
            "java.lang.IllegalStateException: {a}\n\tat com.example.{a}.Items.{b}(Items.java:{l})\n\tat com.example.{a}.Main.main(Main.java:{m})"
        ),
        2 => format!(
            "TypeError: Cannot read properties of undefined (reading '{a}')\n    at {b} (/app/src/{a}.js:{l}:13)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"
        ),
        3 => format!("thread 'main' panicked at src/{a}.rs:{l}:{}:\nindex out of bounds", m % 80),
        4 => format!(
            "goroutine {l} [running]:\nmain.{b}(0xc000012345)\n\t/srv/{a}/main.go:{m} +0x1d\nmain.main()\n\t/srv/{a}/main.go:{l} +0x25"
        ),
        5 => format!(
            "PHP Fatal error:  Uncaught Exception: {a} in /var/www/{a}.php:{l}\nStack trace:\n#0 /var/www/{b}.php({m}): {b}()\n#1 {{main}}\n  thrown in /var/www/{a}.php on line {l}"
        ),
        6 => format!("/srv/{a}/app.rb:{l}:in `{b}'\n\tfrom /srv/{a}/main.rb:{m}:in `<main>'"),
        7 => format!(
            "System.NullReferenceException: Object reference not set to an instance of an object.\n   at Shop.{a}.{b}(Int32 id) in /src/{a}.cs:line {l}\n   at Shop.Program.Main(String[] args) in /src/Program.cs:line {m}"
        ),
        _ => format!(
            "Traceback (most recent call last):\n  File \"/srv/{a}.py\", line {l}, in <module>\n    run()\n  File \"/srv/{b}.py\", line {m}, in run\n    raise ValueError\nValueError"
        ),
    }
}

fn case(attack: &str) -> Case {
    let mut case = Case::new("error-stack-trace", "GET /items/{id}");
    let mut request =
        Request { method: "GET".to_owned(), path: "/items/{id}".to_owned(), ..Request::default() };
    request.path_params.set("id", Value::text("1"));
    case.bases.push(Base { name: "target".to_owned(), operation: "GET /items/{id}".to_owned(), request });
    let step = |name: &str, role, edits| Step::send(name, role, "alice", "target", edits).retried(2);
    case.steps.push(step("control", Role::Control, vec![]));
    case.steps.push(step("attack", Role::Attack, vec![Edit::set(Place::Path("id".to_owned()), attack)]));
    case
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng, Noise) -> Service) {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    let lab = Lab::new(wallet, SessionConfig::default());
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x1234);
        let service = draw(&mut rng, Noise::new(seed));
        let note =
            format!("{:?} {:?} {}", service.talk, service.wrap, service.trace.lines().next().unwrap_or(""));
        let sent = match service.talk {
            Talk::Echo => service.trace.clone(),
            _ => rng.pick(&["'", "0", "%00", "x-proofhouse", "{{"]).to_owned(),
        };
        lab.put(Box::new(service), seed);
        let mut case = case(&sent);
        // The first sight, and then the witness with its control.
        let first = lab.execute(&case);
        let answer = first.of(&case, "attack").and_then(|exchange| exchange.answer());
        let seen = answer.and_then(|answer| signatures::stack_trace(&String::from_utf8_lossy(&answer.body)));
        let blocked = first.of(&case, "attack").is_none_or(proofhouse::trace::Exchange::is_blocked);
        let (verdict, trace) = match seen {
            None if blocked => (Verdict::vacuous("nobody answered"), first),
            None => (Verdict::Held, first),
            Some(seen) => {
                seen.detector.clone_into(&mut case.class);
                let trace = lab.execute(&case);
                (checks::judge(&case, &trace), trace)
            }
        };
        tally.count(&verdict, &note, sound, || {
            let body = trace.of(&case, "attack").and_then(|exchange| exchange.answer());
            body.map_or(String::new(), |answer| {
                String::from_utf8_lossy(&answer.body).chars().take(900).collect()
            })
        });
    }
    if sound { tally.sound("error-stack-trace") } else { tally.defective("error-stack-trace") }
}

fn service(rng: &mut Rng, noise: Noise, talk: Talk) -> Service {
    Service {
        talk,
        trace: trace(rng),
        status: rng.pick(&[500_u16, 500, 400, 422, 200]),
        wrap: rng.pick(WRAPS),
        filler: if rng.chance(0.02) { rng.int(1, 4_000) as usize } else { 0 },
        noise,
    }
}

#[test]
#[ignore = "its bar is not met yet: run with --ignored for the figures"]
fn sound() {
    trial(51, true, |rng, mut noise| {
        let talk =
            rng.pick(&[Talk::Plain, Talk::Prose, Talk::Prose, Talk::Notebook, Talk::Echo, Talk::OneFrame]);
        if talk == Talk::Echo && noise.shape == Shape::Empty {
            noise.shape = Shape::Plain;
        }
        service(rng, noise, talk)
    });
}

#[test]
#[ignore = "its bar is not met yet: run with --ignored for the figures"]
fn defective() {
    trial(52, false, |rng, noise| service(rng, noise, Talk::Trace));
}
