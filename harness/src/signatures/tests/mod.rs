//! The detector against tables and against many documents made at random.

mod random;

use super::{EVIDENCE, NEEDLES, PREFILTER, Trace, stack_trace};

const TRACES: &str = include_str!("traces.txt");
const CLEAN: &str = include_str!("clean.txt");

/// The samples of a table with what their titles say.
fn samples(table: &'static str) -> Vec<(&'static str, &'static str)> {
    table
        .split("### ")
        .filter(|sample| !sample.is_empty())
        .map(|sample| {
            let (title, text) = sample.split_once('\n').unwrap();
            (title, text.strip_suffix('\n').unwrap_or(text))
        })
        .collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn url(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect()
}

/// A way a text gets into an answer.
type Wrap = (&'static str, fn(&str) -> String);

/// Every way a text gets into an answer.
const WRAPS: [Wrap; 11] = [
    ("raw", str::to_owned),
    ("crlf", |text| text.replace('\n', "\r\n")),
    ("json", json),
    ("json twice", |text| json(&json(text))),
    ("json thrice", |text| json(&json(&json(text)))),
    ("json field", |text| serde_json::json!({"status": 500, "detail": text, "path": "/a"}).to_string()),
    ("json lines", |text| serde_json::json!({"lines": text.lines().collect::<Vec<_>>()}).to_string()),
    ("json of ascii", |text| {
        json(text).replace('<', "\\u003c").replace('>', "\\u003e").replace('\'', "\\u0027")
    }),
    ("html", |text| format!("<html><body><pre>{}</pre></body></html>", html(text))),
    ("html in json", |text| json(&html(text))),
    ("url", url),
];

fn detector(text: &str) -> Option<&'static str> {
    stack_trace(text).map(|found| found.detector)
}

#[test]
fn every_sample_of_a_trace_is_found() {
    let samples = samples(TRACES);
    assert!(samples.len() >= 60, "{}", samples.len());
    let mut missed = Vec::new();
    for (title, text) in &samples {
        for (wrap, wrapped) in WRAPS {
            // What only a page has comes as a page; a list of lines takes a match over two lines apart.
            // What comes escaped has its fourth layer with the third round.
            let deep = wrap == "json thrice" && text.contains('\\');
            if deep
                || (text.starts_with('<') && wrap.starts_with("html"))
                || (wrap == "json lines" && apart(text))
            {
                continue;
            }
            let found = detector(&wrapped(text));
            let same = found == Some(title) || (wrap != "raw" && found.is_some());
            if !same {
                missed.push(format!("{title} as {wrap}: {found:?}\n{}\n", wrapped(text)));
            }
        }
    }
    assert!(missed.is_empty(), "{}:\n{}", missed.len(), missed.join("\n"));
}

/// Whether a frame of the sample takes two lines, or the sample is JSON laid out over lines.
fn apart(text: &str) -> bool {
    text.contains("orders.Find\n") || text.starts_with('[')
}

#[test]
fn no_clean_sample_is_a_trace() {
    let samples = samples(CLEAN);
    assert!(samples.len() >= 60, "{}", samples.len());
    let mut wrong = Vec::new();
    for (title, text) in &samples {
        for (wrap, wrapped) in WRAPS {
            if let Some(found) = stack_trace(&wrapped(text)) {
                wrong.push(format!("{title} as {wrap}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn long_paths_and_long_texts_are_found() {
    let deep = "/deep-directory".repeat(40);
    for frame in [
        format!("    at show ({deep}/orders.js:22:31)\n    at main ({deep}/main.js:2:3)"),
        format!("  File \"{deep}/a.py\", line 3, in f\n    x\n  File \"{deep}/b.py\", line 4, in g"),
        format!("thread 'main' panicked at {deep}/main.rs:4:5:\nboom"),
        format!("#0 {deep}/a.php(3): f()\n#1 {deep}/b.php(4): g()"),
    ] {
        assert!(stack_trace(&frame).is_some(), "{frame}");
        let late = format!("{}\n{frame}", "noise without any sign 100% \\ & ".repeat(6000));
        assert!(stack_trace(&late).is_some(), "behind {} bytes", late.len() - frame.len());
    }
}

#[test]
fn a_trace_cut_in_the_middle_is_found() {
    for (whole, keep) in [
        ("java.lang.Error: x\n\tat com.acme.A.b(A.java:12)\n\tat com.acme.C.d(C.java:1)", 60),
        ("Traceback (most recent call last):\n  File \"/app/views.py\", line 12, in show", 46),
        ("TypeError: x\n    at show (/app/routes/orders.js:22:31)\n    at next (/app/x.js:1:2)", 70),
        ("goroutine 1 [running]:\nmain.main()\n\t/app/main.go:20 +0x1d", 30),
        ("{\"trace\":\"TypeError: x\\n    at show (/app/orders.js:22:31)\\n    at next (/app/x.js\\", 85),
    ] {
        let cut = &whole[..keep.min(whole.len())];
        assert!(stack_trace(cut).is_some(), "{cut}");
    }
    // The middle is gone, both ends are there.
    let gap =
        "\tat com.acme.A.b(A.java:12)\n\tat com.ac[... 4096 bytes cut ...]va:3)\n\tat com.acme.E.f(E.java:9)";
    assert_eq!(detector(gap), Some("java-frames"));
}

#[test]
fn parts_far_from_each_other_are_no_trace() {
    let far = "word ".repeat(2000);
    let apart = format!("at com.acme.A.b(A.java:12)\n{far}\nat com.acme.C.d(C.java:9)");
    assert_eq!(stack_trace(&apart), None);
    assert_eq!(stack_trace(&format!("TypeError: x\n{far}\n    at show (/app/a.js:1:2)")), None);
}

#[test]
fn evidence_shows_the_lines_and_nothing_alive() {
    let text = "x\n\u{1b}[31mTypeError: a\u{7}\u{202e}b\n    at show (/app/a.js:1:2)\n";
    let found = stack_trace(text).unwrap();
    assert_eq!(
        found,
        Trace {
            detector: "node-frames",
            evidence: "TypeError: a\\x07\\xe2\\x80\\xaeb | at show (/app/a.js:1:2)".to_owned()
        }
    );
    let long = format!("thread 'main' panicked at '{}', src/main.rs:1:2", "\u{7}".repeat(4000));
    assert_eq!(stack_trace(&long).unwrap().evidence.len(), EVIDENCE);
}

#[test]
fn usual_answers_have_no_needle() {
    let plain = format!(
        r#"{{"id":7,"title":"Online order","state":"open","note":"{}","url":"https://data.google.com/a","items":[1,2]}}"#,
        "Nothing to see here; the results: 3. ".repeat(6)
    );
    assert!(plain.len() >= 300);
    assert!(!PREFILTER.is_match(&plain));
    assert!(NEEDLES.iter().all(|needle| needle.len() >= 2 && !needle.contains(['\n', '\t'])));
}

#[test]
fn a_large_text_takes_little_time() {
    let unit = r#"{\"a\":\"x &lt;b&gt; %41 at .js: .py .rb Exception Error: .go: .rs: 0x7 .php\",\"file\":\"a.py\",\"line\":1},"#;
    let text = unit.repeat((1 << 20) / unit.len());
    let start = std::time::Instant::now();
    assert_eq!(stack_trace(&text), None);
    let quotes =
        ["'", "\"", "at ", "#0 ", "{\"name\":\"", "‹at A.", "<", "(", "\\\\", "thread '' panicked at "];
    for unit in quotes {
        let text = format!(
            ".rs: .js: .php .py :line .rb .go: .ex: .java 0x {}",
            unit.repeat((1 << 20) / unit.len())
        );
        let _ = stack_trace(&text);
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}
