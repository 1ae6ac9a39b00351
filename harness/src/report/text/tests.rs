//! Every text that people read, as it looks.

use super::{TextOptions, check_table, exchanges, explain, one_finding, sample, scorecard, transcript};
use crate::finding::Finding;
use unicode_width::UnicodeWidthStr as _;

/// Nothing acts on a terminal, nothing is wider than the page but commands and configuration to paste.
fn assert_calm(text: &str, width: usize) {
    for line in text.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains(['\u{202e}', '\u{2066}', '\u{200b}']), "{line:?}");
        let pasted = line.contains('/')
            || line.contains("rule to paste")
            || line.contains(" = ")
            || line.contains("--data");
        assert!(line.width() <= width || pasted, "{} columns: {line}", line.width());
        assert_eq!(line, line.trim_end(), "trailing space");
    }
    assert!(!text.contains("\n\n\n") && text.ends_with('\n'));
}

#[test]
fn a_scorecard() {
    let text = scorecard(&sample::report(), &TextOptions::default());
    assert_calm(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn a_narrow_scorecard() {
    let text = scorecard(&sample::report(), &TextOptions { width: 64, ..TextOptions::default() });
    assert_calm(&text, 64);
    insta::assert_snapshot!(text);
}

#[test]
fn a_scorecard_of_a_hostile_target() {
    let text = scorecard(&sample::hostile(), &TextOptions::default());
    assert_calm(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn a_scorecard_of_a_run_that_reached_nothing() {
    let text = scorecard(&sample::empty(), &TextOptions::default());
    assert_calm(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn a_scorecard_of_sixty_findings() {
    let text = scorecard(&sample::many(), &TextOptions::default());
    assert_calm(&text, 100);
    assert!(text.lines().count() < 260, "{} lines", text.lines().count());
    insta::assert_snapshot!(text);
}

#[test]
fn colours_change_nothing_but_colours() {
    let plain = scorecard(&sample::hostile(), &TextOptions::default());
    let colored = scorecard(&sample::hostile(), &TextOptions { color: true, ..TextOptions::default() });
    assert_ne!(plain, colored);
    let mut bare = String::new();
    let mut rest = colored.as_str();
    while let Some((before, code)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        let (parameters, after) = code.split_once('m').expect("a code ends");
        assert!(parameters.chars().all(|c| c.is_ascii_digit() || c == ';'), "only styles: {parameters:?}");
        rest = after;
    }
    bare.push_str(rest);
    assert_eq!(bare, plain);
}

#[test]
fn one_finding_in_full() {
    let with =
        |_: &Finding| "--defect input-sqli-boolean-in-search --defect jwt-alg-none-lowercase".to_owned();
    let options =
        TextOptions { corpora: "corpora/nightly", replay_with: Some(&with), ..TextOptions::default() };
    insta::assert_snapshot!(one_finding(&sample::injection(), &options));
}

#[test]
fn a_transcript() {
    insta::assert_snapshot!(transcript(&sample::injection()));
}

#[test]
fn a_transcript_of_a_hostile_target() {
    let text = transcript(&sample::hostile().findings[0]);
    assert!(!text.chars().any(|c| c != '\n' && c.is_control()));
    insta::assert_snapshot!(text);
}

#[test]
fn long_lines_and_bursts_are_told_of() {
    let mut exchange = sample::exchange("attack", "burst", "bob", "GET /", &"x".repeat(2_100));
    exchange.copies = 30;
    let text = exchanges(&[exchange]);
    assert!(text.contains("the first of 30 copies") && text.contains("[109 more characters]"), "{text}");
    assert_eq!(exchanges(&[]), "no exchange was kept\n");
}

#[test]
fn a_page_of_a_check() {
    assert_eq!(explain("no-such-check"), None);
    insta::assert_snapshot!(explain("authz-object-read").expect("it is there"));
}

#[test]
fn the_table_of_checks() {
    let eight = [
        "error-stack-trace",
        "error-shape-inconsistent",
        "jwt-alg-none",
        "jwt-exp-ignored",
        "authz-object-read",
        "input-sqli-boolean",
        "ratelimit-missing",
        "ratelimit-never-recovers",
    ];
    let table = check_table();
    assert!(eight.iter().all(|id| table.contains(id)));
    assert_calm(&table, 100);
    insta::assert_snapshot!(table);
}
