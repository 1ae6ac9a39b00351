//! Judging, beside parsing the JSON that is judged.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use proofhouse::case::Case;
use proofhouse::checks::{self, Verdict};
use proofhouse::execute::execute;
use proofhouse::identity::Identity;
use proofhouse::signatures;
use proofhouse::trace::{Exchange, Trace};
use proofhouse_range::{Account, Config, app};
use serde_json::json;

mod common;

/// A body of about 300 bytes, as APIs send them.
const BODY: &str = r#"{"id":4711,"status":"ready","lines":[{"dish":3,"name":"Lentil soup","quantity":2,"price_cents":450},{"dish":9,"name":"Rye bread","quantity":1,"price_cents":180}],"note":"no onions, thank you","pickup":"counter","total_cents":1080,"created":"2026-03-01T11:30:00Z","updated":"2026-03-01T11:42:10Z"}"#;

/// Executes a seed once, in process, against the range with this defect.
fn executed(seed: &str, defect: &str) -> (Case, Trace) {
    let case = Case::from_json(seed.as_bytes()).expect("a seed is a case");
    let config = Config::default().defect(defect).expect("a defect of the range");
    let person = |name: &str, account: &Account| {
        let body = json!({"username": account.name, "password": account.password});
        Identity::login(name, "POST", "/login", body, "/access_token")
    };
    let identities = vec![person("alice", &config.accounts.alice), person("bob", &config.accounts.bob)];
    let session = common::session(app(&config), identities);
    let trace = common::runtime().block_on(execute(&case, &session));
    assert!(matches!(checks::judge(&case, &trace), Verdict::Violated(_)), "{}", case.check);
    (case, trace)
}

/// The same trace with nothing parsed yet.
fn unparsed(trace: &Trace) -> Trace {
    let exchange = |old: &Exchange| {
        Exchange::new(old.step, old.copy, old.attempt, Arc::clone(&old.sent), old.delivery.clone(), old.began)
    };
    Trace {
        exchanges: trace.exchanges.iter().map(exchange).collect(),
        bindings: trace.bindings.clone(),
        stopped: None,
    }
}

fn bodies(trace: &Trace) -> Vec<bytes::Bytes> {
    trace.exchanges.iter().filter_map(Exchange::answer).map(|answer| answer.body.clone()).collect()
}

fn judge(criterion: &mut Criterion) {
    let seeds = [
        (
            "differential",
            include_str!("../../../corpora/seeds/input-sqli-boolean-of-a-query.json"),
            "input-sqli-boolean-in-category",
        ),
        (
            "acceptance",
            include_str!("../../../corpora/seeds/jwt-alg-none-on-a-list.json"),
            "jwt-alg-none-on-forgotten-route",
        ),
    ];
    let mut group = criterion.benchmark_group("judge");
    for (name, seed, defect) in seeds {
        let (case, trace) = executed(seed, defect);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || unparsed(&trace),
                |trace| checks::judge(&case, &trace),
                BatchSize::SmallInput,
            );
        });
        let bodies = bodies(&trace);
        group.bench_function(format!("{name}: parsing its answers"), |bencher| {
            bencher.iter(|| {
                let parse = |body: &bytes::Bytes| serde_json::from_slice::<serde_json::Value>(body).ok();
                bodies.iter().map(parse).collect::<Vec<_>>()
            });
        });
    }
    assert_eq!(signatures::stack_trace(BODY), None);
    group.bench_function("stack trace in a harmless body", |bencher| {
        bencher.iter(|| signatures::stack_trace(black_box(BODY)));
    });
    group.bench_function("parsing that body", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(BODY)));
    });
    group.finish();
}

criterion_group!(benches, judge);
criterion_main!(benches);
