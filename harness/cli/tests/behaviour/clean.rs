//! What a run makes is named in its ledger, whatever ends the run, and `clean` removes it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::support::{Asked, Place, Server, api, closed_port, json as in_json};

const ALICE: &str = "alice=bearer:alice-hunter22hunter";
const OPS: &str = "ops=bearer:ops-hunter22hunter";
const LEDGER: &str = "reports/latest/ledger.jsonl";

/// What the server says exists: paths, and whose they are.
type Truth = Arc<Mutex<BTreeMap<String, String>>>;

/// The small API with something that deletes items, and with notes that nothing deletes.
fn document() -> String {
    let mut document: Json = serde_json::from_str(&api::document()).expect("JSON");
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
    let gone = json!({"parameters": [id], "responses": {"204": {"description": "gone"}}});
    document["paths"]["/items/{id}"]["delete"] = gone;
    document["paths"]["/notes"] = document["paths"]["/items"].clone();
    document["components"]["securitySchemes"]["bearer"] = json!({"type": "http", "scheme": "bearer"});
    document["security"] = json!([{"bearer": []}]);
    document.to_string()
}

/// A store of items and notes. `may` says whether a caller may delete what somebody owns.
fn store(truth: &Truth, may: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Server {
    let truth = Arc::clone(truth);
    let next = std::sync::atomic::AtomicU64::new(1);
    Server::answering(move |asked: &Asked| {
        let caller = asked.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        let Some(caller) = caller.and_then(|token| token.strip_suffix("-hunter22hunter")) else {
            return in_json(401, &json!({"error": "who are you"}));
        };
        let path = asked.path().to_owned();
        let mut truth = truth.lock().expect("whole");
        let owner = truth.get(&path).cloned();
        match (asked.method.as_str(), path.as_str(), owner) {
            ("GET", "/items" | "/notes", _) => in_json(200, &json!([{"id": "0", "name": "a"}])),
            ("POST", "/items" | "/notes", _) => match serde_json::from_slice::<Json>(&asked.body) {
                Ok(body) if body["name"].is_string() => {
                    let id = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst).to_string();
                    truth.insert(format!("{path}/{id}"), caller.to_owned());
                    in_json(201, &json!({"id": id, "name": body["name"]}))
                }
                _ => in_json(400, &json!({"error": "no"})),
            },
            ("GET", _, Some(_)) => in_json(200, &json!({"id": "1", "name": "a"})),
            ("DELETE", _, Some(owner)) if may(caller, &owner) => {
                truth.remove(&path);
                in_json(204, &json!({}))
            }
            ("DELETE", _, Some(_)) => in_json(403, &json!({"error": "not yours"})),
            _ => in_json(404, &json!({"error": "no such thing"})),
        }
    })
}

fn own(caller: &str, owner: &str) -> bool {
    caller == owner
}

fn place() -> Place {
    let place = Place::new();
    place.write("api.json", document());
    place
}

/// The arguments of a run without what waits for windows.
fn run<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let common = ["run", url, "--openapi", "api.json", "--identity", ALICE, "--checks", "!ratelimit-*"];
    [&common[..], more].concat()
}

/// What the ledger names and does not call gone.
fn named(place: &Place) -> Vec<String> {
    let book = proofhouse::ledger::read(&place.path().join("reports/latest")).expect("a ledger");
    let mut named: Vec<_> =
        book.left.iter().flat_map(|left| &left.made).map(|made| made.path.clone()).collect();
    named.sort();
    named
}

fn existing(truth: &Truth) -> Vec<String> {
    truth.lock().expect("whole").keys().cloned().collect()
}

#[test]
fn what_a_run_made_is_removed_once() {
    let (place, truth) = (place(), Truth::default());
    let server = store(&truth, own);
    let ended = place.run(run(&server.url(), &["--exclude", "* /notes", "--requests", "500"]));
    let there = existing(&truth);
    assert!(there.len() > 3, "{there:?}: {}", ended.said());
    assert_eq!(named(&place), there);
    let report = place.read_json("reports/latest/report.json");
    assert_eq!(report["left_behind"], json!({"objects": there.len(), "without_delete": 0}));
    let line = format!("{} objects were left behind: proofhouse clean reports/latest", there.len());
    assert!(ended.out().contains(&line), "{}", ended.said());
    let ledger = String::from_utf8(place.read(LEDGER)).expect("text");
    assert!(!ledger.contains("hunter22"), "{ledger}");

    // Nobody is given who could.
    let forgotten = place.proofhouse("clean").expect(&[2]);
    let shown = place.run(["clean", "--identity", ALICE, "--dry-run"]).expect(&[0]);
    assert!(shown.out().contains(&format!("DELETE {}  by alice", there[0])), "{}", shown.said());
    assert_eq!(existing(&truth), there);
    let cleaned = place.run(["clean", "--identity", ALICE]).expect(&[0]);
    assert!(
        cleaned.out().contains(&format!("{} objects gone, nothing is left.", there.len())),
        "{}",
        cleaned.said()
    );
    assert_eq!(existing(&truth), [""; 0]);
    let asked = server.accepted();
    let again = place.run(["clean", "--identity", ALICE]).expect(&[0]);
    assert_eq!(server.accepted(), asked);
    assert_snapshot!("forgotten_and_done", format!("{}\n{}", forgotten.said(), again.said()));
}

