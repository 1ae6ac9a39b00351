//! What proofhouse costs beside a target that does nothing: `tools/speed` runs it and prints the ratios.
//!
//! `speed serve` answers a fixed body over HTTP until it is ended; `speed own` measures a whole campaign in process.

#![allow(clippy::print_stdout, reason = "figures for whoever runs it")]

use std::alloc::System;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use proofhouse::engine::campaign::{Campaign, LaneFactory};
use proofhouse::generate::Settings;
use proofhouse::surface::Surface;
use proofhouse::target::{Lane, LocalFuture, ServiceLane};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower::ServiceExt as _;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Some 300 bytes.
const BODY: &str = r#"{"id":"5b1c2f0a-7d0e-4c57-9b53-7f1f0f6c2a11","name":"a plain thing with a name","amount":1250,"state":"open","created":"2026-01-31T12:00:00Z","tags":["one","two","three"],"owner":{"id":"8d2e4c6a-1b3f-4e5d-8c7b-9a0f1e2d3c4b","name":"somebody"},"note":"nothing in particular is said of it here"}"#;
/// Requests of the campaign.
const REQUESTS: u64 = 200_000;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve(),
        _ => own(),
    }
}

fn router() -> axum::Router {
    let answer = || async {
        let mut response = Response::new(axum::body::Body::from(Bytes::from_static(BODY.as_bytes())));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    };
    axum::Router::new().route("/null", axum::routing::post(answer))
}

#[tokio::main]
async fn serve() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback");
    println!("{}", listener.local_addr().expect("an address"));
    axum::serve(listener, router()).await.expect("it serves");
}

struct InProcess;

impl LaneFactory for InProcess {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let lane = ServiceLane::<_, axum::body::Body>::new(router());
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        false
    }
}

/// A whole campaign, all checks on, beside the same number of bare calls and of parsed bodies.
fn own() {
    let parse = timed(|| {
        for _ in 0..REQUESTS {
            std::hint::black_box(serde_json::from_str::<serde_json::Value>(std::hint::black_box(BODY)).ok());
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let bare = timed(|| runtime.block_on(call(REQUESTS)));
    let region = Region::new(ALLOCATOR);
    let began = Instant::now();
    let sent = campaign();
    let took = began.elapsed() / u32::try_from(sent).expect("some hundred thousand");
    let allocated = region.change();
    let own = took.saturating_sub(bare);
    println!("a body of {} bytes parsed with serde_json: {parse:?}", BODY.len());
    println!("a bare call of the route: {bare:?}");
    println!("a judged exchange, {sent} of them in one campaign with every check: {took:?}");
    println!(
        "own time of an exchange: {own:?}, {:.1} times parsing",
        own.as_secs_f64() / parse.as_secs_f64()
    );
    println!(
        "allocations of an exchange, the bare call included: {:.0}, {:.0} bytes",
        allocated.allocations as f64 / sent as f64,
        allocated.bytes_allocated as f64 / sent as f64
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed() / u32::try_from(REQUESTS).expect("some hundred thousand")
}

async fn call(times: u64) {
    let router = router();
    for _ in 0..times {
        let request = Request::post("/null")
            .header("host", "null.test")
            .header("content-type", "application/json")
            .header("user-agent", "speed")
            .body(axum::body::Body::from(r#"{"name":"a plain thing with a name","amount":1250}"#))
            .expect("a request");
        let response = router.clone().oneshot(request).await.expect("infallible");
        std::hint::black_box(axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body"));
    }
}

fn campaign() -> u64 {
    let surface = Surface::from_openapi_text(include_str!("null.json"), "null.json").expect("a document");
    let settings = Settings { disposable_data: true, ..Settings::default() };
    let campaign = Campaign {
        settings,
        requests: Some(REQUESTS),
        ..Campaign::new(Arc::new(surface), Arc::new(InProcess))
    };
    campaign.run(&mut |_| {}).expect("the campaign runs").report.requests
}
