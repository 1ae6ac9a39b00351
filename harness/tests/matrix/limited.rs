//! A target that lets twenty requests a second through, and no more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use proofhouse::engine::campaign::LaneFactory;
use proofhouse::target::{Lane, LocalFuture, ServiceLane};
use proofhouse_range::Config;
use tokio::time::Instant;

use crate::run::{InProcess, campaign_of, campaign_with};

const A_SECOND: u32 = 20;

/// What the gateway saw.
#[derive(Default)]
struct Seen {
    all: AtomicU64,
    refused: AtomicU64,
}

/// A service behind a gateway that counts.
fn limited(service: Router, seen: Arc<Seen>) -> Router {
    let window: Arc<Mutex<Option<(Instant, u32)>>> = Arc::default();
    service.layer(from_fn(move |request: Request, next: Next| {
        let is_over = {
            let mut window = window.lock().expect("nobody panics here");
            let (since, count) = window.unwrap_or((Instant::now(), 0));
            let is_new = since.elapsed() >= Duration::from_secs(1);
            let (since, count) = if is_new { (Instant::now(), 0) } else { (since, count) };
            *window = Some((since, count + 1));
            count >= A_SECOND
        };
        seen.all.fetch_add(1, Ordering::Relaxed);
        seen.refused.fetch_add(u64::from(is_over), Ordering::Relaxed);
        async move { if is_over { refusal() } else { next.run(request).await } }
    }))
}

fn refusal() -> Response {
    let headers = [(header::RETRY_AFTER, "1"), (header::CONTENT_TYPE, "application/json")];
    (StatusCode::TOO_MANY_REQUESTS, headers, r#"{"error":"slow down"}"#).into_response()
}

#[test]
fn a_target_that_lets_twenty_a_second_through_is_waited_for() {
    let (config, seen) = (Config::default(), Arc::new(Seen::default()));
    let gate = Arc::clone(&seen);
    let range = InProcess::behind(config.clone(), move |range| limited(range, Arc::clone(&gate)));
    let report = campaign_of(Arc::new(range), &config, 4_000, None, 1);
    let titles: Vec<_> = report.findings.iter().map(|finding| &finding.title).collect();
    assert!(titles.is_empty(), "{titles:?}");
    assert!(report.waited_seconds > 30.0, "{}", report.waited_seconds);
    let (all, refused) = (seen.all.load(Ordering::Relaxed), seen.refused.load(Ordering::Relaxed));
    println!("{refused} of {all} were turned away");
    // Most of what is sent reaches a handler.
    assert!(refused * 4 < all, "{refused} of {all} were turned away");
    assert!(report.operations.iter().all(|operation| operation.reached), "{:#?}", report.operations);
}

/// One room for everybody: whoever comes second waits.
struct OneRoom {
    config: Config,
    room: Arc<tokio::sync::Mutex<()>>,
}

impl LaneFactory for OneRoom {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let room = Arc::clone(&self.room);
        let service =
            proofhouse_range::app(&self.config).layer(from_fn(move |request: Request, next: Next| {
                let room = Arc::clone(&room);
                async move {
                    let _own = room.lock().await;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    next.run(request).await
                }
            }));
        let lane = ServiceLane::<_, axum::body::Body>::new(service).on_virtual_clock();
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    /// As a target over a network: the run does not know that each lane has a range of its own.
    fn own_state(&self) -> bool {
        false
    }

    fn virtual_clock(&self) -> bool {
        true
    }
}

#[test]
fn a_target_that_serves_one_at_a_time_is_not_overrun() {
    let config = Config::default();
    let slow = OneRoom { config: config.clone(), room: Arc::default() };
    let report = campaign_with(Arc::new(slow), &config, 200, |campaign| campaign.workers = 16);
    // Eight at once take 90 ms in the middle, sixteen take 170: five times the 20 of one alone lies between.
    assert_eq!(report.environment.at_once, Some(6));
    let quick = campaign_with(Arc::new(InProcess::new(config.clone())), &config, 200, |campaign| {
        campaign.workers = 2;
    });
    assert_eq!(quick.environment.at_once, None);
}
