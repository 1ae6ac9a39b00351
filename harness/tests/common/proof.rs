//! What a proof showed, for whoever writes it down: lines of JSON in the file that the variable `PROOF` names.

use std::io::Write as _;

use serde_json::Value as Json;

/// Adds a line; without the variable, nothing.
pub(crate) fn note(line: &Json) {
    let Some(file) = asked("PROOF") else { return };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .unwrap_or_else(|error| panic!("{file}: {error}"));
    // One write for each line: tests run side by side.
    file.write_all(format!("{line}\n").as_bytes()).expect("the file takes a line");
}

/// The lines so far.
#[allow(dead_code, reason = "only what is long goes on where it was")]
pub(crate) fn noted() -> Vec<Json> {
    let text = asked("PROOF").and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What whoever runs the tests says in a variable.
pub(crate) fn asked(variable: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests asks")]
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}
