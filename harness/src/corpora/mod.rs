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

const INTERESTING: &str = "interesting";

fn interesting_name(behaviour: u64) -> String {
    format!("{INTERESTING}/{behaviour:016x}.json")
}

/// A case that showed a behaviour which nothing showed before.
#[derive(Clone, Debug)]
pub struct Interesting {
    /// The behaviour.
    pub behaviour: u64,
    /// The case.
    pub case: Case,
    /// The length of its file.
    pub bytes: u64,
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

    /// The cases of `interesting` by the behaviour that they showed, with the length of each file, and why others
    /// cannot be read.
    pub fn interesting(&self) -> (Vec<Interesting>, Vec<ReadError>) {
        let (mut cases, mut errors) = (Vec::new(), Vec::new());
        let folder = std::fs::read_dir(self.root.join(INTERESTING));
        let mut paths: Vec<_> = folder.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        // Folders list their files in any order.
        paths.sort();
        for path in paths {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let Ok(behaviour) = u64::from_str_radix(stem, 16) else { continue };
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let bytes = std::fs::metadata(&path).map_or(0, |about| about.len());
            match read(&path) {
                Ok(case) => cases.push(Interesting { behaviour, case, bytes }),
                Err(error) => errors.push(error),
            }
        }
        (cases, errors)
    }

    /// Writes a case to `interesting`, in the place of what showed the same before; returns the file's length.
    pub fn save_interesting(&self, behaviour: u64, case: &Case) -> io::Result<u64> {
        let json = case.to_json();
        write_atomically(&self.root.join(interesting_name(behaviour)), json.as_bytes())?;
        Ok(json.len() as u64)
    }

    /// Removes the case of a behaviour.
    pub fn forget_interesting(&self, behaviour: u64) -> io::Result<()> {
        std::fs::remove_file(self.root.join(interesting_name(behaviour)))
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
    fn what_is_interesting_is_kept_by_its_behaviour() {
        let folder = tempfile::tempdir().expect("a folder");
        let corpora = Corpora::at(folder.path());
        let case = Case::new("explore", "GET /menu");
        let length = corpora.save_interesting(17, &case).expect("saved");
        assert_eq!(corpora.save_interesting(17, &case).expect("saved again"), length);
        corpora.save_interesting(18, &case).expect("saved");
        corpora.forget_interesting(18).expect("there");
        std::fs::write(folder.path().join("interesting/00000000000000ff.json"), "{").expect("written");
        std::fs::write(folder.path().join("interesting/README.md"), "mine").expect("written");
        let (cases, errors) = corpora.interesting();
        let [one] = cases.as_slice() else { panic!("{cases:?}") };
        assert_eq!((one.behaviour, &one.case, one.bytes), (17, &case, length));
        assert!(errors.len() == 1 && errors[0].to_string().contains("00000000000000ff.json"), "{errors:?}");
    }

    #[test]
    fn errors_name_the_file() {
        let error = read(Path::new("/nowhere/case.json")).expect_err("missing").to_string();
        assert!(error.contains("/nowhere/case.json"), "{error}");
    }
}
