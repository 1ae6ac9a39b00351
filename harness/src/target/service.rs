//! A `tower::Service` in this process as the target: no socket, panics with their location.

use std::cell::RefCell;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http_body::Body as HttpBody;
use http_body_util::BodyExt as _;
use tokio::time::Instant;
use tower_service::Service;

use super::panics::{Watched, install_hook};
use super::{Capabilities, Delivered, How, Lane, LocalFuture};
use crate::message::{Delivery, Headers, Incoming, Outcome, Outgoing, Phase, Timing, Unsent};
use crate::trace::Panic;

/// The most bytes of a body that are kept.
const MAX_BODY: usize = 1 << 20;

/// The body of the requests that services of this process get, where nothing else is said: all of it at once.
pub type Body = http_body_util::Full<Bytes>;

/// A lane into a service of this process. `B` is the service's request body.
pub struct ServiceLane<S, B> {
    service: RefCell<S>,
    base_path: String,
    timeout: Duration,
    virtual_clock: bool,
    body: PhantomData<fn(B)>,
}

impl<S, B> ServiceLane<S, B> {
    /// A lane into this service; it is cloned for each request, as servers do.
    pub fn new(service: S) -> Self {
        install_hook();
        Self {
            service: RefCell::new(service),
            base_path: String::new(),
            timeout: Duration::from_secs(10),
            virtual_clock: false,
            body: PhantomData,
        }
    }

    /// The operations hang below this path.
    pub fn below(mut self, base_path: &str) -> Self {
        base_path.trim_end_matches('/').clone_into(&mut self.base_path);
        self
    }

    /// How long an answer may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The lane's runtime has a paused clock: waiting takes no time.
    pub fn on_virtual_clock(mut self) -> Self {
        self.virtual_clock = true;
        self
    }
}

impl<S, B, R> ServiceLane<S, B>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Clone,
    S::Error: Debug,
    B: From<Bytes>,
    R: HttpBody,
{
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> LocalFuture<'a, Delivered>
    where
        S: 'a,
        B: 'a,
        R: 'a,
    {
        let began = Instant::now();
        let message = match express(request) {
            Ok(message) => message.map(|()| B::from(request.body.clone())),
            Err(reason) => {
                let outcome = Outcome::NotSent { why: Unsent::Inexpressible, reason: reason.into() };
                return Box::pin(std::future::ready(finish(request, began, outcome, None, None)));
            }
        };
        let mut service = self.service.borrow().clone();
        let call = async move {
            std::future::poll_fn(|cx| service.poll_ready(cx)).await.map_err(|_| ())?;
            let response = service.call(message).await.map_err(|_| ())?;
            let first_byte = began.elapsed();
            let (head, body) = response.into_parts();
            let (body, cut) = read(body).await?;
            Ok(Served { head, body, cut, first_byte })
        };
        watched(request, began, self.timeout, Box::pin(call))
    }
}

/// What a service answered.
struct Served {
    head: http::response::Parts,
    body: Bytes,
    cut: bool,
    first_byte: Duration,
}

/// Waits for the answer, and tells what became of it. Apart from the types of the service: what is generic is compiled
/// with a fuzz target, and counts there as if it were the service's.
fn watched<'a>(
    request: &'a Outgoing,
    began: Instant,
    timeout: Duration,
    call: LocalFuture<'a, Result<Served, ()>>,
) -> LocalFuture<'a, Delivered> {
    Box::pin(async move {
        let Ok((result, panic)) = tokio::time::timeout(timeout, Watched::new(call)).await else {
            let outcome = Outcome::TimedOut { phase: Phase::Answer, status: None };
            return finish(request, began, outcome, None, None);
        };
        match result {
            Some(Ok(Served { head, body, cut, first_byte })) => {
                let headers: Headers = head.headers.iter().collect();
                let body_on_wire = body.len() as u64;
                let status = head.status.as_u16();
                let answer = Incoming { status, headers, body, cut, body_on_wire, ..Incoming::default() };
                finish(request, began, Outcome::Answered(answer), Some(first_byte), panic)
            }
            Some(Err(())) => {
                finish(request, began, Outcome::Closed { received: 0, status: None }, None, panic)
            }
            // What a server does with a handler that panics: the connection ends without an answer.
            None => {
                let panic = panic.or_else(unknown_panic);
                finish(request, began, Outcome::Closed { received: 0, status: None }, None, panic)
            }
        }
    })
}

fn finish(
    request: &Outgoing,
    began: Instant,
    outcome: Outcome,
    first_byte: Option<Duration>,
    panic: Option<Panic>,
) -> Delivered {
    let timing = Timing { total: began.elapsed(), first_byte, ..Timing::default() };
    Delivered { delivery: delivery(outcome, timing, request.body.len() as u64), panic }
}

