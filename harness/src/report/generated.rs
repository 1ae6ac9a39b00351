//! Files of the repository that are made from the code.

use super::markdown::checks_markdown;

/// The generated files: path relative to the repository, and contents. The JSON Schemas need the feature `schema`.
pub fn generated_files() -> Vec<(&'static str, String)> {
    let mut files = vec![("docs/checks.md", checks_markdown())];
    #[cfg(feature = "schema")]
    files.push(("docs/report.schema.json", format!("{:#}\n", super::schema::report_schema())));
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn every_check_has_a_row_in_the_proof() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/proof.md");
        let page = std::fs::read_to_string(page).expect("docs/proof.md");
        for check in crate::checks::CHECKS {
            let id = check.about().id;
            let row = page.lines().find(|line| line.starts_with(&format!("| [{id}](")));
            let row = row
                .unwrap_or_else(|| panic!("docs/proof.md has no row for {id}: `just proof {id}` writes it"));
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let [_, _, _, process, sockets, elsewhere, alarms, detection, ..] = cells[..] else {
                panic!("not a row: {row}")
            };
            let all = |cell: &str| cell.split_once(" of ").is_some_and(|(k, n)| k == n && k != "0");
            assert!(all(process) && all(sockets) && elsewhere.starts_with("0 of "), "not proven live: {row}");
            assert!(alarms != "none tried" && detection != "none tried", "no synthetic trial: {row}");
        }
    }

    #[test]
    fn generated_files_are_as_committed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (path, contents) in super::generated_files() {
            let committed = std::fs::read_to_string(root.join(path)).unwrap_or_default();
            let line = committed.lines().zip(contents.lines()).position(|(old, new)| old != new);
            assert!(
                committed == contents,
                "{path} is not what the code makes (first difference at line {}); write it again with\n    \
                 cargo run -p proofhouse --features schema --example generate",
                line.unwrap_or_else(|| committed.lines().count().min(contents.lines().count())) + 1
            );
        }
    }
}
