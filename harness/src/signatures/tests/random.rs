//! Documents made at random, the same on every run.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng, seq::IndexedRandom};

use super::{TRACES, WRAPS, samples, stack_trace};

const DOCUMENTS: usize = 10_000;

/// What traces are made of, without their structure.
const FRAGMENTS: [&str; 64] = [
    "Exception",
    "Error:",
    "Error",
    "TypeError: ",
    "java.lang.Exception",
    "NullPointerException",
    "Caused by:",
    "at ",
    "at ",
    "at",
    "in ",
    "line 12",
    "line",
    "on line 3",
    "from ",
    "File",
    "file.py:12",
    "main.rs:4",
    "server.go:88",
    "app.js:10:5",
    "orders.rb:3",
    "OrderService.java:42",
    "/usr/src/app",
    "/var/www/html/index.php",
    "C:\\new\\app.cs",
    "lib/a.ex",
    "x.swift",
    "a.b.c(d)",
    "Foo.bar(x)",
    "a.b.c()",
    "f(x)",
    "std::vec::Vec",
    "10:30:15",
    "2024-05-01T10:30:15Z",
    "10:30",
    "https://example.com:8443/a/b.js",
    "http://localhost:3000",
    "127.0.0.1:5432",
    "1.2.3",
    "v4.18.2",
    "node:20-alpine",
    "0x7f1a2b",
    "+0x1d",
    "#0",
    "#1 ",
    "1:",
    "panic:",
    "panicked at ",
    "thread 'main' ",
    "goroutine",
    "Traceback",
    "Stack trace:",
    "stack",
    "Warning:",
    "Fatal error:",
    "(KeyError)",
    "** ",
    "System.Exception",
    "\"file\":\"a.py\"",
    "\"line\":3",
    "user@example.com:25",
    "<b>",
    "&lt;p&gt;",
    "the",
];

const JOINS: [&str; 12] = [" ", " ", " ", "\n", "\n    ", "\r\n", ", ", "\",\"", "\\n", "\t", "%20", "<br>"];

fn noise(rng: &mut impl Rng, parts: usize) -> String {
    let mut text = String::new();
    for _ in 0..parts {
        text += FRAGMENTS.choose(rng).unwrap();
        text += JOINS.choose(rng).unwrap();
    }
    text
}

#[test]
fn noise_is_never_a_trace() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for _ in 0..DOCUMENTS {
        let parts = rng.random_range(5..60);
        let text = noise(&mut rng, parts);
        assert_eq!(stack_trace(&text), None, "{text}");
    }
}

#[test]
fn a_trace_in_noise_is_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let samples = samples(TRACES);
    let mut missed = Vec::new();
    for _ in 0..DOCUMENTS {
        let (title, sample) = samples.choose(&mut rng).unwrap();
        let page = sample.starts_with('<');
        let escaped = sample.contains('\\');
        let fits = |wrap: &str| match wrap {
            "html" | "html in json" => !page,
            "json thrice" => !escaped,
            wrap => wrap != "json lines",
        };
        let wraps: Vec<_> = WRAPS.iter().filter(|(wrap, _)| fits(wrap)).collect();
        let (wrap, wrapped) = wraps.choose(&mut rng).unwrap();
        let (before, after) = (rng.random_range(0..30), rng.random_range(0..30));
        let plain = format!("{}\n{sample}\n{}", noise(&mut rng, before), noise(&mut rng, after));
        if stack_trace(&wrapped(&plain)).is_none() {
            missed.push(format!("{title} as {wrap}: {plain}"));
        }
    }
    let most = DOCUMENTS / 1000;
    assert!(
        missed.len() <= most,
        "{} missed, such as\n{}",
        missed.len(),
        missed[..missed.len().min(5)].join("\n\n")
    );
}

#[test]
fn nothing_panics() {
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    let samples = samples(TRACES);
    for _ in 0..5000 {
        let mut bytes = samples.choose(&mut rng).unwrap().1.as_bytes().to_vec();
        for _ in 0..rng.random_range(0..40) {
            let at = rng.random_range(0..bytes.len());
            bytes[at] =
                if rng.random() { rng.random() } else { *b"\\&%<\"'{}\n\x1b\xc2;".choose(&mut rng).unwrap() };
        }
        bytes.truncate(rng.random_range(0..=bytes.len()));
        let _ = stack_trace(&String::from_utf8_lossy(&bytes));
    }
}
