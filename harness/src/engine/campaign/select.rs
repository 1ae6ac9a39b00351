//! Which checks run.

/// Which checks run: ids or globs; none means all.
#[derive(Clone, Debug, Default)]
pub struct Selection(pub Vec<String>);

impl Selection {
    /// Whether a check is selected.
    pub fn has(&self, id: &str) -> bool {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(prefix) => id.starts_with(prefix),
            None => id == pattern,
        };
        let (without, with): (Vec<_>, Vec<_>) = self.0.iter().partition(|pattern| pattern.starts_with('!'));
        (with.is_empty() || with.iter().any(|pattern| matches(pattern)))
            && !without.iter().any(|pattern| matches(&pattern[1..]))
    }
}
