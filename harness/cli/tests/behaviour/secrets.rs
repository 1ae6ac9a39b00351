//! No secret is ever written or shown, however a target gives it back: not configured ones, and not those of the run.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

use crate::support::{Asked, Ended, Place, Server, answer, api, json as in_json};

/// The ways in which a secret may be written down.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let percent = |small: bool| -> String {
        let one = |byte: &u8| match byte {
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                char::from(*byte).to_string()
            }
            byte if small => format!("%{byte:02x}"),
            byte => format!("%{byte:02X}"),
        };
        bytes.iter().map(one).collect()
    };
    let escaped = serde_json::to_string(secret).expect("text");
    let mut forms = vec![
        secret.to_owned(),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        hex.to_uppercase(),
        hex,
        percent(false),
        percent(true),
        escaped[1..escaped.len() - 1].to_owned(),
    ];
    forms.dedup();
    forms
}

/// Searches everything that was written or said.
#[track_caller]
fn finds_none(place: &Place, ended: &[&Ended], secrets: &BTreeSet<String>) {
    let mut texts: Vec<(String, Vec<u8>)> = Vec::new();
    for folder in ["reports", "corpora"] {
        for file in place.files(folder) {
            texts.push((file.display().to_string(), std::fs::read(&file).expect("readable")));
        }
    }
    for (index, ended) in ended.iter().enumerate() {
        texts.push((format!("stdout {index}"), ended.stdout.clone()));
        texts.push((format!("stderr {index}"), ended.stderr.clone()));
    }
    for (name, text) in &texts {
        let text = String::from_utf8_lossy(text);
        for secret in secrets {
            for form in forms(secret) {
                if let Some(at) = text.find(&form) {
                    let from = (0..=at.saturating_sub(300)).rev().find(|at| text.is_char_boundary(*at));
                    panic!(
                        "{name} holds {secret:?} as {form:?}: {}",
                        &text[from.unwrap_or(0)..at + form.len()]
                    );
                }
            }
            // Nor most of one, as where a text was cut.
            let most: String = secret.chars().take(secret.chars().count() * 3 / 4).collect();
            assert!(most.len() < 9 || !text.contains(&most), "{name} holds the beginning of {secret:?}");
        }
    }
}

/// Whole JSON web tokens: genuine ones, and those that were forged from them.
#[track_caller]
fn holds_no_token(place: &Place, ended: &Ended) {
    let mut texts = vec![("stdout".to_owned(), ended.out()), ("stderr".to_owned(), ended.err())];
    for file in place.files("reports").into_iter().chain(place.files("corpora")) {
        texts.push((
            file.display().to_string(),
            String::from_utf8(std::fs::read(&file).expect("readable")).expect("text"),
        ));
    }
    let in_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    for (name, text) in &texts {
        for word in text.split(|c: char| !in_token(c)).filter(|word| word.starts_with("eyJ")) {
            let segments: Vec<_> = word.split('.').collect();
            assert!(segments.len() < 3, "{name} holds a token: {word}");
        }
    }
}

#[test]
fn of_the_range_by_itself() {
    let place = Place::new();
    let ended =
        place.run(["run", "--time", "10s", "--report-dir", "reports/a"].map(str::to_owned)).expect(&[1]);
    holds_no_token(&place, &ended);
}

#[test]
fn of_a_range_whose_accounts_are_known() {
    let home = Place::new();
    let mut range = home.start(["range", "--port", "0"].map(str::to_owned).into_iter().chain(api::defects()));
    let first = range.wait_for_result("listens on");
    let url = first.split_whitespace().find_map(|word| word.strip_suffix(';')).expect("a URL").to_owned();
    let (mut identities, mut secrets) = (Vec::new(), BTreeSet::new());
    for name in ["alice", "bob", "olga", "reports", "kitchen"] {
        let line = range.wait_for_result(&format!("'{name}@"));
        let spec = line.split('\'').nth(1).expect("quoted").to_owned();
        let secret = match spec.split_once(":/login:") {
            Some((_, login)) => {
                let body = login.strip_suffix(":/access_token").expect("a pointer");
                let body: Json = serde_json::from_str(body).expect("a body");
                body["password"].as_str().expect("text").to_owned()
            }
            None => spec.rsplit(':').next().expect("a part").to_owned(),
        };
        assert!(secret.len() > 10, "{line}");
        secrets.insert(secret);
        identities.extend(["--identity".to_owned(), spec]);
    }
    let place = Place::new();
    let arguments = ["run", &url, "--time", "10s", "--seed", "2"].map(str::to_owned);
    let ended = place.run(arguments.into_iter().chain(identities.clone())).expect(&[1]);
    finds_none(&place, &[&ended], &secrets);
    holds_no_token(&place, &ended);
    let report = place.read_json("reports/latest/report.json");
    let files: Vec<_> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| format!("corpora/{}", finding["case_file"].as_str().expect("text")))
        .collect();
    assert!(files.len() >= 4, "{files:?}");
    let arguments = ["replay", "--times", "1", "--target", &url].map(str::to_owned);
    let replayed = place.run(arguments.into_iter().chain(files).chain(identities)).expect(&[1]);
    finds_none(&place, &[&replayed], &secrets);
    holds_no_token(&place, &replayed);
    range.kill();
}

/// An API that gives back whatever it gets, in every form, in every place.
struct Gossip {
    issued: Arc<Mutex<BTreeSet<String>>>,
    server: Server,
}

