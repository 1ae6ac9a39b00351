//! Targets that are not there (exit code 3), and runs that prove nothing (exit code 5).

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Place, Server, answer, api, closed_port, json as in_json};

#[test]
fn nobody_at_the_target() {
    let place = Place::new();
    place.write("api.json", api::document());
    place.write("case.json", crate::bad_cases::case().to_string());
    let url = format!("http://127.0.0.1:{}", closed_port());
    let looking = place.proofhouse(&format!("run {url}")).expect(&[3]);
    assert_snapshot!("nobody_shows_a_document", looking.said());
    let running = place.proofhouse(&format!("run {url} --openapi api.json --seed 1")).expect(&[3]);
    assert!(running.out().contains("does not answer: nothing follows from this run"), "{}", running.said());
    assert!(place.path().join("reports/latest/report.json").exists());
    let replayed = place.proofhouse(&format!("replay case.json --target {url}")).expect(&[3]);
    assert_snapshot!("nobody_to_replay_on", replayed.said());
    let shrunk = place.proofhouse(&format!("shrink case.json --target {url}")).expect(&[3]);
    assert!(shrunk.out().contains("no connection"), "{}", shrunk.said());
}

#[test]
fn a_target_that_goes_away_ends_the_run() {
    let place = Place::new();
    place.write("api.json", api::document());
    let left = std::sync::atomic::AtomicI32::new(40);
    let server = Server::start(move |_, stream| {
        use std::io::Write as _;
        if left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) <= 0 {
            // Each connection is closed unanswered from here on.
            return Ok(false);
        }
        stream.write_all(&in_json(200, &json!([{"id": "1", "name": "a"}])))?;
        Ok(true)
    });
    let ended =
        place.proofhouse(&format!("run {} --openapi api.json --time 6s", server.url())).expect(&[1, 3, 5]);
    assert!(ended.took.as_secs() < 30, "{:?}", ended.took);
}

#[test]
fn a_login_that_fails_says_which_and_why() {
    let place = Place::new();
    place.write("api.json", api::document());
    let server = Server::answering(|asked| match asked.path() {
        "/login" => in_json(403, &json!({"error": "no"})),
        "/void" => in_json(200, &json!({"token": null})),
        "/text" => answer(200, "Content-Type: text/plain\r\n", "hunter22hunter"),
        _ => in_json(200, &json!([])),
    });
    for (name, path) in [("refused", "/login"), ("without_a_token", "/void"), ("in_text", "/text")] {
        let alice = format!(
            "alice@customer=login:POST:{path}:{{\"name\":\"alice\",\"password\":\"hunter22hunter\"}}:/token"
        );
        let common = ["--openapi", "api.json", "--identity", &alice, "--requests", "100"];
        let ended = place.run(["run", &server.url()].into_iter().chain(common)).expect(&[5]);
        let why: Vec<_> =
            ended.out().lines().filter(|line| line.contains("alice")).map(str::to_owned).collect();
        assert!(
            why.iter().any(|line| line.starts_with("Not proven: the identity `alice`")),
            "{}",
            ended.said()
        );
        assert!(!ended.said().contains("hunter22"), "{}", ended.said());
        let looked = place.run(["check-config", &server.url()].into_iter().chain(common)).expect(&[5]);
        assert_snapshot!(format!("login_{name}"), looked.said());
    }
}

#[test]
fn a_wrong_base_path_proves_nothing() {
    let place = Place::new();
    place.write("api.json", api::document());
    let server = Server::answering(|_| in_json(404, &json!({"error": "no such path"})));
    let ended = place.proofhouse(&format!("run {}/v9 --openapi api.json --requests 200", server.url()));
    let ended = ended.expect(&[5]);
    let said = "Not proven: no operation ever granted a valid request: check the target's base path, the document \
                and the identities.";
    assert!(ended.out().contains(said), "{}", ended.said());
    let report = place.read_json("reports/latest/report.json");
    let findings = report["findings"].as_array().expect("a list").iter();
    // What a 404 lacks in headers is true of any server.
    assert!(findings.map(|finding| &finding["check"]).all(|check| check == "ctype-nosniff-missing"));
}

