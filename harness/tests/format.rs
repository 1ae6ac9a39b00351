//! What `corpora/FORMAT.md` shows can be read, and so can the seeds.

use std::path::Path;

use proofhouse::case::Case;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The blocks that are marked as cases.
fn blocks(text: &str) -> Vec<&str> {
    let blocks = text.split("```json case\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_case_of_the_format_page_is_read() {
    let text = std::fs::read_to_string(root().join("corpora/FORMAT.md")).expect("the page");
    let blocks = blocks(&text);
    assert_eq!(blocks.len(), 2, "the page has two cases");
    for block in blocks {
        let case = Case::from_json(block.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{block}"));
        let again = Case::from_json(case.to_json().as_bytes()).expect("readable");
        assert_eq!(again, case, "{block}");
        // Nothing that the page shows is dropped when the case is written.
        let shown: serde_json::Value = serde_json::from_str(block).expect("JSON");
        let mut written = serde_json::to_value(&case).expect("writable");
        restore_defaults(&shown, &mut written);
        assert_eq!(written, shown);
    }
}

/// The page may show a key with its default, which is not written.
fn restore_defaults(shown: &serde_json::Value, written: &mut serde_json::Value) {
    let (Some(shown), Some(written)) = (shown["steps"].as_array(), written["steps"].as_array_mut()) else {
        return;
    };
    for (shown, written) in shown.iter().zip(written) {
        if shown.get("as").is_some_and(|name| name == "anonymous") {
            written["as"] = "anonymous".into();
        }
    }
}

#[test]
fn every_limit_of_the_format_page_is_the_limit_of_the_code() {
    use proofhouse::case::{FORMAT_VERSION, MAX_COPIES, MAX_EXPANSION, MAX_STEPS};
    assert_eq!((FORMAT_VERSION, MAX_STEPS, MAX_COPIES, MAX_EXPANSION), (1, 512, 10_000, 64 << 20));
}

#[test]
fn every_seed_is_a_case_as_it_would_be_written() {
    let folder = std::fs::read_dir(root().join("corpora/seeds")).expect("the seeds");
    let mut seeds = 0;
    for entry in folder {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("readable");
        let case =
            Case::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(case.to_json(), text, "{}", path.display());
        assert!(proofhouse::checks::by_id(&case.check).is_some(), "{}", path.display());
        seeds += 1;
    }
    assert!(seeds > 0, "there are seeds");
}
