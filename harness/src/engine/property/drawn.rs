//! A case that was drawn for a property, and what its first failure was.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::case::Case;

/// A case that was drawn for a property. Its smaller forms remember what broke first: whoever makes a case smaller is
/// never told which failure it saw, and must not slip from one to another.
#[derive(Clone)]
pub struct Drawn {
    case: Case,
    first: Arc<Mutex<First>>,
}

#[derive(Debug, Default)]
struct First {
    /// The fingerprint of what broke first.
    fingerprint: Option<String>,
    /// The file of the smallest case that breaks it.
    file: Option<String>,
}

impl Drawn {
    /// The case.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// The same, with a smaller case.
    #[cfg(feature = "proptest")]
    pub(super) fn smaller(&self, case: Case) -> Self {
        Self { case, first: Arc::clone(&self.first) }
    }

    /// Notes what broke; whether it is the first thing that did.
    pub(super) fn broke(&self, fingerprint: &str) -> bool {
        let mut first = self.first();
        first.fingerprint.get_or_insert_with(|| fingerprint.to_owned()) == fingerprint
    }

    /// Notes the file of the smallest case; the one before it, where that is another.
    pub(super) fn saved_as(&self, file: &str) -> Option<String> {
        self.first().file.replace(file.to_owned()).filter(|old| old != file)
    }

    fn first(&self) -> MutexGuard<'_, First> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Case> for Drawn {
    fn from(case: Case) -> Self {
        Self { case, first: Arc::default() }
    }
}

impl From<&Case> for Drawn {
    fn from(case: &Case) -> Self {
        case.clone().into()
    }
}

impl From<&Drawn> for Drawn {
    fn from(drawn: &Drawn) -> Self {
        drawn.clone()
    }
}

/// What is sent, a line for each step: who, what, and what was changed.
impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.case.steps {
            let operation = self.case.operation_of(step).unwrap_or("bytes");
            write!(f, "\n  {}: {operation} as {}", step.name, step.identity)?;
            for edit in step.request().into_iter().flat_map(|send| &send.edits) {
                let edit = serde_json::to_string(edit).unwrap_or_default();
                let shown: String = edit.chars().take(200).collect();
                write!(f, "\n      {shown}")?;
            }
        }
        // What nothing else keeps can be taken from what proptest prints: `proofhouse import`.
        match &self.first().file {
            Some(file) => write!(f, "\n  kept in {file}"),
            None => write!(f, "\n  {}", serde_json::to_string(&self.case).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::cases_in;

    #[test]
    fn what_is_printed_holds_the_case_until_a_file_does() {
        let case = Case::new("input-server-error", "GET /items");
        let drawn = Drawn::from(&case);
        let kept = format!("cc 7d01 # shrinks to case = {drawn:?}\n");
        assert_eq!(cases_in(kept.as_bytes()), [Ok(case)]);
        drawn.saved_as("corpora/findings/a.json");
        assert!(format!("{drawn:?}").ends_with("kept in corpora/findings/a.json"));
    }
}
