//! Corpora: directories of cases. Content-addressed names, atomic writes.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::case::{Case, FileError};

/// Why a case file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no case that may be run.
    #[error("{}: {source}", path.display())]
    Case {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
}

/// A directory of cases, with its parts `seeds`, `interesting` and `findings`.
#[derive(Clone, Debug)]
pub struct Corpora {
    root: PathBuf,
}

impl Corpora {
    /// The corpora below this directory, which need not exist.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a case to `findings`; returns its path relative to the directory.
    pub fn save_finding(&self, case: &Case) -> io::Result<String> {
        let name = format!("findings/{}-{}.json", case.check, case.digest());
        write_atomically(&self.root.join(&name), case.to_json().as_bytes())?;
        Ok(name)
    }

    /// Removes a file of a case that was replaced by a smaller one.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.root.join(name))
    }
}

/// Reads one case.
pub fn read(path: &Path) -> Result<Case, ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(io)?;
    Case::from_json(&bytes).map_err(|source| ReadError::Case { path: path.to_owned(), source })
}

/// Writes a file so that it is there whole or not at all: a temporary file, synced, renamed.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let mut file = std::fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_saved_under_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let corpora = Corpora::at(folder.path());
        let case = Case::new("error-stack-trace", "GET /menu");
        let name = corpora.save_finding(&case).expect("saved");
        assert_eq!(corpora.save_finding(&case).expect("saved again"), name);
        assert_eq!(read(&folder.path().join(&name)).expect("readable"), case);
        assert_eq!(std::fs::read_dir(folder.path().join("findings")).expect("there").count(), 1);
    }

    #[test]
    fn errors_name_the_file() {
        let error = read(Path::new("/nowhere/case.json")).expect_err("missing").to_string();
        assert!(error.contains("/nowhere/case.json"), "{error}");
    }
}