#[test]
fn ctrl_c_leaves_a_ledger_that_names_everything() {
    let (place, truth) = (place(), Truth::default());
    let server = store(&truth, own);
    for phase in ["input", "exploring"] {
        let mut running = place.start(run(&server.url(), &["--time", "60s"]));
        running.wait_for(phase);
        server.wait_for_more(20);
        running.interrupt();
        running.end().expect(&[4]);
        // What an earlier run left is still there.
        let there = existing(&truth);
        assert!(there.iter().any(|path| path.starts_with("/items/")));
        assert_eq!(named(&place), there, "interrupted in {phase}");
    }
    place.run(["clean", "--identity", ALICE]).expect(&[5]);
    assert!(existing(&truth).iter().all(|path| path.starts_with("/notes/")));
}

#[test]
fn kill_leaves_a_ledger_that_lacks_only_what_was_under_way() {
    let (place, truth) = (place(), Truth::default());
    let server = store(&truth, own);
    let mut running = place.start(run(&server.url(), &["--time", "60s", "--exclude", "* /notes"]));
    running.wait_for("exploring");
    server.wait_for_more(100);
    running.kill();
    running.end();
    let (named, there) = (named(&place), existing(&truth));
    assert!(named.len() > 10);
    let unnamed: Vec<_> = there.iter().filter(|path| !named.contains(path)).collect();
    // Four workers, one request each.
    assert!(unnamed.len() <= 4, "{unnamed:?}");
    // A line that was cut is no obstacle.
    let mut ledger = place.read(LEDGER);
    ledger.extend(b"{\"made\":{\"time\":\"2026");
    place.write(LEDGER, ledger);
    place.run(["clean", "--identity", ALICE]).expect(&[0]);
    assert_eq!(existing(&truth).len(), unnamed.len());
    let again = place.run(["clean", "--identity", ALICE, "--format", "json"]).expect(&[0]);
    let said: Json = serde_json::from_slice(&again.stdout).expect("one document");
    assert_eq!((said["removed"].as_array().map(Vec::len), &said["exit_code"]), (Some(0), &json!(0)));
}

#[test]
fn what_is_refused_is_told_and_others_may_help() {
    let (place, truth) = (place(), Truth::default());
    let server = store(&truth, |caller, _| caller == "ops");
    place.run(run(&server.url(), &["--requests", "200", "--exclude", "* /notes", "--checks", "error-*"]));
    let there = existing(&truth).len();
    let refused = place.run(["clean", "--identity", ALICE]).expect(&[5]);
    let first = refused.out().lines().find(|line| line.contains("made by")).map(str::to_owned);
    assert!(
        first.is_some_and(|line| line.ends_with("made by alice: answered 403 to `alice`")),
        "{}",
        refused.said()
    );
    assert!(refused.out().contains(&format!("0 objects gone, {there} left.")), "{}", refused.said());
    assert_eq!(existing(&truth).len(), there);
    place.run(["clean", "--identity", ALICE, "--identity", OPS]).expect(&[0]);
    assert_eq!(existing(&truth), [""; 0]);
}

#[test]
fn what_nothing_deletes_is_told() {
    let (place, truth) = (place(), Truth::default());
    let server = store(&truth, own);
    let ended = place.run(run(&server.url(), &["--requests", "200", "--include", "* /notes"]));
    let there = existing(&truth).len();
    let line =
        format!("{there} objects were left behind, and the document has no operation that deletes any.");
    assert!(ended.out().contains(&line), "{}", ended.said());
    let cleaned = place.run(["clean", "--identity", ALICE, "--format", "json"]).expect(&[5]);
    let said: Json = serde_json::from_slice(&cleaned.stdout).expect("one document");
    assert_eq!(said["without_delete"].as_array().map(Vec::len), Some(there));
    let told = place.run(["clean", "--identity", ALICE]).expect(&[5]);
    assert!(told.out().contains("POST /notes") && told.out().contains("no operation deletes what it made"));
}

#[test]
fn nobody_there_and_no_ledger() {
    let place = Place::new();
    let none = place.proofhouse("clean").expect(&[2]);
    std::fs::create_dir_all(place.path().join("reports/latest")).expect("made");
    place.write(LEDGER, "hunter22\n");
    let broken = place.proofhouse("clean").expect(&[2]);
    let run = json!({"run": {"version": 1, "run": "0f", "target": format!("http://127.0.0.1:{}", closed_port()), "kind": "http", "started": ""}});
    let made = json!({"made": {"time": "", "run": "0f", "operation": "POST /items", "identity": "anonymous", "take": "/id", "id": "1", "path": "/items/1", "delete": "DELETE /items/{id}"}});
    place.write(LEDGER, format!("{run}\n{made}\n"));
    let nobody = place.proofhouse("clean").expect(&[3]);
    assert_snapshot!([none.said(), broken.said(), nobody.said()].join("\n"));
    // Only a scope lets it go anywhere else.
    place.write(LEDGER, format!("{run}\n{made}\n").replace("127.0.0.1", "192.0.2.1"));
    place.proofhouse("clean").expect(&[2]);
}

#[test]
fn the_embedded_range_takes_everything_with_it() {
    let place = Place::new();
    let ended = place.proofhouse("run --requests 400 --checks authz-* --defect none");
    assert!(!ended.out().contains("left behind"), "{}", ended.said());
    assert!(String::from_utf8_lossy(&place.read(LEDGER)).contains("DELETE /orders/{id}"));
    let cleaned = place.proofhouse("clean").expect(&[0]);
    assert_eq!(cleaned.out(), "Nothing is left to remove: the embedded range is gone with its run.\n");
}
