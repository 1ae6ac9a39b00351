//! How services answer, and what stands in front of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse as _, Response};
use proofhouse::engine::campaign::Campaign;

use crate::document;
use crate::notes::{Habits, Notes, refusal};
use crate::run::{Ran, campaign, run};

/// A campaign against the notes with something in front of them.
fn behind<F>(habits: Habits, front: impl Fn(Request, Next) -> F + Clone + Send + Sync + 'static) -> Ran
where
    F: Future<Output = Response> + Send + 'static,
{
    let service = Notes::new(habits).serve(|router| router);
    // Around the router, so that it may change the path.
    let front = axum::Router::new().fallback_service(service).layer(from_fn(front));
    run(campaign(&document::notes(), front))
}

/// Every answer is 200, and its body says what became of the request.
async fn always_200(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    if answer.status().as_u16() >= 400 {
        *answer.status_mut() = StatusCode::OK;
    }
    answer
}

#[test]
fn errors_come_as_200() {
    let ran = behind(Habits::default(), always_200);
    ran.nothing_found().reached_all_but(&[]);
    ran.is("authn-missing-credential", "GET /notes", "held");
    ran.is("authz-object-read", "GET /notes/{id}", "held");
}

/// What is wrong there is found all the same.
#[test]
fn a_finding_among_errors_that_come_as_200() {
    behind(Habits { any_reads: true, ..Habits::default() }, always_200).only_found(&["authz-object-read"]);
    behind(Habits { open: true, ..Habits::default() }, always_200).only_found(&["authn-missing-credential"]);
}

/// What answers 204 and does nothing was not accepted.
#[test]
fn changes_that_are_answered_and_not_done() {
    let lenient = |mut request: Request, next: Next| async move {
        // It answers so whatever it is sent, and to whomever.
        if request.method() == "PUT" {
            *request.body_mut() = Body::empty();
            return StatusCode::NO_CONTENT.into_response();
        }
        next.run(request).await
    };
    behind(Habits::default(), lenient).nothing_found();
    behind(Habits { forgets_changes: true, ..Habits::default() }, |request, next: Next| next.run(request))
        .nothing_found()
        .reached_all_but(&[]);
}

/// Paths end in a slash; who leaves it out is sent there.
async fn with_slash(status: StatusCode, mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Some(path) = uri.path().strip_suffix('/') else {
        let there = HeaderValue::try_from(format!("{}/{query}", uri.path())).expect("a value");
        return (status, [(header::LOCATION, there)]).into_response();
    };
    *request.uri_mut() = format!("{path}{query}").parse::<Uri>().expect("it was one before");
    next.run(request).await
}

#[test]
fn paths_that_end_in_a_slash() {
    for status in [StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT] {
        let ran = behind(Habits::default(), move |request, next| with_slash(status, request, next));
        ran.nothing_found().reached_all_but(&[]);
        ran.is("authz-object-read", "GET /notes/{id}", "held");
        ran.is("authn-missing-credential", "GET /notes", "held");
    }
    let open = Habits { open: true, ..Habits::default() };
    let ran = behind(open, |request, next| with_slash(StatusCode::PERMANENT_REDIRECT, request, next));
    ran.only_found(&["authn-missing-credential"]);
}

/// A page of a proxy.
fn page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, Html(format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>")))
        .into_response()
}

/// A proxy that knows some paths only, takes short requests only, refuses what is no good URL, and now and then finds
/// nobody behind it.
async fn proxy(every: u64, count: u64, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if path.contains("%00") || path.contains("..") || path.contains("//") {
        return page(400);
    }
    if !["/login", "/me", "/notes"].iter().any(|known| path.starts_with(known)) {
        return page(404);
    }
    let Ok(body) = to_bytes(body, 8 << 10).await else { return page(413) };
    if head.headers.iter().any(|(_, value)| value.len() > 4 << 10) || head.uri.to_string().len() > 4 << 10 {
        return page(414);
    }
    match count % every {
        0 => page(502),
        1 => page(503),
        2 => page(504),
        _ => next.run(Request::from_parts(head, Body::from(body))).await,
    }
}

#[test]
fn pages_of_a_proxy() {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(5));
    let ran = behind(Habits::default(), move |request, next| {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        proxy(61, count, request, next)
    });
    ran.nothing_found().reached_all_but(&[]);
}

/// A service that is overrun turns away, now and then, whoever changes something.
#[test]
fn a_service_that_is_overrun() {
    let written = Arc::new(AtomicUsize::new(0));
    let service = Notes::new(Habits::default()).serve(|router| {
        router.layer(from_fn(move |request: Request, next: Next| {
            let turned_away =
                !request.method().is_safe() && written.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
            async move { if turned_away { refusal(503, "busy") } else { next.run(request).await } }
        }))
    });
    let ran = run(Campaign { workers: 8, ..campaign(&document::notes(), service) });
    ran.nothing_found().reached_all_but(&[]);
    ran.is("authz-object-read", "GET /notes/{id}", "held");
    assert!(ran.report.environment.at_once.is_some_and(|most| most <= 4), "{:?}", ran.report.environment);
}
