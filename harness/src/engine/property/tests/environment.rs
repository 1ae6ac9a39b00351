//! What the environment changes, in processes of their own: as test runners start them.

use std::path::Path;
use std::process::{Command, Output};

use super::*;
use crate::corpora::Corpora;

/// Runs one of the tests below that wait for it.
fn child(test: &str, variables: &[(&str, &str)], manifest: &Path) -> Output {
    let name = format!("{}::{test}", module_path!().split_once("::").expect("in the crate").1);
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program);
    child.args(["--exact", &name, "--ignored", "--nocapture"]).env("CARGO_MANIFEST_DIR", manifest);
    child.envs(variables.iter().copied()).env("RUST_BACKTRACE", "0").output().expect("it runs")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Whether this is such a process, and not somebody who runs all that is ignored.
fn is_child() -> bool {
    let manifest = super::super::environment::Environment::read().expect("readable").manifest;
    manifest != Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn in_folder_of_test(bug: Bug) -> Prove {
    let mut prove = proving(bug);
    prove.corpora = super::super::prove::Corpora::OfTest;
    prove
}

#[test]
#[ignore = "run by the tests of this file"]
#[expect(clippy::print_stdout, reason = "whoever started this process reads it")]
fn five_stars_panic() {
    if is_child() {
        let proof = in_folder_of_test(Bug::Stars).run();
        // Whether or not these cases find it.
        println!("{}", proof.message());
        proof.assert_holds();
    }
}

#[test]
#[ignore = "run by the tests of this file"]
fn five_stars_are_fine() {
    if is_child() {
        in_folder_of_test(Bug::None).run().assert_holds();
    }
}

#[test]
fn a_saved_case_is_replayed_by_its_name() {
    let package = tempfile::tempdir().expect("a folder");
    let first = told(&child("five_stars_panic", &[], package.path()));
    let folder = package.path().join("corpora/engine.property.tests.environment.five_stars_panic");
    let files = Corpora::at(&folder).files("findings");
    let file = files.iter().find(|file| file.to_string_lossy().contains("service-panic"));
    let file = file.unwrap_or_else(|| panic!("{files:?}\n{first}"));
    let shown = file.strip_prefix(package.path()).expect("in the package").display().to_string();
    assert!(
        first.contains(&format!(
            "PROOFHOUSE_REPLAY={shown} cargo test engine::property::tests::environment::five_stars_panic"
        )),
        "{first}"
    );
    let again = child("five_stars_panic", &[("PROOFHOUSE_REPLAY", &shown)], package.path());
    assert!(!again.status.success() && told(&again).contains("the case is reproduced"), "{}", told(&again));
    let mended = child("five_stars_are_fine", &[("PROOFHOUSE_REPLAY", &shown)], package.path());
    assert!(mended.status.success(), "{}", told(&mended));
    let nowhere = child("five_stars_are_fine", &[("PROOFHOUSE_REPLAY", "no.json")], package.path());
    assert!(told(&nowhere).contains("PROOFHOUSE_REPLAY: no.json"), "{}", told(&nowhere));
}

#[test]
fn seed_and_cases_are_the_environments() {
    let package = tempfile::tempdir().expect("a folder");
    let output = told(&child(
        "five_stars_panic",
        &[("PROOFHOUSE_SEED", "9"), ("PROOFHOUSE_CASES", "900")],
        package.path(),
    ));
    let line = output
        .lines()
        .find(|line| line.contains(" cases in ") && line.contains("seed 9"))
        .unwrap_or_else(|| panic!("{output}"));
    let cases: u64 = line.split(' ').next().and_then(|cases| cases.parse().ok()).expect("a number");
    assert!((800..1_000).contains(&cases), "{line}");
}