const PASSWORD: &str = "p\u{e4}ss\"w/ord+%&<end>~alice";
const KEY: &str = "api-key+of/bob==0123456789";
const EXTRA: &str = "extra-header-secret-0123456789";

impl Gossip {
    fn start() -> Self {
        let issued: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let (tokens, count) = (Arc::clone(&issued), AtomicUsize::new(0));
        let mint = move |kind: &str| {
            let number = count.fetch_add(1, Ordering::SeqCst);
            // Not to be told apart from words by any alphabet, and with what each encoding treats in its own way.
            let token = format!(
                "{kind}+tok/{number:04}~{:016x}==",
                (number as u64 + 77).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            );
            tokens.lock().expect("whole").insert(token.clone());
            token
        };
        let server = Server::answering(move |asked| gossip(asked, &mint));
        Self { issued, server }
    }
}

fn gossip(asked: &Asked, mint: &dyn Fn(&str) -> String) -> Vec<u8> {
    let body: Json = serde_json::from_slice(&asked.body).unwrap_or_default();
    if asked.path() == "/login" {
        if body["password"] != PASSWORD {
            let echo = json!({"detail": format!("{} is not the password", body["password"])});
            return in_json(401, &echo);
        }
        let cookie = mint("cookie");
        let headers = format!("Content-Type: application/json\r\nSet-Cookie: sid={cookie}; HttpOnly\r\n");
        let tokens = json!({"token": mint("token"), "refresh_token": mint("refresh"), "alice": true});
        return answer(200, &headers, tokens.to_string());
    }
    let credential = asked.header("authorization").or(asked.header("x-api-key")).unwrap_or_default();
    let secret = credential.strip_prefix("Bearer ").unwrap_or(credential).to_owned();
    if secret.is_empty() {
        return in_json(401, &json!({"detail": "who?"}));
    }
    let all = [secret.as_str(), PASSWORD, KEY, asked.header("x-extra").unwrap_or_default()];
    let every: Vec<String> = all.into_iter().filter(|one| !one.is_empty()).flat_map(forms).collect();
    let odd = asked.target.contains(['\'', '%', '"']) || asked.path().len() > 12 || asked.target.len() > 40;
    if odd || asked.method == "POST" {
        // The secrets stand at the beginning, across the place where a transcript is cut, and in the trace.
        let before = every.join(" ");
        let filling = "x".repeat(2_040_usize.saturating_sub(before.len() % 2_040));
        let trace = format!(
            "Traceback (most recent call last):\n  File \"/srv/{secret}.py\", line 88, in {secret}\n    raise \
             ValueError('{PASSWORD}')\nValueError: {secret}\n"
        );
        let headers = format!(
            "Content-Type: text/plain\r\nX-Echo: {secret}\r\nX-Echo-Base64: {}\r\n",
            STANDARD.encode(&secret)
        );
        return answer(500, &headers, format!("{trace}{filling}{before}{filling}{before}"));
    }
    match asked.path() {
        "/items" => in_json(200, &json!([{"id": "1", "name": secret, "echo": every}])),
        _ => in_json(200, &json!({"id": "1", "name": "one", "api_token": mint("found"), "echo": every})),
    }
}

#[test]
fn of_an_api_that_gives_everything_back() {
    let gossip = Gossip::start();
    let place = Place::new();
    let mut document: Json = serde_json::from_str(&api::document()).expect("JSON");
    document["paths"]["/login"]["post"] = json!({
        "security": [],
        "x-rate-limit": {"count": 10, "window": "1s", "per": "account", "answer": 429},
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
            "type": "object", "required": ["name", "password"],
            "properties": {"name": {"type": "string"}, "password": {"type": "string"}}}}}},
        "responses": {"200": {"description": "logged in"}},
    });
    place.write("api.json", document.to_string());
    let login = json!({"name": "alice", "password": PASSWORD}).to_string();
    let arguments = [
        "run",
        &gossip.server.url(),
        "--openapi",
        "api.json",
        "--time",
        "8s",
        "--seed",
        "4",
        "--header",
        &format!("X-Extra: {EXTRA}"),
        "--header",
        &format!("X-Api-Token: {EXTRA}"),
        "--identity",
        &format!("alice@customer=login:POST:/login:{login}:/token"),
        "--identity",
        &format!("bob@customer=apikey:header:X-API-Key:{KEY}"),
    ];
    let ended = place.run(arguments).expect(&[1]);
    let mut secrets: BTreeSet<String> = [PASSWORD, KEY, EXTRA].map(str::to_owned).into();
    secrets.extend(gossip.issued.lock().expect("whole").iter().cloned());
    assert!(secrets.len() > 4);
    finds_none(&place, &[&ended], &secrets);
    let report = place.read_json("reports/latest/report.json");
    let findings = report["findings"].as_array().expect("a list");
    let login_attacked = findings.iter().any(|finding| finding["operation"]["path"] == "/login");
    let traces = findings.iter().any(|finding| finding["check"] == "error-stack-trace");
    assert!(login_attacked && traces, "too little was found to leak anything: {}", ended.said());
    let text = String::from_utf8(place.read("reports/latest/report.json")).expect("text");
    assert!(
        text.contains("‹alice.secret›") && text.contains("‹bob.secret›"),
        "the secrets never came near the report"
    );
}
