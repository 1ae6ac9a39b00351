//! What holds, what is found, what is told.

use std::path::Path;

use super::*;
use crate::expect::Expectation;
use crate::{Instance, prove};

#[test]
fn a_sound_service_holds() {
    let proof = proving(Bug::None).run();
    proof.assert_holds();
    assert!((300..=640).contains(&proof.judged()), "{} cases", proof.judged());
    assert!(
        proof.report().identities.iter().all(|identity| identity.granted == 2),
        "{:?}",
        proof.report().identities
    );
}

#[test]
fn the_number_of_cases_is_a_bound() {
    for cases in [60, 200] {
        let judged = proving(Bug::None).cases(cases).run().judged();
        assert!(judged <= cases + 40, "{judged} cases, and {cases} were asked for");
    }
}

/// Runs, addresses and fresh values differ from run to run.
fn steady(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "CORPORA");
    let text = regex::Regex::new("(?i)x-proofhouse-run: [0-9a-f]{12}")
        .expect("a pattern")
        .replace_all(&text, "X-Proofhouse-Run: RUN");
    let text = regex::Regex::new("ph-[0-9a-f]{4}-[a-z0-9]+")
        .expect("a pattern")
        .replace_all(&text, "FRESH")
        .into_owned();
    let text = regex::Regex::new("[0-9a-f]{20}\\.json")
        .expect("a pattern")
        .replace_all(&text, "DIGEST.json")
        .into_owned();
    let text =
        regex::Regex::new("in \\d+ requests").expect("a pattern").replace_all(&text, "in SOME requests");
    regex::Regex::new("mod\\.rs:\\d+:\\d+")
        .expect("a pattern")
        .replace_all(&text, "mod.rs:LINE:COLUMN")
        .into_owned()
}

#[test]
fn a_panic_is_told_with_its_place_and_the_smallest_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let proof = proving(Bug::Stars).corpora(folder.path()).run();
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| proof.assert_holds()))
        .expect_err("it panics");
    let told = told.downcast_ref::<String>().expect("a text");
    insta::assert_snapshot!(steady(told, folder.path()));
}

#[test]
fn what_was_found_is_saved_replayed_first_and_holds_when_it_is_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = proving(Bug::Owner).corpora(folder.path()).run();
    assert_eq!(found_by(&found), ["authz-object-read"], "{}", found.message());
    // Only what was saved can find it with so few cases, and a selection without its check finds nothing.
    let again = proving(Bug::Owner).corpora(folder.path()).cases(1).run();
    assert!(found_by(&again).contains(&"authz-object-read"), "{}", again.message());
    assert!(found_by(&proving(Bug::Owner).corpora(folder.path()).checks(["!authz-*"]).run()).is_empty());
    proving(Bug::None).corpora(folder.path()).run().assert_holds();
}

#[test]
fn a_saved_case_that_proves_nothing_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(proving(Bug::Owner).corpora(folder.path()).run());
    let proof = prove_with(|| async { Notes::of(Bug::Owner).router() })
        .openapi(DOCUMENT)
        .identity(alice())
        .cases(600)
        .without_registration()
        .virtual_clock()
        .corpora(folder.path())
        .run();
    let told = proof.unproven().join("\n");
    assert!(
        told.contains("findings/authz-object-read-") && told.contains("needs an identity `bob`"),
        "{told}"
    );
    std::fs::write(folder.path().join("findings/mine.json"), "{}").expect("written");
    let error = proving(Bug::None).corpora(folder.path()).try_run().expect_err("no case").to_string();
    assert!(error.contains("findings/mine.json") && error.contains("`format` is missing"), "{error}");
}

#[test]
fn an_identity_that_gets_nothing_is_not_green() {
    let stranger = Identity::bearer("carol", "token-of-nobody").role("writer");
    let proof = proving(Bug::None).identity(stranger).run();
    assert!(!proof.holds() && proof.findings().is_empty());
    assert!(proof.message().contains("the identity `carol` proves nothing"), "{}", proof.message());
}

#[test]
fn nothing_reached_is_not_green() {
    let proof = proving(Bug::None).below("/elsewhere").run();
    assert!(proof.message().contains("no operation ever granted a valid request"), "{}", proof.message());
}

#[test]
fn tokens_may_come_with_the_service_that_issues_them() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ISSUED: AtomicU32 = AtomicU32::new(0);
    let proof = prove_with(|| async {
        // Another token for each service: only what came with it opens it.
        let token = |name: &str| format!("{name}-{}", ISSUED.fetch_add(1, Ordering::Relaxed));
        let (one, two) = (token("alice"), token("bob"));
        let tokens = [(one.clone(), "alice".to_owned()), (two.clone(), "bob".to_owned())].into();
        let notes = Notes { tokens: Arc::new(tokens), ..Notes::default() };
        Instance::new(notes.router())
            .identity(Identity::bearer("alice", one).role("writer"))
            .identity(Identity::bearer("bob", two).role("writer"))
    })
    .openapi(DOCUMENT)
    .cases(600)
    .workers(2)
    .virtual_clock()
    .without_corpora()
    .run();
    proof.assert_holds();
    assert!(ISSUED.load(Ordering::Relaxed) > 4, "each worker and each fresh state has tokens of its own");
}

