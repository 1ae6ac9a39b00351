//! One exchange with a service of this process, beside the same service called without proofhouse.

use criterion::{Criterion, criterion_group, criterion_main};
use proofhouse::case::{Base, Case, Request, Role, Step};
use proofhouse::execute::execute;
use tower::ServiceExt as _;

mod common;

fn router() -> axum::Router {
    axum::Router::new().route("/null", axum::routing::get(|| async { "" }))
}

fn case() -> Case {
    let mut case = Case::new("bench", "GET /null");
    let request = Request { method: "GET".to_owned(), path: "/null".to_owned(), ..Request::default() };
    case.bases.push(Base { name: "target".to_owned(), operation: "GET /null".to_owned(), request });
    case.steps.push(Step::send("attack", Role::Attack, "anonymous", "target", Vec::new()));
    case
}

fn inprocess(criterion: &mut Criterion) {
    let runtime = common::runtime();
    let mut group = criterion.benchmark_group("inprocess");
    let (session, case) = (common::session(router(), Vec::new()), case());
    let trace = runtime.block_on(execute(&case, &session));
    assert_eq!(trace.exchanges[0].status(), Some(200), "the null route answers");
    group.bench_function("execute", |bencher| {
        bencher.iter(|| runtime.block_on(execute(&case, &session)));
    });
    let router = router();
    group.bench_function("router alone", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let request = axum::http::Request::get("/null").body(axum::body::Body::empty());
                let response = router.clone().oneshot(request.expect("a request")).await.expect("infallible");
                axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body")
            })
        });
    });
    group.finish();
}

criterion_group!(benches, inprocess);
criterion_main!(benches);
