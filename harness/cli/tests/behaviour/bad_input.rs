//! Input that no run begins with: exit code 2, whose fault it is, and what to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;

use crate::support::{Place, Server, answer, api};

/// Runs against a server that must never be asked anything.
fn refused(place: &Place, more: &str) -> String {
    let server = Server::answering(|_| answer(200, "", ""));
    let ended = place.proofhouse(&format!("run {} {more}", server.url()));
    assert_eq!(server.accepted(), 0, "nothing may be sent before the input is known to be good");
    assert!(!place.path().join("reports").exists() && !place.path().join("corpora").exists());
    ended.expect(&[2]).said()
}

#[test]
fn no_such_document() {
    assert_snapshot!(refused(&Place::new(), "--openapi nowhere.yaml"));
}

#[test]
fn a_document_that_is_none() {
    let place = Place::new();
    place.write("list.json", r#"{"name": "list", "version": "1.0.0"}"#);
    place.write("page.html", "<!doctype html><title>x</title>");
    place.write("empty.yaml", "");
    place.write("binary.json", [0x7b, 0xff, 0xfe, 0x00]);
    let said: Vec<_> = ["list.json", "page.html", "empty.yaml", "binary.json", "."]
        .into_iter()
        .map(|name| refused(&place, &format!("--openapi {name}")))
        .collect();
    assert_snapshot!(said.join("\n"));
}

#[test]
fn a_document_without_an_operation() {
    let place = Place::new();
    place.write("api.yaml", "openapi: 3.1.0\ninfo: {title: Nothing, version: '1'}\npaths: {}\n");
    assert_snapshot!(refused(&place, "--openapi api.yaml"));
}

#[test]
fn a_mistake_in_yaml_has_a_line_and_a_column() {
    let place = Place::new();
    place.write("api.yaml", "openapi: 3.1.0\ninfo:\n  title: Items\n paths: {}\n");
    assert_snapshot!(refused(&place, "--openapi api.yaml"));
}

#[test]
fn a_mistake_in_json_has_a_line_and_a_column() {
    let place = Place::new();
    place.write("api.json", "{\"openapi\": \"3.1.0\",\n  \"info\": {,}\n}\n");
    assert_snapshot!(refused(&place, "--openapi api.json"));
}

#[test]
fn swagger_1() {
    let place = Place::new();
    place.write("old.json", r#"{"swagger": "1.2", "info": {"title": "Old", "version": "1"}, "paths": {}}"#);
    assert_snapshot!(refused(&place, "--openapi old.json"));
}

#[test]
fn a_version_to_come() {
    let place = Place::new();
    place.write("new.json", r#"{"openapi": "4.0.0", "info": {"title": "New", "version": "1"}, "paths": {}}"#);
    assert_snapshot!(refused(&place, "--openapi new.json"));
}

#[test]
fn a_document_elsewhere_is_not_fetched() {
    assert_snapshot!(refused(&Place::new(), "--openapi http://127.0.0.2:9/openapi.json"));
}

#[test]
fn a_target_that_shows_no_document() {
    let server = Server::answering(|_| answer(404, "", ""));
    let ended = Place::new().proofhouse(&format!("run {}", server.url()));
    assert_snapshot!(ended.expect(&[2]).said());
}

#[test]
fn a_target_elsewhere_needs_an_authorization() {
    let place = Place::new();
    place.write("api.json", api::document());
    for (name, url) in [
        ("address", "http://192.0.2.1/"),
        ("name", "https://api.example.test/"),
        ("disguised", "http://127.0.0.1.example.test/"),
        ("every", "http://0.0.0.0:8080/"),
    ] {
        // No document is named: looking for one would be traffic.
        let ended = place.proofhouse(&format!("run {url}")).expect(&[2]);
        assert_snapshot!(format!("elsewhere_{name}"), ended.said());
    }
    let ended = place.proofhouse("run http://192.0.2.1/ --openapi api.json").expect(&[2]);
    assert_snapshot!("elsewhere_address", ended.said());
    let allowed = "version = 1\n[scope]\nallow = [\"http://192.0.2.1/\"]\n";
    place.write("allowed.toml", allowed);
    let ended = place.proofhouse("run http://192.0.2.1/ --openapi api.json --config allowed.toml");
    assert_snapshot!("elsewhere_without_authorization", ended.expect(&[2]).said());
    let expired = "authorization = { by = \"J. Roe\", reference = \"SEC-1\", until = 2020-01-31 }\n";
    place.write("proofhouse.toml", format!("{allowed}{expired}"));
    let ended = place.proofhouse("run http://192.0.2.1/ --openapi api.json").expect(&[2]);
    assert_snapshot!("elsewhere_expired", ended.said());
    let ended = place.proofhouse("run http://192.0.2.1/").expect(&[2]);
    assert_snapshot!("elsewhere_expired", ended.said());
}

#[test]
fn a_scope_without_the_target() {
    let place = Place::new();
    place.write("proofhouse.toml", "[scope]\nallow = [\"http://127.0.0.1:1/v2\"]\n");
    assert_snapshot!(refused(&place, "--openapi api.json"));
}

/// A redirect to another machine is an answer, never a reason to go there.
#[test]
fn a_redirect_leads_nowhere() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let other = Server::answering(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        answer(200, "", "")
    });
    let location = format!("Location: {}/stolen\r\n", other.url());
    let server = Server::answering(move |_| answer(302, &location, ""));
    let place = Place::new();
    place.write("api.json", api::document());
    place.proofhouse(&format!("run {} --openapi api.json --requests 100", server.url())).expect(&[5]);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[test]
fn not_a_url_of_a_target() {
    let said: Vec<_> =
        ["ftp://127.0.0.1/", "127.0.0.1:80", "http://127.0.0.1:99999/", "http://a:b@127.0.0.1/"]
            .into_iter()
            .map(|url| Place::new().proofhouse(&format!("run {url}")).expect(&[2]).said())
            .collect();
    assert_snapshot!(said.join("\n"));
}

#[test]
fn an_unknown_check() {
    let said: Vec<_> = ["run --checks jwt-alg-nome", "run --checks !error-stacktrace", "explain input-sql"]
        .into_iter()
        .map(|line| Place::new().proofhouse(line).expect(&[2]).said())
        .collect();
    assert_snapshot!(said.join("\n"));
}

#[test]
fn an_unknown_key_of_the_configuration() {
    let place = Place::new();
    let mut said = Vec::new();
    for text in [
        "version = 1\n[scope]\nalow = []\n",
        "version = 1\n\n[identities.alice]\nbearer = \"x\"\n",
        "version = 1\n[gate]\nfail = { severty = \"high\" }\n",
        "version = 1\n[scope]\ndata = \"everything\"\n",
        "version = 2\n",
        "version = \n",
    ] {
        place.write("proofhouse.toml", text);
        said.push(refused(&place, ""));
    }
    assert_snapshot!(said.join("\n"));
}

#[test]
fn a_configuration_that_is_not_there() {
    assert_snapshot!(refused(&Place::new(), "--config nowhere.toml"));
}

#[test]
fn an_unknown_defect() {
    let said: Vec<_> = [
        "run --defect jwt-alg-none-lowercas",
        "range --port 0 --defect nothing",
        "run --defect none --defect jwt-alg-none-lowercase",
    ]
    .into_iter()
    .map(|line| Place::new().proofhouse(line).expect(&[2]).said())
    .collect();
    assert_snapshot!(said.join("\n"));
}

#[test]
fn a_defect_beside_a_url() {
    assert_snapshot!(refused(&Place::new(), "--defect none"));
}

#[test]
fn an_identity_that_cannot_be_read() {
    let place = Place::new();
    place.write("api.json", api::document());
    let mut said = Vec::new();
    for spec in [
        "alice",
        "=bearer:x",
        "anonymous=bearer:x",
        "alice=token:x",
        "alice=bearer",
        "alice=basic:alice",
        "alice=apikey:body:k:v",
        "alice=login:POST:/login:{}",
        "alice=login:POST:/login:{\"a\":}:/token",
        "alice=bearer:env:PROOFHOUSE_TEST_UNSET",
        "alice=bearer:file:nowhere.txt",
        "alice=bearer:cmd:false",
        "alice=bearer:cmd:no-such-command-anywhere",
    ] {
        said.push(format!("{spec}: {}", refused(&place, &format!("--openapi api.json --identity {spec}"))));
    }
    assert_snapshot!(said.join("\n"));
}

#[test]
fn an_identity_of_the_configuration_that_cannot_be_read() {
    let place = Place::new();
    place.write("api.json", api::document());
    let mut said = Vec::new();
    for text in [
        "[identity.alice]\nbearer = \"env:PROOFHOUSE_TEST_UNSET\"\n",
        "[identity.alice]\nrole = \"customer\"\n",
        "[identity.alice]\nbearer = \"a\"\nbasic = { username = \"a\", password = \"b\" }\n",
        "[jwt]\nsigning_key = \"env:PROOFHOUSE_TEST_UNSET\"\n",
        "[jwt]\nsamples = { expired = \"file:nowhere.jwt\" }\n",
    ] {
        place.write("proofhouse.toml", text);
        said.push(refused(&place, "--openapi api.json"));
    }
    assert_snapshot!(said.join("\n"));
}

#[test]
fn words_that_clap_refuses() {
    let said: Vec<_> = [
        "attack",
        "run --time forever",
        "run --requests many",
        "run --fail-on terrible",
        "run --seed -1",
        "replay",
        "run --header nocolon",
        "run --cacert nowhere.pem",
    ]
    .into_iter()
    .map(|line| Place::new().proofhouse(line).expect(&[2]).said())
    .collect();
    assert_snapshot!(said.join("\n"));
}

#[test]
fn nothing_to_resume() {
    let place = Place::new();
    let said = place.proofhouse("run --defect none --resume").expect(&[2]).said();
    assert_snapshot!(said);
}

/// What is misspelt may be the secret itself.
#[test]
fn no_message_repeats_a_secret() {
    let place = Place::new();
    place.write("api.json", api::document());
    place.write("proofhouse.toml", "[identity.alice]\nbasic = \"hunter22hunter\"\n");
    let mut said = vec![refused(&place, "--openapi api.json")];
    place.write("proofhouse.toml", "[identity.alice]\nbearer = \"hunter22hunter\n");
    said.push(refused(&place, "--openapi api.json"));
    place.write("proofhouse.toml", "");
    said.push(refused(&place, "--openapi api.json --identity bearer:hunter22hunter"));
    said.push(refused(&place, "--openapi api.json --identity bearer:hunter22hunter=="));
    said.push(refused(&place, "--openapi api.json --header X-Key=hunter22hunter"));
    said.push(place.proofhouse("run http://alice:hunter22hunter@127.0.0.1:9/").expect(&[2]).said());
    said.push(place.proofhouse("run ftp://alice:hunter22hunter@127.0.0.1:9/").expect(&[2]).said());
    assert_snapshot!(said.join("\n"));
    assert!(!said.join("\n").contains("hunter"));
}

/// A folder that was cloned must not run commands because somebody tests in it.
#[test]
fn a_configuration_that_nobody_named_runs_no_command() {
    let place = Place::new();
    place.write("api.json", api::document());
    place.write("proofhouse.toml", "[identity.alice]\nbearer = \"cmd:touch ran\"\n");
    assert_snapshot!(refused(&place, "--openapi api.json"));
    assert!(!place.path().join("ran").exists());
    refused(&place, "--openapi nowhere.json --config proofhouse.toml");
}

/// What a file asks for and this version does not do is said, never passed over.
#[test]
fn tables_that_are_not_used_are_named() {
    let place = Place::new();
    place.write("api.json", api::document());
    place.write(
        "proofhouse.toml",
        "profile = \"nightly\"\n[scope]\nlimits = { concurrency = 8 }\nauth = [\"http://127.0.0.1:1/\"]\n\
         [gate]\nstrict = [\"media-type\"]\n[logs]\nsource = { file = \"x\" }\n",
    );
    let server = Server::answering(|_| answer(404, "", ""));
    let ended = place.proofhouse(&format!("run {} --openapi api.json --requests 20", server.url()));
    let warnings: Vec<_> =
        ended.err().lines().filter(|line| line.starts_with("warning")).map(str::to_owned).collect();
    assert_snapshot!(warnings.join("\n"));
}
