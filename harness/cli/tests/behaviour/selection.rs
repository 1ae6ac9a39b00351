//! Operations that are left alone, and bounds on what is sent.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::support::{Place, Server, answer, api, json as in_json};

/// The small API, with messages, a switch and tags.
fn document() -> String {
    let mut document: Json = serde_json::from_str(&api::document()).expect("JSON");
    let body = document["paths"]["/items"]["post"].clone();
    document["paths"]["/otp"] = json!({"post": body});
    document["paths"]["/otp"]["post"]["operationId"] = json!("sendCode");
    document["paths"]["/everything"] =
        json!({"post": {"responses": {"204": {"description": "done"}}, "tags": ["admin"]}});
    document.to_string()
}

/// How often each operation was asked for.
type Counts = Arc<Mutex<BTreeMap<String, usize>>>;

fn counting(counts: &Counts) -> Server {
    let counts = Arc::clone(counts);
    Server::answering(move |asked| {
        let name = format!("{} {}", asked.method, asked.path());
        *counts.lock().expect("whole").entry(name).or_default() += 1;
        match asked.method.as_str() {
            "POST" => in_json(201, &json!({"id": "1", "name": "a"})),
            _ => in_json(200, &json!([{"id": "1", "name": "a"}])),
        }
    })
}

fn asked(counts: &Counts, name: &str) -> usize {
    counts.lock().expect("whole").get(name).copied().unwrap_or_default()
}

#[test]
fn what_is_left_out_is_never_sent_and_told() {
    let place = Place::new();
    place.write("api.json", document());
    let line = |server: &Server, more: &str| {
        format!("run {} --openapi api.json --requests 400 {more}", server.url())
    };
    let left_out = || {
        let report = place.read_json("reports/latest/report.json");
        let left: Vec<_> = report["left_out"].as_array().cloned().unwrap_or_default();
        left.iter()
            .map(|left| {
                format!("{}: {}", left["operation"]["path"].as_str().unwrap_or_default(), left["reason"])
            })
            .collect::<Vec<_>>()
    };
    let counts = Counts::default();
    let server = counting(&counts);
    let ended = place.proofhouse(&line(&server, "--exclude tag:admin --exclude id:sendCode"));
    assert_eq!((asked(&counts, "POST /otp"), asked(&counts, "POST /everything")), (0, 0));
    assert!(asked(&counts, "POST /items") > 0);
    assert_eq!(left_out(), ["/otp: \"--exclude id:sendCode\"", "/everything: \"--exclude tag:admin\""]);
    assert!(ended.out().contains("LEFT OUT"), "{}", ended.said());

    let counts = Counts::default();
    let server = counting(&counts);
    place.run(line(&server, "").split_whitespace().chain(["--include", "POST /ot*"]));
    assert!(asked(&counts, "POST /otp") > 0);
    assert_eq!((asked(&counts, "POST /items"), asked(&counts, "GET /items")), (0, 0));

    let counts = Counts::default();
    let server = counting(&counts);
    place.write(
        "proofhouse.toml",
        "[[operation]]\nmatch = [\"POST /otp\", \"tag:admin\"]\nas = { skip = true }\n",
    );
    place.proofhouse(&line(&server, ""));
    assert_eq!((asked(&counts, "POST /otp"), asked(&counts, "POST /everything")), (0, 0));
    assert_eq!(left_out().len(), 2);
    let shown = place.proofhouse(&line(&server, "--dry-run")).expect(&[0]);
    assert!(
        shown.out().contains(&format!("{:34}  left out: [[operation]]", "POST /otp")),
        "{}",
        shown.said()
    );
}

