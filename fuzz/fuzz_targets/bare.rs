//! What somebody would write by hand for the range: the measure of what the harness costs. `tools/fuzz-speed` runs it.
//!
//! A few requests of the surface with values from the bytes, each input against a range of its own, on one runtime
//! whose clock is paused. Two people log in for each input, as those do who know no instance before it is built.
#![no_main]

use std::cell::RefCell;

use bytes::Bytes;
use http::{Request, Response};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use proofhouse_range::{Account, Config};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use tower_service::Service as _;

thread_local! {
    static RUNTIME: Runtime = runtime();
    static CONFIG: RefCell<Config> = RefCell::new(Config::default());
}

/// Method, path, and whether a body is sent.
const OPERATIONS: &[(&str, &str, bool)] = &[
    ("GET", "/health", false),
    ("GET", "/me", false),
    ("GET", "/menu", false),
    ("GET", "/menu/{id}", false),
    ("GET", "/orders", false),
    ("POST", "/orders", true),
    ("GET", "/orders/{id}", false),
    ("PATCH", "/orders/{id}", true),
    ("DELETE", "/orders/{id}", false),
    ("GET", "/orders/{id}/receipt", false),
    ("POST", "/coupons/check", true),
    ("GET", "/reports/daily", false),
];

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::pause() });
    runtime
}

fuzz_target!(|data: &[u8]| {
    let config = CONFIG.with(|config| config.borrow().clone());
    let _ = RUNTIME.with(|runtime| runtime.block_on(run(&config, &mut Unstructured::new(data))));
});

async fn run(config: &Config, bytes: &mut Unstructured<'_>) -> Result<()> {
    let mut app = proofhouse_fuzz::app(config);
    let mut tokens: [Option<String>; 2] = [None, None];
    for _ in 0..bytes.int_in_range(1..=4)? {
        let (method, path, has_body) = *bytes.choose(OPERATIONS)?;
        let path = path.replace("{id}", &bytes.int_in_range(0..=40)?.to_string());
        let who = usize::from(bytes.ratio(1, 4)?);
        if tokens[who].is_none() {
            let account = [&config.accounts.alice, &config.accounts.bob][who];
            tokens[who] = login(&mut app, account).await;
        }
        let body = if has_body {
            let items =
                json!([{"menu_item_id": bytes.int_in_range(0..=20)?, "quantity": bytes.arbitrary::<i8>()?}]);
            json!({"items": items, "note": bytes.arbitrary::<&str>()?, "code": bytes.arbitrary::<&str>()?})
        } else {
            Json::Null
        };
        let _ = send(&mut app, method, &path, tokens[who].as_deref(), &body).await;
    }
    Ok(())
}

async fn login(app: &mut axum::Router, account: &Account) -> Option<String> {
    let body = json!({"username": account.name, "password": account.password});
    let answer = send(app, "POST", "/login", None, &body).await?;
    Some(answer.get("access_token")?.as_str()?.to_owned())
}

/// The answer as JSON; a server error is what this target looks for.
async fn send(
    app: &mut axum::Router,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &Json,
) -> Option<Json> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let content = if body.is_null() {
        Bytes::new()
    } else {
        request = request.header("content-type", "application/json");
        Bytes::from(body.to_string())
    };
    let request = request.body(axum::body::Body::from(content)).ok()?;
    let response: Response<_> = app.call(request).await.unwrap_or_else(|never| match never {});
    assert!(response.status().as_u16() < 500, "{method} {path}");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.ok()?;
    serde_json::from_slice(&body).ok()
}
