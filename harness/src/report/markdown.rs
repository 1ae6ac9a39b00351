//! The reference of the checks, as Markdown.

use std::fmt::Write as _;

use super::text::{HEADINGS, by_practice, facts};

/// The page that lists and explains every check.
pub fn checks_markdown() -> String {
    let mut text = String::from(
        "# Checks\n\nGenerated from the checks' own files; `proofhouse explain CHECK` prints one of them. Severities are \
         those before facts adjust them.\n",
    );
    for (practice, checks) in by_practice() {
        let _ =
            writeln!(text, "\n## {}\n\n| check | severity | finds |\n| --- | --- | --- |", practice.title());
        for about in &checks {
            let _ = writeln!(text, "| [{0}](#{0}) | {1} | {2} |", about.id, about.severity, about.title);
        }
        for about in checks {
            let _ = writeln!(text, "\n### {}\n\nFinds {}.\n", about.id, about.title);
            for (name, value) in facts(about) {
                let _ = writeln!(text, "* {name}: {value}");
            }
            for heading in HEADINGS {
                let section = about.section(heading).unwrap_or_default();
                let _ = writeln!(text, "\n#### {heading}\n\n{section}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::checks::{CHECKS, Kind};
    use crate::report::text::HEADINGS;

    #[test]
    fn every_page_has_exactly_the_headings() {
        for about in CHECKS.iter().map(Kind::about) {
            let page = about.page();
            let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("# ")).collect();
            assert_eq!(headings, HEADINGS, "{}", about.id);
            for heading in HEADINGS {
                assert!(
                    about.section(heading).is_some_and(|text| !text.is_empty()),
                    "{}: {heading}",
                    about.id
                );
            }
        }
    }
}