#[test]
fn a_budget_holds_over_the_whole_run() {
    let place = Place::new();
    place.write("api.json", document());
    for (said, most) in [("effect = \"message\"", 3), ("effect = \"payment\", budget = 7", 7)] {
        let counts = Counts::default();
        let server = counting(&counts);
        place
            .write("proofhouse.toml", format!("[[operation]]\nmatch = [\"POST /otp\"]\nas = {{ {said} }}\n"));
        place.proofhouse(&format!("run {} --openapi api.json --requests 800 --workers 4", server.url()));
        assert_eq!(asked(&counts, "POST /otp"), most, "{said}");
        let report = place.read_json("reports/latest/report.json");
        let cells = report["matrix"].as_array().expect("cells").iter();
        let own: Vec<_> = cells
            .filter(|cell| cell["operation"]["path"] == "/otp" && cell["identity"] != "*")
            .map(|cell| (cell["verdict"].as_str().expect("text"), cell["why"].as_str().unwrap_or_default()))
            .collect();
        let why = format!("its budget of {most} is spent");
        let skipped =
            own.iter().filter(|(verdict, why_not)| *verdict == "skipped" && why_not.ends_with(&why));
        assert!(skipped.count() > 0, "{own:?}");
        let spent_on_it = own
            .iter()
            .filter(|(_, why_not)| why_not.contains("budget of"))
            .all(|(verdict, _)| *verdict == "skipped");
        assert!(spent_on_it, "{own:?}");
    }
}

#[test]
fn what_is_said_to_reset_is_not_sent() {
    let place = Place::new();
    place.write("api.json", document());
    for effect in ["reset", "switch-off", "credential"] {
        let counts = Counts::default();
        let server = counting(&counts);
        let file =
            format!("[[operation]]\nmatch = [\"POST /everything\"]\nas = {{ effect = \"{effect}\" }}\n");
        place.write("proofhouse.toml", file);
        let ended = place.proofhouse(&format!("run {} --openapi api.json --requests 300", server.url()));
        assert_eq!(asked(&counts, "POST /everything"), 0, "{effect}");
        assert!(ended.out().contains("never sent: by the configuration it resets"), "{}", ended.said());
    }
}

#[test]
fn no_more_are_under_way_than_was_allowed() {
    let place = Place::new();
    place.write("api.json", document());
    let peak = |config: &str| {
        place.write("proofhouse.toml", config);
        let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (count, seen) = (Arc::clone(&now), Arc::clone(&peak));
        let server = Server::answering(move |_| {
            seen.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(3));
            count.fetch_sub(1, Ordering::SeqCst);
            in_json(200, &json!([{"id": "1", "name": "a"}]))
        });
        place.proofhouse(&format!(
            "run {} --openapi api.json --requests 400 --workers 6 --checks error-*",
            server.url()
        ));
        peak.load(Ordering::SeqCst)
    };
    assert!(peak("") > 2);
    assert!(peak("[scope]\nlimits = { concurrency = 2 }\n") <= 2);
}

#[test]
fn what_was_waited_for_the_targets_limits_is_told() {
    let place = Place::new();
    place.write("api.json", document());
    let left = AtomicUsize::new(3);
    let server = Server::answering(move |_| {
        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return answer(429, "Retry-After: 1\r\n", "");
        }
        in_json(200, &json!([{"id": "1", "name": "a"}]))
    });
    let ended =
        place.proofhouse(&format!("run {} --openapi api.json --requests 200 --checks error-*", server.url()));
    let report = place.read_json("reports/latest/report.json");
    let waited = report["waited_seconds"].as_f64().expect("a number");
    assert!((2.0..10.0).contains(&waited), "{waited}");
    assert!(ended.out().contains("s waited for its limits"), "{}", ended.said());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let place = Place::new();
    place.write("api.json", document());
    let server = counting(&Counts::default());
    let line = format!("run {} --openapi api.json --requests 20 --dry-run", server.url());
    let said = |flags: &[&str], file: &str| {
        place.write("proofhouse.toml", file);
        place.run(line.split_whitespace().chain(flags.iter().copied())).expect(&[2]).said()
    };
    let table = |text: &str| format!("[[operation]]\n{text}\n");
    assert_snapshot!(
        [
            said(&["--include", "items"], ""),
            said(&["--exclude", "GET /nowhere"], ""),
            said(&["--exclude", "**"], ""),
            said(&[], &table("match = [\"POST /otp\"]\nas = {}")),
            said(&[], &table("match = [\"POST /otp\"]\nas = { skip = true, budget = 2 }")),
            said(&[], &table("match = [\"otp\"]\nas = { skip = true }")),
            said(&[], &table("match = [\"POST /otp\"]\nas = { effect = \"mesage\" }")),
        ]
        .join("\n")
    );
}
