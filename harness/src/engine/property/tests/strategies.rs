//! The same service under proptest.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestError, TestRunner};

use super::*;
use crate::case::Case;
use crate::corpora::Corpora;
use crate::{Cases, Rig};

fn rig(bug: Bug) -> Rig {
    proving(bug).rig()
}

/// proptest's own loop, on a seed that stays.
fn run(
    rig: &Rig,
    cases: &Cases,
    test: impl Fn(&super::super::Ran<'_>) -> Result<(), super::super::Broken>,
) -> Result<(), (String, Case)> {
    let config = Config {
        cases: 200,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        ..Config::default()
    };
    let result = TestRunner::new(config).run(cases, |drawn| Ok(test(&rig.send(&drawn))?));
    result.map_err(|error| match error {
        TestError::Fail(why, drawn) => (why.message().to_owned(), drawn.case().clone()),
        TestError::Abort(why) => panic!("{why}"),
    })
}

#[test]
fn a_sound_service_passes_every_family() {
    let rig = rig(Bug::None);
    proptest!(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }, |(
        any in rig.cases(),
        valid in rig.cases().valid(),
        bad in rig.cases().bad_media_type(),
        broken in rig.cases().malformed_json(),
        several in rig.cases().sequence(1, 6),
    )| {
        rig.send(&any).no_server_error()?;
        rig.send(&valid).granted()?;
        rig.send(&bad).answered(&[415])?;
        rig.send(&broken).refused()?;
        rig.send(&several).no_server_error()?;
    });
}

#[test]
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method is for one lifetime only")]
fn a_failure_is_shrunk_by_the_one_shrinker_and_saved_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let rig = proving(Bug::Stars).corpora(folder.path()).rig();
    let (why, case) =
        run(&rig, &rig.cases().sequence(4, 8), |ran| ran.no_panic()).expect_err("five stars panic");
    assert!(why.contains("index out of bounds") && why.contains("── 1. attack"), "{why}");
    assert_eq!(case.steps.len(), 1, "{}", case.to_json());
    let files = Corpora::at(folder.path()).files("findings");
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let saved = crate::corpora::read(file).expect("a case");
    assert_eq!((saved.check.as_str(), saved.steps.len()), ("no-panic", 1));
    // What was found before comes first.
    let again = proving(Bug::Stars).corpora(folder.path()).rig();
    let first = again.cases().valid().new_tree(&mut TestRunner::deterministic()).expect("drawn").current();
    assert_eq!(first.case(), &saved);
}

#[test]
fn while_it_is_made_smaller_another_failure_passes() {
    let rig = rig(Bug::Stars);
    let drawn = super::super::Drawn::from(Case::new("explore", "POST /notes"));
    let one = rig.send(&drawn);
    assert!(one.holds("first", |_| false).is_err());
    assert!(one.holds("second", |_| false).is_ok(), "another failure is filed apart");
    assert!(rig.send(&drawn).holds("first", |_| false).is_err());
    assert!(
        rig.send(Case::new("explore", "POST /notes")).holds("second", |_| false).is_err(),
        "a case of its own"
    );
}

#[test]
fn assertions_work_without_proptest_too() {
    let rig = rig(Bug::None);
    let document = crate::surface::Surface::from_openapi_text(DOCUMENT, "document").expect("a document");
    let cases = document.cases().of(["alice"]).valid();
    let drawn = cases.new_tree(&mut TestRunner::deterministic()).expect("drawn").current();
    let ran = rig.send(&drawn);
    ran.granted().unwrap();
    let error = ran.refused().expect_err("granted").to_string();
    assert!(error.contains("refused: ") && error.contains("answered 20"), "{error}");
    assert!(format!("{drawn:?}").contains(" as alice"), "{drawn:?}");
}