#[test]
fn invariants_are_judged_shrunk_and_replayed_like_any_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let proving = |bug| {
        proving(bug).corpora(folder.path()).checks(["no-five-stars"]).invariant("no-five-stars", |trace| {
            trace.of_operation("POST /notes").filter(|one| one.is_success()).try_for_each(|one| {
                let stars = one.answer_json().map(|note| note["stars"].clone());
                if stars == Some(json!(5)) { Err("somebody gave five stars") } else { Ok(()) }
            })
        })
    };
    let proof = proving(Bug::None).run();
    let [finding] = proof.findings()[..] else { panic!("{}", proof.message()) };
    assert_eq!(
        (finding.check.as_str(), finding.detail.as_str()),
        ("no-five-stars", "somebody gave five stars")
    );
    let case = &proof.cases()[&finding.fingerprint];
    assert_eq!(case.steps.len(), 1, "{}", case.to_json());
    let again = proving(Bug::None).cases(1).run();
    assert!(found_by(&again).contains(&"no-five-stars"), "{}", again.message());
    // The bug of the list takes five stars away, and with them the finding.
    assert!(proving(Bug::Stars).run().findings().is_empty());
}

#[test]
fn a_panic_is_a_finding_even_where_the_service_answers_for_it() {
    let caught = async || {
        let lost = std::panic::catch_unwind(|| panic!("lost")).is_err();
        if lost { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    };
    let proof = prove_with(move || async move { Router::new().route("/notes", post(caught)) })
        .openapi(DOCUMENT)
        .checks(["service-panic"])
        .cases(50)
        .virtual_clock()
        .without_corpora()
        .run();
    assert_eq!(found_by(&proof), ["service-panic"]);
    assert!(proof.message().contains("panicked at harness/src/engine/property/tests"), "{}", proof.message());
}

#[test]
fn an_invariant_that_saw_nothing_is_not_green() {
    let proof = proving(Bug::None).invariant("nobody-pays", |_| None::<bool>).run();
    assert!(proof.message().contains("`nobody-pays` proves nothing"), "{}", proof.message());
}

#[test]
fn what_is_expected_fails_nothing_until_its_day() {
    let expected =
        |until| Expectation::of("authz-object-read").on("GET /notes/*").because("a demo", "notes", until);
    proving(Bug::Owner).expect(expected("2999-01-01")).run().assert_holds();
    let over = proving(Bug::Owner).expect(expected("2001-01-01")).run();
    assert_eq!(found_by(&over), ["authz-object-read"]);
    assert!(over.message().contains("ran out on 2001-01-01"), "{}", over.message());
}

#[test]
fn one_service_keeps_its_state() {
    let notes = Notes::of(Bug::None);
    let all = Arc::clone(&notes.notes);
    let proof = prove(notes.router())
        .openapi(DOCUMENT)
        .identity(alice())
        .identity(bob())
        .cases(600)
        .without_corpora()
        .run();
    proof.assert_holds();
    assert!(all.lock().expect("not poisoned").len() > 10, "what was made is there afterwards");
}

#[tokio::test]
async fn inside_a_runtime_it_is_awaited() {
    let proof = proving(Bug::None).cases(300).run_async().await;
    assert!(proof.findings().is_empty(), "{}", proof.message());
    let misused = std::panic::catch_unwind(|| proving(Bug::None).run()).expect_err("it panics");
    let told = misused.downcast_ref::<&str>().copied().unwrap_or_default();
    assert!(told.contains("use `.run_async().await`"), "{told}");
}

#[test]
fn what_was_said_wrongly_is_told_with_its_mend() {
    let error = |prove: Prove| prove.try_run().expect_err("refused").to_string();
    let empty = || prove_with(|| async { Router::new() }).without_corpora();
    for (told, mend) in [
        (error(empty()), ".openapi(include_str!"),
        (error(empty().openapi("openapi: 3.1.0\npaths: {}")), "names no operation"),
        (error(proving(Bug::None).checks(["jwt-alg-nun"])), "`jwt-alg-nun` selects no check"),
        (error(proving(Bug::None).invariant("Stars!", |_| true)), "`Stars!` is no id"),
        (error(proving(Bug::None).invariant("jwt-alg-none", |_| true)), "already"),
        (error(proving(Bug::None).identity(alice())), "`alice` of an identity is not free"),
        (
            error(
                prove_with(|| async { panic!("no database") as Router }).openapi(DOCUMENT).without_corpora(),
            ),
            "panicked at",
        ),
    ] {
        assert!(told.contains(mend), "{told}");
    }
}

#[cfg(feature = "http")]
#[test]
fn a_url_of_this_machine_is_proven_and_no_other() {
    let range = proofhouse_range::Range::start(&proofhouse_range::Config::default()).expect("loopback");
    let here = crate::prove_url(&range.url()).openapi(proofhouse_range::openapi()).checks(["ctype-*"]);
    let proof = here.cases(200).without_corpora().run();
    assert!(proof.findings().is_empty(), "{}", proof.message());
    assert!(proof.report().operations.iter().any(|operation| operation.reached), "{}", proof.message());
    let away = crate::prove_url("http://api.acme.test/").openapi(DOCUMENT).without_corpora().try_run();
    assert!(away.expect_err("refused").to_string().contains("not on this machine"));
}