fn delivery(outcome: Outcome, timing: Timing, length: u64) -> Delivery {
    Delivery { written: length, length, ..Delivery::undelivered(outcome, timing) }
}

#[expect(clippy::unnecessary_wraps)]
fn unknown_panic() -> Option<Panic> {
    Some(Panic { message: "a panic without a message".to_owned(), location: None })
}

/// The request in the types of the `http` crate, which cannot express everything that a wire can.
fn express(request: &Outgoing) -> Result<http::Request<()>, String> {
    let inexpressible = |part: &str| format!("in process, this {part} cannot be expressed");
    let mut message = http::Request::new(());
    *message.method_mut() = http::Method::from_bytes(&request.method).map_err(|_| inexpressible("method"))?;
    *message.uri_mut() =
        http::Uri::try_from(request.target.as_slice()).map_err(|_| inexpressible("target"))?;
    for (name, value) in &request.headers {
        let name = http::HeaderName::from_bytes(name).map_err(|_| inexpressible("header name"))?;
        let value = http::HeaderValue::from_bytes(value).map_err(|_| inexpressible("header value"))?;
        message.headers_mut().append(name, value);
    }
    Ok(message)
}

async fn read<R: HttpBody>(body: R) -> Result<(Bytes, bool), ()> {
    let mut body = std::pin::pin!(body);
    let mut kept = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame.map_err(|_| ())?.into_data() else { continue };
        while data.has_remaining() {
            let room = MAX_BODY - kept.len();
            let chunk = data.chunk();
            let take = chunk.len().min(room);
            kept.extend_from_slice(&chunk[..take]);
            if take < chunk.len() {
                return Ok((kept.freeze(), true));
            }
            data.advance(take);
        }
    }
    Ok((kept.freeze(), false))
}

impl<S, B, R> Lane for ServiceLane<S, B>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Clone + 'static,
    S::Error: Debug,
    B: From<Bytes> + 'static,
    R: HttpBody + 'static,
{
    fn send<'a>(&'a self, request: &'a Outgoing, _how: How<'a>) -> LocalFuture<'a, Delivered> {
        self.exchange(request)
    }

    fn send_raw<'a>(&'a self, _bytes: &'a [u8], _how: How<'a>) -> LocalFuture<'a, Delivered> {
        let reason = "in process, there is no wire".into();
        let outcome = Outcome::NotSent { why: Unsent::Inexpressible, reason };
        Box::pin(std::future::ready(delivery(outcome, Timing::default(), 0).into()))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            parallel: true,
            own_state: true,
            virtual_clock: self.virtual_clock,
            panic_location: true,
            ..Capabilities::default()
        }
    }

    fn authority(&self) -> &'static str {
        "service.test"
    }

    fn base_path(&self) -> &str {
        &self.base_path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(router: axum::Router, target: &str) -> Delivered {
        let lane = ServiceLane::<_, axum::body::Body>::new(router);
        lane.send(&Outgoing::new("GET", target), How::default()).await
    }

    fn router() -> axum::Router {
        use axum::routing::get;
        axum::Router::new()
            .route("/ok", get(|| async { "fine" }))
            .route("/big", get(|| async { "x".repeat(3 << 20) }))
            .route("/panic", get(|| async { panic!("spilled {}", 7) as &'static str }))
            .route("/hang", get(std::future::pending::<&'static str>))
    }

    #[tokio::test]
    async fn answers_come_back() {
        let answer = get(router(), "/ok").await.delivery.outcome;
        let answer = answer.answer().expect("answered");
        assert_eq!((answer.status, &answer.body[..], answer.cut), (200, &b"fine"[..], false));
    }

    #[tokio::test]
    async fn large_bodies_are_cut() {
        let answer = get(router(), "/big").await.delivery.outcome;
        let answer = answer.answer().expect("answered");
        assert!(answer.cut);
        assert_eq!(answer.body.len(), MAX_BODY);
    }

    #[tokio::test]
    async fn panics_end_one_request_and_tell_where() {
        let delivered = get(router(), "/panic").await;
        let panic = delivered.panic.expect("noted");
        assert_eq!(panic.message, "spilled 7");
        assert!(panic.location.expect("located").contains("service.rs"));
        assert!(matches!(delivered.delivery.outcome, Outcome::Closed { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_answers_times_out() {
        assert!(matches!(get(router(), "/hang").await.delivery.outcome, Outcome::TimedOut { .. }));
    }

    #[tokio::test]
    async fn what_cannot_be_expressed_is_said() {
        let outcome = get(router(), "/a b\0").await.delivery.outcome;
        assert!(outcome.to_string().contains("cannot be expressed"), "{outcome}");
    }
}
