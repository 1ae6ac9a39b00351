//! The wrapper of the compiler that fuzz targets are built with: which crates it instruments, and which it leaves alone.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

const COVERAGE: &str = "-Cpasses=sancov-module";

/// What the compiler is called with, when it is this crate's turn.
fn called(list: &str, arguments: &[&str]) -> Vec<String> {
    let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/instrument");
    // `echo` takes the compiler's place.
    let mut command = Command::new(wrapper);
    command.arg("echo").args(arguments).env("PROOFHOUSE_INSTRUMENT", list);
    let output = command.output().expect("the wrapper runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

fn is_instrumented(list: &str, arguments: &[&str]) -> bool {
    called(list, arguments).iter().any(|argument| argument == COVERAGE)
}

#[test]
fn what_is_named_is_instrumented_and_nothing_else() {
    let of = |name: &'static str| ["--crate-name", name, "--crate-type", "lib", "src/lib.rs"];
    assert!(is_instrumented("my_app", &of("my_app")));
    assert!(is_instrumented("other,my_app", &of("my_app")));
    for list in ["", "my_app_fuzz", "app", "my_app2"] {
        assert!(!is_instrumented(list, &of("my_app")), "{list}");
    }
    assert!(!is_instrumented("my_app", &of("proofhouse")), "the harness is never in by default");
    assert!(!is_instrumented("my_app", &["--crate-name", "my_app", "--crate-type", "proc-macro"]));
    assert!(!is_instrumented("my_app", &["--version"]), "cargo asks for the version first");
}

#[test]
fn the_harness_does_not_record_its_own_comparisons() {
    let of = |name: &'static str| ["--crate-name", name, "--crate-type", "lib", "src/lib.rs"];
    let compares = |list: &str, name: &'static str| {
        called(list, &of(name))
            .iter()
            .any(|argument| argument.ends_with("-sanitizer-coverage-trace-compares"))
    };
    assert!(compares("my_app", "my_app") && compares("my_app,proofhouse", "my_app"));
    assert!(!compares("my_app,proofhouse", "proofhouse"), "it would call itself");
    assert!(compares("proofhouse", "proofhouse"), "its own readers are targets without a service");
}

#[test]
fn every_argument_is_handed_on() {
    let plain = ["--crate-name", "a", "--crate-type", "lib", "-Copt-level=3"];
    assert_eq!(called("b", &plain), plain);
    assert_eq!(called("", &plain), plain);
    assert_eq!(called("a", &plain)[..plain.len()], plain);
}

#[test]
fn what_instruments_everything_is_taken_back() {
    let all = ["--crate-name", "a", COVERAGE, "-Cllvm-args=-sanitizer-coverage-level=4", "-Copt-level=3"];
    assert_eq!(called("b", &all), ["--crate-name", "a", "-Copt-level=3"]);
    let own = called("a", &all);
    assert_eq!(own.iter().filter(|argument| *argument == COVERAGE).count(), 1, "once, and not twice");
    assert!(own.contains(&"-Cllvm-args=-max-loads-per-memcmp=0".to_owned()), "{own:?}");
    assert_eq!(called("", &all), all, "nobody named anything");
}

#[test]
fn a_target_of_a_service_hears_of_comparisons_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("api.rs");
    let told = |list: &str, kind: &str, text: &str| {
        std::fs::write(&source, text).expect("written");
        let path = source.to_str().expect("text");
        let called = called(list, &["--crate-name", "api", "--crate-type", kind, path]);
        let wrapped = called.iter().filter(|argument| argument.starts_with("-Clink-arg=-Wl,--wrap=")).count();
        (wrapped, called.contains(&"proofhouse_comparisons".to_owned()))
    };
    let target = "#![no_main]\nproofhouse::fuzz_service!(|| todo!());";
    let plain = "#![no_main]\nfuzz_target!(|data: &[u8]| ());";
    assert_eq!(told("my_app", "bin", target), (9, true));
    assert_eq!(told("my_app", "bin", plain), (0, false), "nobody would define them");
    assert_eq!(told("my_app", "lib", target), (0, false));
    assert_eq!(told("", "bin", target), (0, false), "nothing is instrumented");
    let counts = |list: &str, text: &str| {
        std::fs::write(&source, text).expect("written");
        is_instrumented(list, &["--crate-name", "api", "--crate-type", "bin", source.to_str().expect("text")])
    };
    assert!(
        counts("my_app", target) && counts("my_app", plain),
        "what is `async` in the service is compiled in it"
    );
    assert!(!counts("my_app", "fn main() {}") && !counts("", target));
}