#[test]
fn an_identity_that_stops_working_half_way_is_said() {
    let place = Place::new();
    let mut document: serde_json::Value = serde_json::from_str(&api::document()).expect("JSON");
    document["components"]["securitySchemes"]["bearer"] = json!({"type": "http", "scheme": "bearer"});
    document["security"] = json!([{"bearer": []}]);
    place.write("api.json", document.to_string());
    let left = std::sync::atomic::AtomicI32::new(120);
    let server = Server::answering(move |asked| {
        let known = asked.header("authorization") == Some("Bearer hunter22hunter");
        let works = known && left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) > 0;
        match (works, asked.method.as_str()) {
            (false, _) => in_json(401, &json!({"error": "who are you"})),
            (true, "POST") => in_json(201, &json!({"id": "1", "name": "a"})),
            (true, _) => in_json(200, &json!([{"id": "1", "name": "a"}])),
        }
    });
    let line = format!(
        "run {} --openapi api.json --identity alice=bearer:hunter22hunter --checks !ratelimit-* --requests 600",
        server.url()
    );
    let ended = place.proofhouse(&line);
    let out = ended.out();
    assert!(
        out.contains("Not proven: the identity `alice` proves nothing: it stopped working during the run"),
        "{}",
        ended.said()
    );
    // What it found before counts first.
    assert!(matches!(ended.code, Some(1 | 5)), "{}", ended.said());
}

#[test]
fn the_letter_of_a_practice_binds_where_it_is_asked_for() {
    let place = Place::new();
    place.write("api.json", api::document());
    let server = Server::answering(|asked| match asked.method.as_str() {
        // Any refusal of a type but 415 protects as well.
        "POST" if asked.header("content-type") != Some("application/json") => {
            in_json(400, &json!({"error": "what is this"}))
        }
        "POST" => in_json(201, &json!({"id": "1", "name": "a"})),
        _ => in_json(200, &json!([{"id": "1", "name": "a"}])),
    });
    let line = format!("run {} --openapi api.json --checks ctype-refusal-not-415,ratelimit-*", server.url());
    let found = |config: &str| {
        place.write("proofhouse.toml", config);
        place.proofhouse(&line).expect(&[0, 1, 5]);
        let report = place.read_json("reports/latest/report.json");
        let findings = report["findings"].as_array().expect("a list").iter();
        let mut found: Vec<_> = findings
            .map(|finding| {
                let text = |member: &str| finding[member].as_str().expect("text").to_owned();
                format!("{} {} {}", text("severity"), text("check"), finding["operation"]["path"])
            })
            .collect();
        found.sort_unstable();
        found
    };
    assert_eq!(found(""), ["low ctype-refusal-not-415 \"/items\""]);
    assert_eq!(
        found("[gate]\nstrict = [\"media-type\", \"rate-limit\"]\n"),
        [
            "medium ctype-refusal-not-415 \"/items\"",
            "medium ratelimit-missing \"/items\"",
            "medium ratelimit-missing \"/items/{id}\""
        ]
    );
}

#[test]
fn what_resets_by_its_name_is_sent_to_disposable_data_only() {
    let place = Place::new();
    let mut document: serde_json::Value = serde_json::from_str(&api::document()).expect("JSON");
    document["paths"]["/reset"] = json!({"post": {"responses": {"204": {"description": "empty"}}}});
    place.write("api.json", document.to_string());
    let resets = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&resets);
    let server = Server::answering(move |asked| match (asked.method.as_str(), asked.target.as_str()) {
        ("POST", "/reset") => {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            in_json(200, &json!({}))
        }
        ("POST", _) => in_json(201, &json!({"id": "1", "name": "a"})),
        _ => in_json(200, &json!([{"id": "1", "name": "a"}])),
    });
    let line = format!("run {} --openapi api.json --requests 300", server.url());
    let shared = place.proofhouse(&line).expect(&[0, 1, 5]);
    assert_eq!(resets.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert!(shared.out().contains("never sent: by its name it resets"), "{}", shared.said());
    place.write("proofhouse.toml", "[scope]\ndata = \"disposable\"\n");
    place.proofhouse(&line).expect(&[0, 1, 5]);
    assert!(resets.load(std::sync::atomic::Ordering::SeqCst) > 0);
}
