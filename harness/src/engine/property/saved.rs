//! The saved cases of a test: what was found before, and seeds.

use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::checks::Checks;
use crate::corpora::{Corpora, ReadError, read};

/// A case and its file.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) path: PathBuf,
    pub(super) case: Case,
}

/// Reads what was found before, then the seeds. A file that is no case is an error: somebody put it there.
pub(super) fn read_all(folder: &Path) -> Result<Vec<Saved>, ReadError> {
    let corpora = Corpora::at(folder);
    let mut saved = Vec::new();
    for part in ["findings", "seeds"] {
        for path in corpora.files(part) {
            let case = read(&path)?;
            saved.push(Saved { path, case });
        }
    }
    Ok(saved)
}

/// What this test judges of them, and why some cannot be judged at all.
pub(super) fn judged(
    saved: Vec<Saved>,
    checks: &Checks,
    selected: impl Fn(&str) -> bool,
) -> Result<Vec<Saved>, String> {
    let mut kept = Vec::new();
    for one in saved {
        let check = one.case.check.as_str();
        if checks.by_id(check).is_none() && check != "explore" {
            return Err(format!(
                "{}: there is no check `{check}` to judge it with: add it to the test, or delete the file",
                one.path.display()
            ));
        }
        if check == "explore" || selected(check) {
            kept.push(one);
        }
    }
    Ok(kept)
}
