//! The shrinker against synthetic oracles: 1-minimal by brute force, always valid, deterministic, bounded.

#[path = "shrink/draw.rs"]
mod draw;
#[path = "shrink/oracle.rs"]
mod oracle;
#[path = "common/remover.rs"]
mod remover;
#[path = "shrink/witness.rs"]
mod witness;

use std::cmp::Ordering;

use proofhouse::case::{Case, Role, Step};
use proofhouse::generate::Seeded;
use proofhouse::shrink::{Shrinker, shortlex};

use oracle::Oracle;

/// What one shrinking cost and gave.
struct Shrunk {
    best: Case,
    tried: u32,
}

/// Shrinks, holding every candidate against the rules.
fn shrink(case: &Case, oracle: &Oracle) -> Shrunk {
    assert!(oracle.fails(case), "a witness fails: {oracle}");
    let controls = controls(case);
    let known = remover::dangling(case);
    let mut shrinker = Shrinker::new(case.clone());
    let mut seen = std::collections::HashSet::from([case.digest()]);
    while let Some(candidate) = shrinker.candidate().cloned() {
        let read = Case::from_json(candidate.to_json().as_bytes());
        assert!(read.is_ok_and(|read| read == candidate), "a candidate is read back as it is written");
        assert!(self::controls(&candidate) == controls, "controls stay as they are");
        let dangling = remover::dangling(&candidate);
        assert!(dangling.iter().all(|name| known.contains(name)), "references are repaired: {dangling:?}");
        assert_eq!(shortlex(&candidate, shrinker.best()), Ordering::Less);
        assert!(seen.insert(candidate.digest()), "nothing is tried twice");
        shrinker.answer(oracle.fails(&candidate));
        assert!(oracle.fails(shrinker.best()));
        assert!(shrinker.tried() < 20_000, "it ends");
    }
    Shrunk { tried: shrinker.tried(), best: shrinker.into_best() }
}

fn controls(case: &Case) -> Vec<Step> {
    case.steps.iter().filter(|step| step.role == Role::Control).cloned().collect()
}

fn assert_minimal(best: &Case, oracle: &Oracle) {
    for simpler in remover::simpler(best) {
        assert!(
            !oracle.fails(&simpler),
            "{oracle}\n{}\nis also shown by\n{}",
            best.to_json(),
            simpler.to_json()
        );
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "figures for whoever asks with --nocapture")]
fn random_cases_end_one_minimal() {
    let mut tries = Vec::new();
    for seed in 0..200 {
        let mut source = Seeded::new(seed);
        let case = draw::case(&mut source);
        let oracle = oracle::draw(&case, &mut source);
        let shrunk = shrink(&case, &oracle);
        assert_minimal(&shrunk.best, &oracle);
        tries.push(shrunk.tried);
    }
    tries.sort_unstable();
    let share = |share: usize| tries[(tries.len() - 1) * share / 100];
    eprintln!("tries: median {}, 90 % {}, most {}", share(50), share(90), share(100));
    assert!(share(90) <= 100 && share(100) <= 1_000, "the usual budget does: {}, {}", share(90), share(100));
}

#[test]
fn the_same_answers_give_the_same_cases() {
    for seed in 0..20 {
        let mut source = Seeded::new(seed);
        let case = draw::case(&mut source);
        let oracle = oracle::draw(&case, &mut source);
        let run = || {
            let mut shrinker = Shrinker::new(case.clone());
            let mut all = Vec::new();
            while let Some(candidate) = shrinker.candidate() {
                all.push(candidate.digest());
                let fails = oracle.fails(candidate);
                shrinker.answer(fails);
            }
            all
        };
        assert_eq!(run(), run());
    }
}

#[test]
fn nothing_and_everything_fails() {
    for seed in 0..40 {
        let case = draw::case(&mut Seeded::new(seed));
        // Nothing simpler fails: the witness stays.
        let mut shrinker = Shrinker::new(case.clone());
        while shrinker.candidate().is_some() {
            shrinker.answer(false);
        }
        assert_eq!(shrinker.best(), &case);
        // Everything fails: what is left is controls and what they refer to.
        let all = Oracle::default();
        let shrunk = shrink(&case, &all);
        assert_minimal(&shrunk.best, &all);
        assert!(shrunk.tried <= 60, "{}", shrunk.tried);
    }
}

#[test]
fn flaky_answers_end_too() {
    use proofhouse::generate::Source as _;
    for seed in 0..40 {
        let mut source = Seeded::new(seed);
        let mut shrinker = Shrinker::new(draw::case(&mut source));
        while shrinker.candidate().is_some() {
            shrinker.answer(source.int(0..=3) == 0);
            assert!(shrinker.tried() < 20_000);
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "figures for whoever asks with --nocapture")]
fn typical_witnesses_fit_the_usual_budget() {
    for (name, case, oracle) in witness::all() {
        let shrunk = shrink(&case, &oracle);
        assert_minimal(&shrunk.best, &oracle);
        let bytes = |case: &Case| case.to_json().len();
        eprintln!("{name}: {} tries, {} to {} bytes", shrunk.tried, bytes(&case), bytes(&shrunk.best));
        assert!(shrunk.tried <= 300, "{name}: {} tries", shrunk.tried);
    }
}

#[test]
fn the_first_tries_save_most() {
    for (name, case, oracle) in witness::all() {
        let mut shrinker = Shrinker::new(case);
        let mut after = None;
        while let Some(candidate) = shrinker.candidate() {
            let fails = oracle.fails(candidate);
            shrinker.answer(fails);
            if shrinker.tried() == 60 {
                after = Some(shrinker.best().to_json().len());
            }
        }
        let last = shrinker.best().to_json().len();
        assert!(
            after.is_none_or(|after| after * 2 <= last * 3),
            "{name}: {after:?} after 60 tries, {last} in the end"
        );
    }
}
