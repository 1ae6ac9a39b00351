//! Commands that people paste.

use super::TextOptions;
use crate::finding::Finding;

/// The words of the command that replays a finding; none when its case is on no disk.
pub(super) fn replay(
    finding: &Finding,
    target: Option<&str>,
    options: &TextOptions<'_>,
) -> Option<Vec<String>> {
    if finding.case_file.is_empty() {
        return None;
    }
    let mut words = vec!["proofhouse".to_owned(), "replay".to_owned(), quoted(&file(finding, options))];
    match (options.replay_with, target) {
        (Some(with), _) => words.extend(split(&with(finding))),
        (None, Some(target)) => words.push(format!("--target {}", quoted(target))),
        (None, None) => {}
    }
    Some(words)
}

/// The case file, as the reader would write it.
pub(super) fn file(finding: &Finding, options: &TextOptions<'_>) -> String {
    match options.corpora.trim_end_matches('/') {
        "" => finding.case_file.clone(),
        folder => format!("{folder}/{}", finding.case_file),
    }
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A command's words, quoted parts kept whole; an option stays with its value.
pub(super) fn split(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let (mut quote, mut escaped) = (None, false);
    for c in command.chars().chain(" ".chars()) {
        if quote.is_none() && !escaped && c.is_whitespace() {
            let joins = words.last().is_some_and(|last| last.starts_with('-') && !last.contains(' '));
            match words.last_mut() {
                Some(last) if joins && !word.is_empty() && !word.starts_with('-') => {
                    last.push(' ');
                    last.push_str(&word);
                }
                _ if !word.is_empty() => words.push(word.clone()),
                _ => {}
            }
            word.clear();
            continue;
        }
        word.push(c);
        match quote {
            _ if escaped => escaped = false,
            Some('\'') if c == '\'' => quote = None,
            Some('"') if c == '"' => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            _ if c == '\\' && quote != Some('\'') => escaped = true,
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_parts_and_option_values_stay_whole() {
        let command = r#"curl -sS -i -H "A: b c" --data-binary '{"a":"it'\''s x"}' 'http://h/a b'"#;
        assert_eq!(
            split(command),
            [
                "curl",
                "-sS",
                "-i",
                "-H \"A: b c\"",
                "--data-binary '{\"a\":\"it'\\''s x\"}'",
                "'http://h/a b'"
            ]
        );
        assert_eq!(split("--defect a --defect b"), ["--defect a", "--defect b"]);
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("http://localhost:80/v1"), "http://localhost:80/v1");
        assert_eq!(quoted("a;rm -rf 'x'"), "'a;rm -rf '\\''x'\\'''");
    }
}
