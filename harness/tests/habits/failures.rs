//! Services that fail now and then, that die and come back, and that do not answer.

use std::cell::Cell;
use std::net::{Ipv4Addr, TcpListener};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use proofhouse::engine::campaign::{Campaign, HttpFactory, LaneFactory, Selection};
use proofhouse::message::{Delivery, Outcome, Outgoing, Stage, Timing};
use proofhouse::target::{Capabilities, Delivered, How, Lane, LocalFuture, ServiceLane};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::document;
use crate::notes::{Habits, Notes, refusal};
use crate::run::{Ran, campaign, run};

/// Whether a request is one of four in a hundred, by its number.
fn is_unlucky(number: u64) -> bool {
    // The finalizer of SplitMix64.
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % 100 < 4
}

/// A look-up that fails by itself in four calls of a hundred.
#[test]
fn an_operation_that_fails_now_and_then() {
    let number = Arc::new(AtomicU64::new(0));
    let service = Notes::new(Habits::default()).serve(|router| {
        router.layer(from_fn(move |request: Request, next: Next| {
            let is_lookup = request.method() == "GET" && request.uri().path().starts_with("/notes/");
            let fails = is_lookup && is_unlucky(number.fetch_add(1, Ordering::SeqCst));
            async move { if fails { refusal(500, "not now") } else { next.run(request).await } }
        }))
    });
    let ran = run(campaign(&document::notes(), service));
    let others: Vec<_> =
        ran.report.findings.iter().filter(|finding| finding.check != "input-flaky-operation").collect();
    assert!(others.is_empty(), "{others:#?}");
    ran.reached_all_but(&[]);
}

/// A search that never ends for what it does not know how to escape.
#[test]
fn an_operation_that_hangs_for_some_inputs() {
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let noted = Arc::clone(&times);
    let service = Notes::new(Habits::default()).serve(|router| {
        router.layer(from_fn(move |request: Request, next: Next| {
            noted.lock().expect("nobody panics here").push(Instant::now());
            hang(request, next)
        }))
    });
    let mut campaign = campaign(&document::notes(), service);
    campaign.shrink_executions = 24;
    let ran = run(campaign);
    ran.only_found(&["input-server-error"]).reached_all_but(&[]);
    let finding = &ran.report.findings[0];
    assert_eq!((finding.operation.to_string().as_str(), finding.place.as_str()), ("GET /notes", "query:q"));
    assert!(finding.actual.contains("timed out") || finding.detail.contains("timeout"), "{finding:#?}");
    ran.is("authz-object-read", "GET /notes/{id}", "held");
    // By the clock that passes without waiting, and that a user would wait by.
    let times = times.lock().expect("nobody panics here");
    let took = times[times.len() - 1] - times[0];
    assert!(took < Duration::from_secs(90 * 60), "{took:?}");
}

/// Answers, but for one input.
async fn hang(request: Request, next: Next) -> Response {
    if request.uri().query().is_some_and(|query| query == "q=") {
        std::future::pending::<()>().await;
    }
    next.run(request).await
}

/// What a process dies of here.
fn is_deadly(body: &[u8]) -> bool {
    body.windows(10).any(|part| part == b"\"title\":\"\"")
}

/// The run waited, went on, and says which input it was.
#[track_caller]
fn names_what_killed_it(ran: &Ran) {
    ran.only_found(&["input-server-error"]);
    let finding = &ran.report.findings[0];
    assert_eq!(finding.place, "body:/title", "{finding:#?}");
    assert!(ran.cases.contains_key(&finding.fingerprint));
    assert!(ran.report.identities.iter().all(|identity| identity.alive_at_end));
}

/// A process that dies, and is there again two seconds later.
struct Mortal {
    process: ServiceLane<Router, Body>,
    back: Rc<Cell<Option<Instant>>>,
}

impl Lane for Mortal {
    fn send<'a>(&'a self, request: &'a Outgoing, how: How<'a>) -> LocalFuture<'a, Delivered> {
        let now = Instant::now();
        let ends = |outcome| Box::pin(std::future::ready(unanswered(outcome))) as LocalFuture<'a, Delivered>;
        if self.back.get().is_some_and(|back| now < back) {
            return ends(Outcome::Refused { at: Stage::Connect, reason: "connection refused".into() });
        }
        if is_deadly(&request.body) {
            self.back.set(Some(now + Duration::from_secs(2)));
            return ends(Outcome::Reset { received: 0, status: None });
        }
        self.process.send(request, how)
    }

    fn send_raw<'a>(&'a self, bytes: &'a [u8], how: How<'a>) -> LocalFuture<'a, Delivered> {
        self.process.send_raw(bytes, how)
    }

    fn capabilities(&self) -> Capabilities {
        self.process.capabilities()
    }

    fn authority(&self) -> &str {
        self.process.authority()
    }

    fn base_path(&self) -> &str {
        self.process.base_path()
    }
}

fn unanswered(outcome: Outcome) -> Delivered {
    Delivery::undelivered(outcome, Timing::default()).into()
}

struct Mortals(Router);

impl LaneFactory for Mortals {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let process = ServiceLane::new(self.0.clone()).on_virtual_clock();
        let lane = Mortal { process, back: Rc::default() };
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        false
    }

    fn virtual_clock(&self) -> bool {
        true
    }
}

#[test]
fn a_process_that_dies_and_is_back_after_two_seconds() {
    let service = Notes::new(Habits::default()).serve(|router| router);
    let campaign =
        Campaign { factory: Arc::new(Mortals(service.clone())), ..campaign(&document::notes(), service) };
    let ran = run(campaign);
    names_what_killed_it(&ran);
    ran.reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

/// The same with a real port: its listener and its connections are gone, and its sessions with them.
fn on_port(notes: &Arc<Notes>) -> HttpFactory {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = first.local_addr().expect("bound");
    let notes = Arc::clone(notes);
    // It ends with the tests.
    std::thread::spawn(move || {
        let mut next = Some(first);
        loop {
            let listener = next.take().or_else(|| TcpListener::bind(address).ok());
            let Some(listener) = listener else { continue };
            live(listener, &notes);
            notes.end_sessions();
        }
    });
    HttpFactory::loopback(format!("http://{address}").parse().expect("an address")).expect("certificates")
}

/// Serves until it dies.
fn live(listener: TcpListener, notes: &Arc<Notes>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let death = Arc::new(Notify::new());
    let dies = Arc::clone(&death);
    let service = notes.serve(|router| {
        router.layer(from_fn(move |request: Request, next: Next| {
            let dies = Arc::clone(&dies);
            async move {
                let (head, body) = request.into_parts();
                let body = to_bytes(body, 16 << 20).await.unwrap_or_default();
                if is_deadly(&body) {
                    dies.notify_one();
                    return std::future::pending().await;
                }
                next.run(Request::from_parts(head, Body::from(body))).await
            }
        }))
    });
    runtime.block_on(async {
        listener.set_nonblocking(true).expect("it can");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        tokio::select! {
            _ = axum::serve(listener, service) => {}
            () = death.notified() => {}
        }
    });
}

#[test]
fn a_process_that_dies_on_its_port() {
    let notes = Notes::new(Habits::default());
    let mut document = document::notes();
    document["paths"].as_object_mut().expect("paths").remove("/notes/{id}");
    let campaign = Campaign {
        factory: Arc::new(on_port(&notes)),
        selection: Selection(vec!["input-server-error".to_owned()]),
        // Each death takes real time.
        requests: Some(250),
        workers: 2,
        shrink_executions: 0,
        ..campaign(&document, Router::new())
    };
    names_what_killed_it(&run(campaign));
}
