//! Drawing requests and cases from a surface, without sending them.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use proofhouse::case::ANONYMOUS;
use proofhouse::generate::{Access, Explorer, Manner, Seeded, World, request};
use proofhouse::surface::Surface;

fn world() -> World {
    let surface = Surface::from_openapi_text(proofhouse_range::openapi(), "openapi.json")
        .expect("the range's document");
    let mut world = World { surface: Arc::new(surface), ..World::default() };
    for operation in 0..world.surface.operations.len() {
        let mut source = Seeded::derive(1, &["bench", &operation.to_string()]);
        let draft = request(&world, operation, ANONYMOUS, Manner::Minimal, &mut source).map(Arc::new);
        let access = Access { draft, granted: true, status: Some(200), ..Access::default() };
        world.access.insert((operation, ANONYMOUS.to_owned()), access);
    }
    world
}

fn generate(criterion: &mut Criterion) {
    let world = world();
    let order = world.surface.operations.iter().position(|operation| operation.name() == "POST /orders");
    let order = order.expect("the range takes orders");
    let mut group = criterion.benchmark_group("generate");
    let mut source = Seeded::new(1);
    group.bench_function("baseline", |bencher| {
        bencher.iter(|| request(black_box(&world), order, ANONYMOUS, Manner::Full, &mut source));
    });
    let mut source = Seeded::new(2);
    let explorer = Explorer::new(&world);
    group.bench_function("explore", |bencher| bencher.iter(|| explorer.draw(black_box(&world), &mut source)));
    let case = explorer.draw(&world, &mut Seeded::new(3)).expect("a case");
    group.bench_function("case to JSON", |bencher| bencher.iter(|| black_box(&case).to_json()));
    group.finish();
}

criterion_group!(benches, generate);
criterion_main!(benches);
