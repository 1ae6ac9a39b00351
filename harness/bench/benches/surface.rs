//! Loading a large document. The yardstick parses the same text as JSON and does nothing else.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use proofhouse::surface::Surface;
use proofhouse_bench::large;

fn load(criterion: &mut Criterion) {
    let text = large::document(10 << 20);
    let mut group = criterion.benchmark_group("surface");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("load 10 MB", |bencher| {
        bencher.iter(|| Surface::from_text(black_box(&text), "large").expect("loads"));
    });
    group.bench_function("parse 10 MB", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&text)).expect("JSON"));
    });
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
