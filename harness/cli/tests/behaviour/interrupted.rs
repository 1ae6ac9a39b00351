//! Runs that do not come to their end: nothing that was announced is lost, and the run goes on where it was.

use std::collections::BTreeSet;

use proofhouse::case::Case;
use proofhouse::checks::by_id;
use serde_json::Value as Json;

use crate::support::{Place, Server, api, json as in_json};

/// No limits, so that the clock decides nothing.
const LINE: &str = "run --seed 21 --requests 2600 --defect ratelimit-missing-on-login-recount \
    --defect ratelimit-missing-on-coupons --defect error-stack-trace-on-unknown-dish \
    --defect jwt-alg-none-on-forgotten-route --defect input-sqli-boolean-in-category \
    --defect authz-object-read-of-receipt \
    --checks error-stack-trace,error-shape-inconsistent,jwt-*,input-sqli-boolean,authz-*";

fn fingerprints(place: &Place) -> BTreeSet<String> {
    let report = place.read_json("reports/latest/report.json");
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|finding| finding["fingerprint"].as_str().expect("text").to_owned()).collect()
}

/// The case file of a line such as `found  high  …, findings/….json`.
fn announced(line: &str) -> String {
    let (_, file) = line.trim_end().rsplit_once(", ").expect("a file at its end");
    format!("corpora/{file}")
}

/// Every file of the corpora is a whole case; gives the fingerprints of the findings.
fn cases(place: &Place) -> BTreeSet<String> {
    let files = place.files("corpora");
    let whole = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    let read =
        whole.filter(|file| !file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    read.filter_map(|file| {
        let case = Case::from_json(&std::fs::read(file).expect("readable"));
        let case = case.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // What is merely interesting is judged by nobody.
        assert!(
            by_id(&case.check).is_some() || file.components().any(|part| part.as_os_str() == "interesting")
        );
        by_id(&case.check).map(|_| proofhouse::finding::fingerprint(&case))
    })
    .collect()
}

#[test]
fn a_killed_run_loses_nothing_and_goes_on() {
    let whole = Place::new();
    whole.proofhouse(LINE).expect(&[1]);
    for after in ["found ", "input-sqli-boolean-", "exploring", "shrinking"] {
        let place = Place::new();
        let mut run = place.start(LINE.split_whitespace());
        run.wait_for(after);
        run.kill();
        let killed = run.end();
        let told: Vec<_> =
            killed.err().lines().filter(|line| line.starts_with("found ")).map(announced).collect();
        assert!(!told.is_empty(), "{}", killed.said());
        let kept = cases(&place);
        assert!(kept.len() >= told.len(), "{kept:?} for {told:?}");
        let journal = String::from_utf8(place.read("reports/latest/journal.jsonl")).expect("text");
        let lines: Vec<_> = journal.split_inclusive('\n').filter(|line| line.ends_with('\n')).collect();
        for line in &lines {
            serde_json::from_str::<Json>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
        let findings: Vec<Json> = lines
            .iter()
            .filter(|line| line.starts_with("{\"finding\""))
            .map(|line| serde_json::from_str::<Json>(line).expect("read just before")["finding"].take())
            .collect();
        for finding in &findings {
            assert!(kept.contains(finding["fingerprint"].as_str().expect("text")), "{finding:#}");
        }
        for file in &told {
            // It may have been replaced by a smaller one, of the same fingerprint.
            let journaled = findings
                .iter()
                .any(|finding| format!("corpora/{}", finding["case_file"].as_str().expect("text")) == *file);
            assert!(journaled, "{file} was announced and is not in the journal");
        }
        place.run(LINE.split_whitespace().chain(["--resume"])).expect(&[1]);
        assert_eq!(fingerprints(&place), fingerprints(&whole), "killed after {after:?}");
        let resumed = cases(&place);
        assert!(fingerprints(&place).is_subset(&resumed));
        // Done once more, there is nothing left to do but to say so.
        place.run(LINE.split_whitespace().chain(["--resume"])).expect(&[1]);
        assert_eq!(fingerprints(&place), fingerprints(&whole), "resumed twice after {after:?}");
    }
}

#[test]
fn another_run_does_not_go_on_with_a_journal() {
    let place = Place::new();
    place.write("api.json", api::document());
    let server = Server::answering(|_| in_json(200, &serde_json::json!([])));
    let line = |more: &str| format!("run {} --openapi api.json --requests 60 {more}", server.url());
    place.proofhouse(&line("--seed 1")).expect(&[0, 1, 5]);
    place.proofhouse(&line("--seed 1 --resume")).expect(&[0, 1, 5]);
    let said: Vec<_> = ["--seed 2 --resume", "--seed 1 --safe --resume"]
        .into_iter()
        .map(|more| place.proofhouse(&line(more)).expect(&[2]).said())
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn ctrl_c_ends_a_run_and_keeps_its_report() {
    let place = Place::new();
    let mut run = place.start(["run", "--time", "60s", "--seed", "3"]);
    run.wait_for("found ");
    run.interrupt();
    run.wait_for("stopping: what was found is kept");
    let ended = run.end().expect(&[4]);
    assert!(ended.took.as_secs() < 20, "{:?}", ended.took);
    assert!(ended.out().contains("The run was interrupted; `--resume` goes on with it."), "{}", ended.said());
    assert!(!fingerprints(&place).is_empty());
    assert!(cases(&place).is_superset(&fingerprints(&place)));
}

/// The traffic stops at once, even when nobody answers.
#[test]
fn ctrl_c_ends_a_run_against_a_target_that_hangs() {
    let place = Place::new();
    place.write("api.json", api::document());
    let (asked, was_asked) = std::sync::mpsc::channel();
    let asked = std::sync::Mutex::new(asked);
    let server = Server::start(move |_, stream| {
        let _ = asked.lock().expect("whole").send(());
        std::io::copy(stream, &mut std::io::sink())?;
        Ok(false)
    });
    let arguments = ["run", &server.url(), "--openapi", "api.json", "--format", "json"].map(str::to_owned);
    let run = place.start(arguments);
    was_asked.recv().expect("a first request");
    let began = std::time::Instant::now();
    run.interrupt();
    let ended = run.end().expect(&[3, 4]);
    assert!(began.elapsed().as_secs() < 4, "it took {:?} to stop", began.elapsed());
    serde_json::from_slice::<Json>(&ended.stdout).expect("the report");
}
