//! A target that lets twenty requests a second through, and no more.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use proofhouse::engine::campaign::LaneFactory;
use proofhouse::target::{Lane, LocalFuture, ServiceLane};
use proofhouse_range::Config;
use tokio::time::Instant;

use crate::run::campaign_of;

const A_SECOND: u32 = 20;

/// The hardened range behind a gateway that counts.
struct Limited(Config);

impl LaneFactory for Limited {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let window: Arc<Mutex<Option<(Instant, u32)>>> = Arc::default();
        let gate = from_fn(move |request: Request, next: Next| {
            let is_over = {
                let mut window = window.lock().expect("nobody panics here");
                let (since, count) = window.unwrap_or((Instant::now(), 0));
                let is_new = since.elapsed() >= Duration::from_secs(1);
                let (since, count) = if is_new { (Instant::now(), 0) } else { (since, count) };
                *window = Some((since, count + 1));
                count >= A_SECOND
            };
            async move {
                if is_over {
                    return refusal();
                }
                next.run(request).await
            }
        });
        let service = proofhouse_range::app(&self.0).layer(gate);
        let lane = ServiceLane::<_, axum::body::Body>::new(service).on_virtual_clock();
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        true
    }

    fn virtual_clock(&self) -> bool {
        true
    }
}

fn refusal() -> Response {
    let headers = [(header::RETRY_AFTER, "1"), (header::CONTENT_TYPE, "application/json")];
    (StatusCode::TOO_MANY_REQUESTS, headers, r#"{"error":"slow down"}"#).into_response()
}

#[test]
fn a_target_that_lets_twenty_a_second_through_is_waited_for() {
    let config = Config::default();
    let report = campaign_of(Arc::new(Limited(config.clone())), &config, 4_000, None, 1);
    let titles: Vec<_> = report.findings.iter().map(|finding| &finding.title).collect();
    assert!(titles.is_empty(), "{titles:?}");
    assert!(report.waited_seconds > 30.0, "{}", report.waited_seconds);
    let answers = |status: &str| -> u64 {
        report.operations.iter().filter_map(|operation| operation.statuses.get(status)).sum()
    };
    let all: u64 = report.operations.iter().map(|operation| operation.requests).sum();
    // Most of what is sent reaches a handler.
    assert!(answers("429") * 4 < all, "{} of {all} were turned away", answers("429"));
    assert!(report.operations.iter().all(|operation| operation.reached), "{:#?}", report.operations);
}
