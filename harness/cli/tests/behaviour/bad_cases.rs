//! Case files that are not run: they may come from a stranger.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::support::{Place, Server, answer};

/// A case by hand, for the check that looks for stack traces.
pub(crate) fn case() -> Json {
    json!({
        "format": 1,
        "check": "error-stack-trace",
        "operation": "GET /items/{id}",
        "class": "rust-panic",
        "operations": [{"name": "GET /items/{id}"}],
        "bases": [{"name": "target", "operation": "GET /items/{id}", "request": {"method": "GET", "path": "/items/1"}}],
        "steps": [{"name": "attack", "role": "attack", "act": {"request": {"base": "target"}}}],
    })
}

/// What `replay` and `shrink` say; nothing may be sent.
fn refused(content: impl AsRef<[u8]>) -> String {
    let place = Place::new();
    place.write("case.json", content);
    let server = Server::answering(|_| answer(200, "", ""));
    let shrunk = place.proofhouse(&format!("shrink case.json --target {}", server.url())).expect(&[2]).said();
    let replayed =
        place.proofhouse(&format!("replay case.json --target {}", server.url())).expect(&[2]).said();
    assert_eq!(server.accepted(), 0, "nothing is sent for a case that is refused");
    assert_eq!(shrunk, replayed);
    replayed
}

fn changed(change: impl FnOnce(&mut Json)) -> String {
    let mut case = case();
    change(&mut case);
    refused(case.to_string())
}

#[test]
fn not_a_case() {
    let said: Vec<_> = ["", "not json", "[]", "{}", "{\"format\": 1}", "{\"format\": \"1\"}", "null"]
        .into_iter()
        .map(refused)
        .collect();
    assert_snapshot!(said.join("\n"));
}

#[test]
fn no_such_file() {
    let place = Place::new();
    assert_snapshot!(place.proofhouse("replay nowhere.json").expect(&[2]).said());
}

#[test]
fn one_bad_case_among_good_ones_is_known_before_anything_is_sent() {
    let place = Place::new();
    place.write("good.json", case().to_string());
    place.write("bad.json", "{");
    let server = Server::answering(|_| answer(200, "", ""));
    let ended = place.proofhouse(&format!("replay good.json bad.json --target {}", server.url()));
    assert_snapshot!(ended.expect(&[2]).said());
    assert_eq!(server.accepted(), 0);
}

#[test]
fn of_a_newer_format() {
    assert_snapshot!(changed(|case| {
        case["format"] = 2.into();
        case["something"] = "new".into();
    }));
}

#[test]
fn naming_a_host() {
    let said = [
        changed(|case| case["target"] = "http://192.0.2.1/".into()),
        changed(|case| case["bases"][0]["request"]["path"] = "//192.0.2.1/items".into()),
        changed(|case| case["bases"][0]["request"]["path"] = "http://192.0.2.1/items".into()),
        changed(|case| case["bases"][0]["request"]["headers"] = json!({"hOsT": "192.0.2.1"})),
    ];
    assert_snapshot!(said.join("\n"));
}

/// An edit can change `Host`, which is an attack of its own; where it is sent stays the same.
#[test]
fn editing_the_host_sends_nothing_elsewhere() {
    let place = Place::new();
    let elsewhere = Server::answering(|_| answer(200, "", ""));
    let mut case = case();
    case["steps"][0]["act"]["request"]["edits"] =
        json!([{"op": "set", "at": "header:Host", "value": elsewhere.url().trim_start_matches("http://")}]);
    place.write("case.json", case.to_string());
    let server = Server::answering(|_| answer(200, "", "fine"));
    place.proofhouse(&format!("replay case.json --target {}", server.url())).expect(&[0, 5]);
    assert_eq!(elsewhere.accepted(), 0);
    assert!(server.accepted() > 0);
}

#[test]
fn of_an_unknown_check() {
    assert_snapshot!(changed(|case| case["check"] = "error-stack-trade".into()));
}

#[test]
fn asking_for_too_much() {
    let bomb = json!({"$repeat": {"value": {"$repeat": {"value": "aaaaaaaa", "times": 4_000_000_000_u32}}, "times": 9}});
    let said = [
        changed(|case| case["steps"][0]["copies"] = 1_000_000.into()),
        changed(|case| case["bases"][0]["request"]["query"] = json!({"q": bomb})),
        changed(|case| case["steps"][0]["source"] = "192.0.2.1".into()),
        changed(|case| case["steps"][0]["act"] = json!({"wait": {"millis": 1, "at_most": 86_400_000}})),
        changed(|case| case["steps"][0]["act"] = json!({"command": "rm"})),
    ];
    assert_snapshot!(said.join("\n"));
}

/// A hundred thousand brackets are a small file and a deep tree.
#[test]
fn nested_without_end() {
    assert_snapshot!(refused("[".repeat(100_000)));
    let place = Place::new();
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let text =
        case().to_string().replace("\"/items/1\"}", &format!("\"/items/1\", \"query\": {{\"q\": {deep}}}}}"));
    place.write("deep.json", text);
    place.proofhouse("replay deep.json --defect none").expect(&[0, 2, 5]);
}

#[test]
fn needing_an_identity_that_is_not_given() {
    let place = Place::new();
    let mut case = case();
    case["steps"][0]["as"] = "carol".into();
    case["identities"] = json!([{"name": "carol", "role": "customer"}]);
    place.write("case.json", case.to_string());
    let server = Server::answering(|_| answer(200, "", ""));
    let ended = place.proofhouse(&format!("replay case.json --target {}", server.url())).expect(&[2]);
    assert_snapshot!(ended.said());
    assert_eq!(server.accepted(), 0);
    // Named by a step alone, too.
    case.as_object_mut().expect("an object").remove("identities");
    place.write("case.json", case.to_string());
    let again = place.proofhouse(&format!("replay case.json --target {}", server.url())).expect(&[2]);
    assert!(again.err().contains("the case needs an identity `carol`"), "{}", again.said());
    assert_eq!(server.accepted(), 0);
}

/// What a stranger writes into a case does not act on the terminal of whoever replays it.
#[test]
fn terminal_codes_in_a_case_are_inert() {
    let place = Place::new();
    let mut case = case();
    case["check"] = "error-\u{1b}]0;owned\u{7}trace".into();
    place.write("case.json", case.to_string());
    let said = place.proofhouse("replay case.json").expect(&[2]);
    assert!(!said.err().contains(['\u{1b}', '\u{7}']), "{:?}", said.err());
}
