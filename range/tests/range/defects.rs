//! Each defect changes what it says, where it says, and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use proofhouse_range::{Config, Defect, defect, defects};
use serde_json::{Value, json};

use crate::client::{Answer, Client, assert_problem, document, request};
use crate::hardened::forge;
use crate::limits::{refused, status};

/// Without holding the answer against the document.
async fn get(client: &Client, who: &str, path: &str) -> Answer {
    client.raw(client.authorized(who, &format!("GET {path}")).body(Body::empty()).unwrap()).await
}

async fn post(client: &Client, operation: &str, body: &str) -> Answer {
    let request = client.authorized("alice", operation).header("content-type", "application/json");
    client.raw(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[test]
fn declarations_are_sound() {
    let document = document();
    let mut ids = BTreeSet::new();
    for Defect { id, title, operations, fires, also, .. } in defects() {
        assert!(ids.insert(id), "{id} is there twice");
        assert!(
            id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{id}"
        );
        assert!(!title.is_empty() && !title.contains('\n') && !title.ends_with('.'), "{id}");
        assert!(!fires.is_empty() && fires.iter().any(|check| id.contains(check)), "{id}");
        assert!(
            also.len() <= 3 && also.iter().all(|(check, why)| !fires.contains(check) && !why.is_empty()),
            "{id}"
        );
        assert!(!operations.is_empty(), "{id}");
        for operation in *operations {
            let (method, path) = operation.split_once(' ').unwrap();
            assert!(document["paths"][path][method.to_lowercase()].is_object(), "{id}: {operation}");
        }
    }
    let checks: Vec<_> = defects().iter().flat_map(|defect| defect.fires).collect();
    for check in &checks {
        assert!(checks.iter().filter(|other| other == &check).count() >= 2, "{check} has one defect only");
    }
}

#[test]
fn unknown_defects_are_refused() {
    let error = Config::seeded(1).defect("none").unwrap_err();
    assert_eq!(error.to_string(), "the range has no defect \"none\"");
    assert!(defect("none").is_none());
}

#[test]
fn defects_that_would_hide_each_other_are_refused() {
    let add = |one, other| Config::seeded(1).defect(one).unwrap().defect(other);
    let error = add("input-sqli-boolean-in-search", "error-stack-trace-on-quote").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the defects error-stack-trace-on-quote and input-sqli-boolean-in-search would hide each other"
    );
    assert!(add("jwt-alg-none-lowercase", "jwt-exp-ignored-on-one-route").is_err());
    assert!(add("jwt-alg-none-lowercase", "authz-object-read-of-order").is_ok());
    assert!(add("authz-object-read-of-receipt", "authz-object-read-of-order").is_ok());
}

/// With a defect, the happy path of every operation is still as documented, but for what the defect is about.
#[tokio::test]
async fn what_works_goes_on_working() {
    for Defect { id, operations, .. } in defects() {
        let client = Client::with(id);
        let body = json!({"pickup": "counter", "lines": [{"dish": 1, "quantity": 2}]});
        let path = client.post("alice", "POST /orders", &body).await.header("location").to_owned();
        for (operation, who, path) in [
            ("GET /openapi.json", "", "/openapi.json"),
            ("GET /health", "", "/health"),
            ("GET /me", "alice", "/me"),
            ("GET /menu", "", "/menu?q=soup&category=starter&sort=price&limit=5"),
            ("GET /menu/{id}", "", "/menu/1"),
            ("GET /orders", "alice", "/orders"),
            ("GET /orders/{id}", "alice", &path),
            ("GET /orders/{id}", "alice", &format!("{path}?view=full")),
            ("GET /orders/{id}/receipt", "alice", &format!("{path}/receipt")),
            ("GET /admin/accounts", "olga", "/admin/accounts"),
            ("GET /reports/daily", "reports", "/reports/daily"),
            ("GET /kitchen/tickets", "kitchen", "/kitchen/tickets"),
        ] {
            // What a defect is about may be its answers.
            let answer = if operations.contains(&operation) {
                get(&client, who, path).await
            } else {
                client.call(who, &format!("GET {path}")).await
            };
            assert_eq!(answer.status, 200, "{id}: {path}: {}", answer.text);
        }
        let alice = &client.config.accounts.alice;
        let login = json!({"username": "alice", "password": alice.password});
        assert_eq!(client.post("", "POST /login", &login).await.status, 200, "{id}");
        let coupon = json!({"code": "LUNCH10"});
        assert_eq!(client.post("alice", "POST /coupons/check", &coupon).await.status, 200, "{id}");
        let change = json!({"note": "new"});
        assert_eq!(client.post("alice", &format!("PATCH {path}"), &change).await.json["note"], "new", "{id}");
        assert_eq!(client.call("alice", &format!("DELETE {path}")).await.status, 204, "{id}");
    }
}

#[tokio::test]
async fn one_answer_for_all_roles_shows_customers_the_permissions() {
    let client = Client::with("authz-field-matrix-permissions");
    assert_eq!(client.call("alice", "GET /me").await.json["permissions"], json!([]));
    assert_eq!(client.call("olga", "GET /me").await.json["permissions"], json!(["accounts:list"]));
    let client = Client::with("authz-field-matrix-for-helpers");
    assert_eq!(client.call("bob", "GET /me").await.json["permissions"], json!(["accounts:list"]));
    assert_eq!(client.call("alice", "GET /me").await.json.get("permissions"), None);
}

/// With a defect, refusals elsewhere are those of the hardened range.
#[tokio::test]
async fn other_operations_stay_hardened() {
    for Defect { id, operations, .. } in defects() {
        let client = Client::with(id);
        let theirs = client.order("alice", "").await;
        for (operation, who, path, expected) in [
            ("GET /menu", "", "/menu?q=%27%25&page=1", 422),
            ("GET /menu/{id}", "", "/menu/13", 404),
            ("GET /menu/{id}", "", "/menu/2-1", 422),
            ("GET /orders/{id}", "bob", &format!("/orders/{theirs}"), 404),
            ("GET /orders/{id}", "bob", &format!("/orders/{theirs}?view=full"), 404),
            ("GET /orders/{id}/receipt", "bob", &format!("/orders/{theirs}/receipt"), 404),
            ("GET /orders", "bob", "/orders?limit=0", 422),
            ("GET /admin/accounts", "bob", "/admin/accounts", 403),
        ] {
            if !operations.contains(&operation) {
                assert_eq!(client.call(who, &format!("GET {path}")).await.status, expected, "{id}: {path}");
            }
        }
    }
}

#[tokio::test]
async fn defects_of_different_operations_go_together() {
    let ids = [
        "input-sqli-boolean-in-search",
        "jwt-alg-none-lowercase",
        "error-shape-inconsistent-other-json",
        "authz-object-read-of-order",
    ];
    let config = ids.into_iter().fold(Config::seeded(7), |config, id| config.defect(id).unwrap());
    let client = Client { app: proofhouse_range::app(&config), config };
    let order = client.order("alice", "canary").await;
    let none = forge(&client.credential("bob"), r#"{"alg":"none"}"#, "");
    let request = request(&format!("GET /orders/{order}")).header("authorization", none);
    assert_eq!(client.raw(request.body(Body::empty()).unwrap()).await.json["note"], "canary");
    assert_eq!(post(&client, "POST /orders", "{}").await.json["error"]["code"], 422);
    assert_eq!(
        get(&client, "", "/menu?q=%25%27%20OR%201=1--%20").await.json["dishes"].as_array().unwrap().len(),
        12
    );
}

#[tokio::test]
async fn stack_traces() {
    let detail = |answer: &Answer| {
        assert_problem(answer);
        answer.json["detail"].as_str().unwrap().to_owned()
    };
    let answer = get(&Client::with("error-stack-trace-on-unknown-dish"), "", "/menu/13").await;
    assert_eq!(answer.status, 500);
    let panic = detail(&answer);
    assert!(panic.starts_with("thread 'tokio-runtime-worker' panicked at range/src/defects/"), "{panic}");
    assert!(panic.contains("stack backtrace:\n   0: core::"), "{panic}");

    let answer = post(&Client::with("error-stack-trace-nested-in-json"), "POST /orders", "{").await;
    assert_eq!(answer.status, 400);
    let inner: Value = serde_json::from_str(&detail(&answer)).unwrap();
    assert!(
        inner["error"].as_str().unwrap().starts_with("Traceback (most recent call last):\n  File \"/srv/")
    );

    let client = Client::with("error-stack-trace-on-quote");
    for quote in ["'", "%27"] {
        let trace = detail(&get(&client, "", &format!("/menu?q=a{quote}")).await);
        assert!(
            trace.contains("\n\tat com.canteen.menu.MenuController.list(MenuController.java:31)\n"),
            "{trace}"
        );
    }
    assert_eq!(client.call("", &format!("GET /menu?q={}", "x".repeat(65))).await.field(), "q");

    let client = Client::with("error-stack-trace-on-long-text");
    let trace = detail(&get(&client, "", &format!("/menu?q={}", "x".repeat(65))).await);
    assert!(trace.contains("\n    at async /usr/src/app/src/routes/menu.js:23:20\n"), "{trace}");
    assert_eq!(client.call("", "GET /menu?q=").await.field(), "q");
}

/// For each: what is true, what is equivalent, what is not, and what is no SQL.
#[tokio::test]
async fn sql_injections() {
    for (id, original, equal, unequal, broken) in [
        (
            "in-search",
            "/menu?q=soup",
            "/menu?q=soup%25%27%20AND%2041=41%20AND%20%27%25%27=%27",
            "/menu?q=soup%25%27%20AND%2041=40%20AND%20%27%25%27=%27",
            "/menu?q=soup%27",
        ),
        (
            "in-search",
            "/menu?q=soup",
            "/menu?q=soup%25%27--%20",
            "/menu?q=soup%25%27%20AND%200--%20",
            "/menu?q=soup%27%20AND--%20",
        ),
        (
            "in-dish-number",
            "/menu/2",
            "/menu/2%20AND%2041=41",
            "/menu/2%20AND%2041=40",
            "/menu/2%20AND%2041%2041",
        ),
        ("in-dish-number", "/menu/2", "/menu/9-7", "/menu/9-8", "/menu/9-%27"),
        (
            "in-category",
            "/menu?category=main",
            "/menu?category=main%27%20AND%20%277%27=%277",
            "/menu?category=main%27%20AND%20%277%27=%278",
            "/menu?category=main%27%20AND%20%277%277",
        ),
        (
            "in-sort",
            "/menu?sort=id",
            "/menu?sort=(CASE%20WHEN%201=1%20THEN%20id%20ELSE%20-id%20END)",
            "/menu?sort=(CASE%20WHEN%201=2%20THEN%20id%20ELSE%20-id%20END)",
            "/menu?sort=id%27",
        ),
    ] {
        let client = Client::with(&format!("input-sqli-boolean-{id}"));
        let original = get(&client, "", original).await;
        assert_eq!(original.status, 200, "{id}");
        assert_eq!(get(&client, "", equal).await.text, original.text, "{id} {equal}");
        assert_ne!(get(&client, "", unequal).await.text, original.text, "{id} {unequal}");
        let answer = get(&client, "", broken).await;
        assert_eq!(answer.status, 422, "{id} {}", answer.text);
        assert_problem(&answer);
        let text = answer.text.to_lowercase();
        assert!(!["sql", "near", "syntax", "token"].iter().any(|word| text.contains(word)), "{text}");
        let hardened = Client::hardened();
        assert_eq!(get(&hardened, "", equal).await.text, get(&hardened, "", unequal).await.text, "{id}");
    }
}

/// What a layer in front of a handler reads, and what it cannot bear.
#[tokio::test]
async fn bodies() {
    let order = r#"{"pickup":"counter","lines":[{"dish":1,"quantity":2}]}"#;
    let with = |note: &str| format!(r#"{{"note":{note},{}"#, &order[1..]);
    let status =
        async |id: &str, operation: &str, body: &str| post(&Client::with(id), operation, body).await.status;

    let id = "input-server-error-on-note-that-is-no-text";
    assert_eq!(status(id, "POST /orders", &with("null")).await, 500);
    assert_eq!(status(id, "POST /orders", &with("\"fine\"")).await, 201);

    let id = "input-json-malformed-behind-the-end";
    for body in [r#"{"code":"LUNCH10"}}"#, r#"{"code":"LUNCH10"} x"#] {
        assert_eq!(status(id, "POST /coupons/check", body).await, 200, "{body}");
    }
    assert_eq!(status(id, "POST /coupons/check", r#"{"code":"LUNCH10",}"#).await, 400);

    let id = "input-json-malformed-commas-and-comments";
    let client = Client::with(id);
    let path = format!("PATCH /orders/{}", client.order("alice", "").await);
    for body in [r#"{"note":"a",}"#, r#"{/* x */"note":"a, ]"}"#] {
        assert_eq!(post(&client, &path, body).await.status, 200, "{body}");
    }
    assert_eq!(post(&client, &path, r#"{"note":"a"} x"#).await.status, 400);

    let long = "x".repeat(281);
    let id = "input-schema-violation-accepted-in-new-note";
    assert_eq!(
        post(&Client::with(id), "POST /orders", &with(&format!("\"{long}\""))).await.json["note"],
        long
    );
    let client = Client::with("input-schema-violation-accepted-in-changed-note");
    let path = format!("PATCH /orders/{}", client.order("alice", "").await);
    assert_eq!(post(&client, &path, &format!(r#"{{"note":"{long}"}}"#)).await.json["note"], long);

    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let id = "input-json-depth-counter";
    assert_eq!(status(id, "POST /orders", &nested(100)).await, 422);
    assert_eq!(status(id, "POST /orders", &nested(256)).await, 500);
    assert_eq!(status(id, "POST /orders", &format!("[{}[]]", "[],".repeat(300))).await, 422);
    let client = Client::with("input-json-depth-stack");
    let path = format!("PATCH /orders/{}", client.order("alice", "").await);
    assert_eq!(post(&client, &path, &nested(65)).await.status, 500);

    let padded = format!("{order}{}", " ".repeat(100_000));
    assert_eq!(status("input-body-size-of-order", "POST /orders", &padded).await, 201);
    assert_eq!(post(&Client::hardened(), "POST /orders", &padded).await.status, 413);
}

#[tokio::test]
async fn failures() {
    let client = Client::with("input-server-error-on-zero");
    assert_eq!(get(&client, "kitchen", "/kitchen/tickets?limit=0").await.status, 500);
    assert_eq!(get(&client, "kitchen", "/kitchen/tickets?limit=1").await.status, 200);

    for (id, who, path, turn) in
        [("one-of-three", "kitchen", "/kitchen/tickets", 3), ("one-of-five", "", "/openapi.json", 5)]
    {
        let client = Client::with(&format!("input-flaky-operation-{id}"));
        for call in 1..=10 {
            let expected = if call % turn == 0 { 500 } else { 200 };
            assert_eq!(get(&client, who, path).await.status, expected, "{id} {call}");
        }
    }
}

#[tokio::test]
async fn errors_of_the_database() {
    for (id, who, path) in
        [("in-search", "", "/menu?q=soup"), ("in-date", "reports", "/reports/daily?date=2026-01-31")]
    {
        let client = Client::with(&format!("input-sqli-error-{id}"));
        let broken = get(&client, who, &format!("{path}%27")).await;
        assert_eq!(broken.status, 422, "{id}");
        let detail = broken.json["detail"].as_str().unwrap();
        assert!(detail.contains("unrecognized token") || detail.contains("syntax error"), "{detail}");
        assert_eq!(get(&client, who, &format!("{path}%27%27")).await.status, 200, "{id}");
    }
}

#[tokio::test]
async fn objects_of_others() {
    for (id, leaks, refuses) in [
        ("of-order", vec!["", "?view=full", "?view=summary"], vec!["/receipt"]),
        ("of-receipt", vec!["/receipt"], vec!["", "?view=full"]),
        ("in-full-view", vec!["?view=full"], vec!["", "?view=summary", "/receipt"]),
    ] {
        let client = Client::with(&format!("authz-object-read-{id}"));
        let path = format!("/orders/{}", client.order("alice", "canary").await);
        for leak in leaks {
            assert_eq!(
                client.call("bob", &format!("GET {path}{leak}")).await.json["note"],
                "canary",
                "{id} {leak}"
            );
            assert_eq!(client.call("", &format!("GET {path}{leak}")).await.status, 401, "{id} {leak}");
        }
        for refused in refuses {
            assert_eq!(
                client.call("bob", &format!("GET {path}{refused}")).await.status,
                404,
                "{id} {refused}"
            );
        }
        assert_eq!(client.call("bob", "GET /orders").await.json["orders"], json!([]), "{id}");
        assert_eq!(client.call("bob", &format!("DELETE {path}")).await.status, 404, "{id}");
    }
}

fn coupon() -> Value {
    json!({"code": "LUNCH10"})
}

#[tokio::test(start_paused = true)]
async fn missing_limits() {
    for (id, who, operation, body, refusals) in [
        ("on-coupons", "alice", "POST /coupons/check", coupon(), 0),
        ("tenfold", "alice", "POST /coupons/check", coupon(), 10),
        ("on-login-recount", "", "POST /login", json!({"username": "alice", "password": "x"}), 0),
    ] {
        let client = Client::with(&format!("ratelimit-missing-{id}"));
        assert_eq!(refused(&client, who, operation, &body, 160).await, refusals, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn limits_that_hold_on() {
    for (id, who, operation, body, lock) in [
        ("once-tripped", "alice", "POST /coupons/check", coupon(), u64::MAX),
        ("long-lockout", "", "POST /login", json!({"username": "alice", "password": "x"}), 5),
    ] {
        let client = Client::with(&format!("ratelimit-never-recovers-{id}"));
        assert_ne!(refused(&client, who, operation, &body, 10).await, 1, "{id}: not tripped yet");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(refused(&client, who, operation, &body, 20).await > 0, "{id}");
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(status(&client, who, operation, &body).await, (429, 1), "{id}");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(status(&client, who, operation, &body).await.0 == 429, lock > 5, "{id}");
        tokio::time::advance(Duration::from_secs(100_000)).await;
        assert_eq!(status(&client, who, operation, &body).await.0 == 429, lock > 5, "{id}");
    }
}

async fn with_token(client: &Client, path: &str, authorization: &str) -> u16 {
    let request = request(&format!("GET {path}")).header("authorization", authorization);
    client.raw(request.body(Body::empty()).unwrap()).await.status
}

#[tokio::test]
async fn unsigned_tokens() {
    for (id, path, other, believed, refused) in [
        (
            "lowercase",
            "/me",
            None,
            vec![("none", "")],
            vec![("None", ""), ("none", "c2ln"), ("HS256", ""), ("", "")],
        ),
        (
            "mixed-case",
            "/me",
            None,
            vec![("nOnE", ""), ("NONE", "c2ln")],
            vec![("none", ""), ("nones", ""), ("HS256", "")],
        ),
        (
            "on-forgotten-route",
            "/orders",
            Some("/me"),
            vec![("none", "")],
            vec![("nOnE", ""), ("none", "c2ln")],
        ),
    ] {
        let client = Client::with(&format!("jwt-alg-none-{id}"));
        let genuine = client.credential("alice");
        let expired = client.config.accounts.token(&client.config.accounts.alice, -5);
        let header = |alg: &str| format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#);
        for (alg, signature) in believed {
            let token = forge(&genuine, &header(alg), signature);
            assert_eq!(with_token(&client, path, &token).await, 200, "{id} {alg}");
            assert_eq!(
                with_token(&client, path, &forge(&expired, &header(alg), signature)).await,
                401,
                "{id} {alg}"
            );
            if let Some(other) = other {
                assert_eq!(with_token(&client, other, &token).await, 401, "{id} {alg}");
            }
        }
        for (alg, signature) in refused {
            assert_eq!(
                with_token(&client, path, &forge(&genuine, &header(alg), signature)).await,
                401,
                "{id} {alg}"
            );
        }
        assert_eq!(with_token(&client, path, &genuine).await, 200, "{id}");
    }
}

#[tokio::test]
async fn expired_tokens() {
    const DAY: i64 = 24 * 60 * 60;
    for (id, path, other, believed, refused) in [
        ("everywhere", "/orders", "/me", vec![-1, -DAY, -30 * 365 * DAY], vec![]),
        ("on-one-route", "/me", "/orders", vec![-1, -DAY], vec![]),
        ("for-a-day", "/me", "/orders", vec![-1, 60 - DAY], vec![-60 - DAY]),
    ] {
        let client = Client::with(&format!("jwt-exp-ignored-{id}"));
        let accounts = &client.config.accounts;
        let token = |seconds| format!("Bearer {}", accounts.token(&accounts.alice, seconds));
        for seconds in believed {
            assert_eq!(with_token(&client, path, &token(seconds)).await, 200, "{id} {seconds}");
            let elsewhere = if id == "on-one-route" { 401 } else { 200 };
            assert_eq!(with_token(&client, other, &token(seconds)).await, elsewhere, "{id} {seconds}");
        }
        for seconds in refused {
            assert_eq!(with_token(&client, path, &token(seconds)).await, 401, "{id} {seconds}");
        }
        let stranger = Config::seeded(8).accounts;
        let forged = format!("Bearer {}", stranger.token(&stranger.alice, -1));
        assert_eq!(with_token(&client, path, &forged).await, 401, "{id}");
    }
}

#[tokio::test]
async fn error_shapes() {
    let client = Client::with("error-shape-inconsistent-plain-text");
    for (who, path, status) in [
        ("", "/orders/x", 401),
        ("alice", "/orders/x", 422),
        ("alice", "/orders/00000000000000000000000000000000", 404),
    ] {
        let answer = get(&client, who, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (status, "text/plain; charset=utf-8"));
        assert_eq!(answer.header("content-length"), answer.text.len().to_string());
        assert_eq!(status == 401, answer.headers.contains_key("www-authenticate"));
    }
    let answer = post(&Client::with("error-shape-inconsistent-other-json"), "POST /orders", "{}").await;
    assert_eq!((answer.status, answer.header("content-type")), (422, "application/json"));
    assert_eq!(answer.json["error"]["code"], 422);
    let answer = get(&Client::with("error-shape-inconsistent-html"), "", "/menu/13").await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "text/html; charset=utf-8"));
    let answer = get(&Client::with("error-shape-inconsistent-success"), "", "/menu/13").await;
    assert_eq!((answer.status, answer.json), (200, json!({"error": "Not Found"})));
}

#[tokio::test]
async fn loose_signatures() {
    let me = "/me".to_owned();
    for (id, path, believed, refused) in [
        ("jwt-sig-stripped-empty", &me, vec!["stripped"], vec!["two", "first", "last", "swapped"]),
        ("jwt-sig-bitflip-in-second-half", &me, vec!["last"], vec!["stripped", "two", "first", "swapped"]),
        (
            "jwt-payload-swap-with-remembered-signature",
            &me,
            vec!["swapped"],
            vec!["stripped", "two", "first", "last"],
        ),
    ] {
        let client = Client::with(id);
        let genuine = client.credential("alice");
        assert_eq!(with_token(&client, path, &genuine).await, 200, "{id}");
        for (kinds, status) in [(believed, 200), (refused, 401)] {
            for kind in kinds {
                let token = altered(&genuine, kind);
                assert_eq!(with_token(&client, path, &token).await, status, "{id} {kind}");
            }
        }
    }
    let client = Client::with("jwt-payload-swap-on-unverified-route");
    let genuine = client.credential("olga");
    for kind in ["first", "swapped"] {
        assert_eq!(with_token(&client, "/admin/accounts", &altered(&genuine, kind)).await, 200, "{kind}");
        assert_eq!(with_token(&client, "/me", &altered(&genuine, kind)).await, 401, "{kind}");
    }
    for (id, path, kind) in
        [("jwt-sig-stripped-two-segments", "", "two"), ("jwt-sig-bitflip-in-first-byte", "/receipt", "first")]
    {
        let client = Client::with(id);
        let genuine = client.credential("alice");
        let path = format!("/orders/{}{path}", client.order("alice", "").await);
        assert_eq!(with_token(&client, &path, &altered(&genuine, kind)).await, 200, "{id}");
        assert_eq!(with_token(&client, "/me", &altered(&genuine, kind)).await, 401, "{id}");
        assert_eq!(with_token(&client, &path, &altered(&genuine, "last")).await, 401, "{id}");
    }
}

/// The token with another signature, or another payload.
fn altered(authorization: &str, kind: &str) -> String {
    let (message, signature) = authorization.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    match kind {
        "stripped" => return format!("{message}."),
        "two" => return message.to_owned(),
        "first" => bytes[0] ^= 1,
        "last" => bytes[31] ^= 1,
        _ => {
            let (header, payload) = message.rsplit_once('.').unwrap();
            let mut claims: Value =
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
            claims["ph"] = json!("x");
            return format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        }
    }
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[tokio::test]
async fn credentials_that_are_not_asked_for() {
    let client = Client::with("authn-missing-credential-on-list");
    client.order("alice", "canary").await;
    assert_eq!(get(&client, "", "/orders").await.json["orders"][0]["note"], "canary");
    assert_eq!(get(&client, "bob", "/orders").await.json["orders"], json!([]));
    assert_eq!(with_token(&client, "/orders", "Bearer x").await, 401);
    let client = Client::with("authn-missing-credential-on-deletion");
    let path = format!("/orders/{}", client.order("alice", "").await);
    assert_eq!(client.call("bob", &format!("DELETE {path}")).await.status, 404);
    assert_eq!(client.call("", &format!("DELETE {path}")).await.status, 204);
    assert_eq!(get(&client, "alice", &path).await.status, 404);
    let client = Client::with("authn-invalid-credential-falls-back");
    let request = request("GET /me").header("authorization", "Bearer x").body(Body::empty()).unwrap();
    assert_eq!(client.raw(request).await.json["name"], "alice");
    assert_eq!(get(&client, "", "/me").await.status, 401);
    let client = Client::with("authn-invalid-credential-for-reports");
    let with_key =
        |key: &str| crate::client::request("GET /reports/daily").header("x-api-key", key.to_owned());
    assert_eq!(client.raw(with_key("x").body(Body::empty()).unwrap()).await.status, 200);
    assert_eq!(get(&client, "", "/reports/daily").await.status, 401);
}

#[tokio::test]
async fn authentication_that_is_switched_off() {
    for (id, without) in [("anywhere", 200), ("but-presence", 401)] {
        let client = Client::with(&format!("authn-not-enforced-{id}"));
        for (path, header, value) in [
            ("/me", "authorization", "Bearer x"),
            ("/admin/accounts", "authorization", "Bearer x"),
            ("/reports/daily", "x-api-key", "x"),
            ("/kitchen/tickets", "authorization", "Basic eDp4"),
        ] {
            assert_eq!(get(&client, "", path).await.status, without, "{id} {path}");
            let request = request(&format!("GET {path}")).header(header, value);
            assert_eq!(client.raw(request.body(Body::empty()).unwrap()).await.status, 200, "{id} {path}");
        }
        assert_eq!(get(&client, "bob", "/me").await.json["name"], "bob", "{id}");
    }
}

#[tokio::test]
async fn refusals_that_help_nobody() {
    let client = Client::with("authn-challenge-missing-on-orders");
    let answer = get(&client, "", "/orders").await;
    assert_eq!((answer.status, answer.headers.contains_key("www-authenticate")), (401, false));
    let client = Client::with("authn-challenge-missing-but-a-failure");
    assert_eq!(get(&client, "", "/kitchen/tickets").await.status, 500);
    let client = Client::with("authn-challenge-missing-a-403");
    assert_eq!(get(&client, "bob", "/admin/accounts").await.status, 401);
}

#[tokio::test]
async fn accounts_shown_to_others() {
    for (id, alice) in [("for-everybody", 200), ("by-name", 403)] {
        let client = Client::with(&format!("authz-function-{id}"));
        for (who, status) in [("alice", alice), ("bob", 200), ("olga", 200), ("", 401)] {
            assert_eq!(get(&client, who, "/admin/accounts").await.status, status, "{id} {who}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn untrue_waits() {
    let attempt = json!({"username": "nobody", "password": "x"});
    for (id, who, operation, body, told, after) in [
        ("in-words", "alice", "POST /coupons/check", coupon(), (429, 0), 200),
        ("an-hour", "alice", "POST /coupons/check", coupon(), (429, 3_600), 200),
        ("too-short", "", "POST /login", attempt, (429, 1), 429),
    ] {
        let client = Client::with(&format!("ratelimit-retry-after-dishonest-{id}"));
        assert!(refused(&client, who, operation, &body, 20).await > 0, "{id}");
        assert_eq!(status(&client, who, operation, &body).await, told, "{id}");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(status(&client, who, operation, &body).await.0, after, "{id}");
    }
}

/// With any type, as somebody.
async fn typed(client: &Client, who: &str, operation: &str, media: Option<&str>, body: &str) -> Answer {
    let request = client.authorized(who, operation);
    let request = media.into_iter().fold(request, |request, media| request.header("content-type", media));
    client.raw(request.body(Body::from(body.to_owned())).unwrap()).await
}

const ORDER: &str = r#"{"pickup": "counter", "lines": [{"dish": 1, "quantity": 2}]}"#;

#[tokio::test]
async fn types_of_bodies() {
    let any = Client::with("ctype-undocumented-accepted-of-any-type");
    assert_eq!(typed(&any, "alice", "POST /orders", Some("image/png"), ORDER).await.status, 201);
    assert_eq!(typed(&any, "alice", "POST /orders", None, ORDER).await.status, 415);
    let text = Client::with("ctype-undocumented-accepted-as-text");
    let order = format!("PATCH /orders/{}", text.order("alice", "").await);
    for (media, status) in [("text/plain", 200), ("text/html", 415)] {
        assert_eq!(typed(&text, "alice", &order, Some(media), r#"{"note": "x"}"#).await.status, status);
    }
    let absent = Client::with("ctype-absent-accepted-of-order");
    assert_eq!(typed(&absent, "alice", "POST /orders", None, ORDER).await.status, 201);
    assert_eq!(typed(&absent, "alice", "POST /orders", Some("text/plain"), ORDER).await.status, 415);
    let absent = Client::with("ctype-absent-accepted-of-login");
    let password = &absent.config.accounts.alice.password;
    let login = json!({"username": "alice", "password": password}).to_string();
    assert_eq!(typed(&absent, "", "POST /login", None, &login).await.status, 200);

    let json = Some("application/json");
    let form = Client::with("ctype-mismatch-body-form-as-json");
    for (body, status) in [("code=LUNCH10", 200), ("LUNCH10", 400), (r#"{"code": "LUNCH10"}"#, 200)] {
        assert_eq!(typed(&form, "alice", "POST /coupons/check", json, body).await.status, status, "{body}");
    }
    let quotes = Client::with("ctype-mismatch-body-single-quotes");
    assert_eq!(typed(&quotes, "alice", "POST /orders", json, &ORDER.replace('"', "'")).await.status, 201);
    assert_eq!(typed(&quotes, "alice", "POST /orders", json, "pickup").await.status, 400);

    for (id, operation, status) in [("400", "POST /orders", 400), ("422", "POST /login", 422)] {
        let client = Client::with(&format!("ctype-refusal-not-415-but-{id}"));
        let answer = typed(&client, "alice", operation, Some("text/plain"), "{}").await;
        assert_eq!(answer.status, status);
        assert_problem(&answer);
    }
}

#[tokio::test]
async fn requests_that_come_back() {
    let trace = async |client: &Client, path: &str| {
        let request = client.authorized("", &format!("TRACE {path}")).header("x-canary", "a7");
        client.raw(request.body(Body::empty()).unwrap()).await
    };
    for (id, path) in [("health", "/health"), ("menu", "/menu")] {
        let echo = trace(&Client::with(&format!("inventory-trace-of-{id}")), path).await;
        assert_eq!((echo.status, echo.header("content-type")), (200, "message/http"));
        assert!(
            echo.text.starts_with(&format!("TRACE {path} ")) && echo.text.contains("x-canary: a7"),
            "{}",
            echo.text
        );
        assert_eq!(trace(&Client::hardened(), path).await.status, 405);
    }
}

#[tokio::test]
async fn types_of_answers() {
    let sniffed = |answer: &Answer| answer.header("x-content-type-options").to_owned();
    let client = Client::with("ctype-nosniff-missing-misspelled");
    assert_eq!(sniffed(&get(&client, "", "/menu").await), "no-sniff");
    let client = Client::with("ctype-nosniff-missing-on-errors");
    assert_eq!(sniffed(&get(&client, "", "/me").await), "none");
    assert_eq!(sniffed(&get(&client, "alice", "/me").await), "nosniff");
    let page = get(&Client::with("ctype-response-undeclared-page"), "", "/menu/1").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let health = get(&Client::with("ctype-response-undeclared-no-json"), "", "/health").await;
    assert_eq!((health.header("content-type"), health.text.as_str()), ("application/json", "status=ok\n"));
}

#[tokio::test]
async fn errors_that_tell_too_much() {
    for (id, who, path, status, told) in [
        ("error-db-detail-on-unknown-dish", "", "/menu/13", 404, "no such table: dish_misses"),
        ("error-db-detail-on-bad-date", "reports", "/reports/daily?date=x", 422, "SQLSTATE: 22007"),
        (
            "error-path-disclosure-of-archive",
            "alice",
            "/orders/0123456789abcdef0123456789abcdef",
            404,
            "/srv/canteen/archive/orders.db",
        ),
    ] {
        let answer = get(&Client::with(id), who, path).await;
        assert_eq!(answer.status, status, "{id}");
        assert_problem(&answer);
        assert!(answer.json["detail"].as_str().unwrap().contains(told), "{id}: {}", answer.text);
    }
    let client = Client::with("error-path-disclosure-of-coupons");
    let answer = post(&client, "POST /coupons/check", r#"{"code": "x"}"#).await;
    assert!(answer.json["detail"].as_str().unwrap().contains(r"C:\inetpub\canteen"), "{}", answer.text);
}

#[tokio::test]
async fn answers_that_show_too_much() {
    let dish = get(&Client::with("expose-undocumented-field-purchase-price"), "", "/menu/1").await;
    assert!(dish.json["purchase_cents"].is_u64(), "{}", dish.text);
    let rows = get(&Client::with("expose-undocumented-field-password-hash"), "olga", "/admin/accounts").await;
    assert!(rows.json["accounts"][0]["password_hash"].as_str().unwrap().len() >= 32, "{}", rows.text);
    for (id, who, path) in [("accounts", "olga", "/admin/accounts"), ("profile", "alice", "/me")] {
        let client = Client::with(&format!("expose-seeded-secret-in-{id}"));
        let password = client.config.accounts.alice.password.clone();
        let shown = [password.clone(), STANDARD.encode(&password)];
        let shows = |answer: &Answer| shown.iter().any(|form| answer.text.contains(form));
        assert!(!shows(&get(&client, who, path).await), "{id}: nobody has logged in");
        let login = json!({"username": "alice", "password": password});
        assert_eq!(client.post("", "POST /login", &login).await.status, 200);
        assert!(shows(&get(&client, who, path).await), "{id}");
        assert!(!shows(&get(&client, "bob", "/me").await), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn panics_that_spread() {
    let client = Client::with("error-panic-spreads-from-dish-number");
    let number = || get(&client, "", "/menu/4294967296");
    assert_eq!(number().await.status, 500);
    for path in ["/menu", "/menu/1"] {
        assert_eq!(get(&client, "", path).await.status, 500, "{path}");
    }
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_eq!(get(&client, "", "/menu/1").await.status, 200);
    assert_eq!(number().await.status, 500);
    for _ in 0..12 {
        assert_eq!(get(&client, "", "/menu").await.status, 500);
    }
    assert_eq!(get(&client, "", "/menu").await.status, 200);

    let client = Client::with("error-panic-spreads-from-order-note");
    let note = ORDER.replacen('{', &format!(r#"{{"note": "{}", "#, "€".repeat(7)), 1);
    assert_eq!(post(&client, "POST /orders", &note).await.status, 500);
    assert_eq!(get(&client, "bob", "/orders").await.status, 500);
}
