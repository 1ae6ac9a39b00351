//! Corpora: directories of cases. Content-addressed names, atomic writes.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

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

/// How many cases `interesting` holds at most, and how long they may be together.
const MOST: usize = 4_096;
const MOST_BYTES: u64 = 16 << 20;

/// The files of `interesting`: one case for each behaviour, within a bound.
#[derive(Debug)]
pub struct Shelf {
    root: PathBuf,
    /// The length of the file of each behaviour.
    lengths: BTreeMap<u64, u64>,
    most: usize,
    most_bytes: u64,
}

impl Shelf {
    /// Writes a case, in the place of what showed the same before. Where that is too much, the largest file goes.
    pub fn keep(&mut self, behaviour: u64, case: &Case) -> io::Result<()> {
        let json = case.to_json();
        write_atomically(&self.root.join(interesting_name(behaviour)), json.as_bytes())?;
        self.lengths.insert(behaviour, json.len() as u64);
        while self.lengths.len() > self.most || self.lengths.values().sum::<u64>() > self.most_bytes {
            let largest =
                self.lengths.iter().max_by_key(|(_, bytes)| **bytes).map(|(behaviour, _)| *behaviour);
            let Some(largest) = largest else { break };
            self.lengths.remove(&largest);
            std::fs::remove_file(self.root.join(interesting_name(largest)))?;
        }
        Ok(())
    }
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
        self.save(&name, case)?;
        Ok(name)
    }

    /// Writes a case to this path, relative to the directory.
    pub fn save(&self, name: &str, case: &Case) -> io::Result<()> {
        write_atomically(&self.root.join(name), case.to_json().as_bytes())
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

    /// `interesting` with what is there, to be added to.
    pub fn shelf(&self, there: &[Interesting]) -> Shelf {
        Shelf {
            root: self.root.clone(),
            lengths: there.iter().map(|one| (one.behaviour, one.bytes)).collect(),
            most: MOST,
            most_bytes: MOST_BYTES,
        }
    }

    /// The files of cases in one part, such as `findings`, in the order of their names.
    pub fn files(&self, part: &str) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.root.join(part));
        let paths = folder.into_iter().flatten().flatten().map(|entry| entry.path());
        let is_case = |path: &PathBuf| {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            !hidden && path.extension().is_some_and(|extension| extension == "json")
        };
        let mut paths: Vec<_> = paths.filter(is_case).collect();
        paths.sort();
        paths
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

static TURN: AtomicU64 = AtomicU64::new(0);

/// Writes a file so that it is there whole or not at all: a temporary file, synced, renamed.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    // Several threads may write the same case at once.
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{name}.{}.{turn}.tmp", std::process::id()));
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
        let mut shelf = corpora.shelf(&[]);
        shelf.keep(17, &Case::new("explore", "GET /menu/with/a/longer/path")).expect("saved");
        shelf.keep(17, &case).expect("saved in its place");
        std::fs::write(folder.path().join("interesting/00000000000000ff.json"), "{").expect("written");
        std::fs::write(folder.path().join("interesting/README.md"), "mine").expect("written");
        let (cases, errors) = corpora.interesting();
        let [one] = cases.as_slice() else { panic!("{cases:?}") };
        assert_eq!((one.behaviour, &one.case, one.bytes), (17, &case, case.to_json().len() as u64));
        assert!(errors.len() == 1 && errors[0].to_string().contains("00000000000000ff.json"), "{errors:?}");
    }

    #[test]
    fn what_is_interesting_is_bounded_by_number_and_by_length() {
        let folder = tempfile::tempdir().expect("a folder");
        let corpora = Corpora::at(folder.path());
        let case = |length: usize| Case::new("explore", format!("GET /{}", "a".repeat(length)));
        let kept = || corpora.interesting().0.into_iter().map(|one| one.behaviour).collect::<Vec<_>>();
        let mut by_number = Shelf { most: 2, ..corpora.shelf(&[]) };
        for (behaviour, length) in [(1, 10), (2, 300), (3, 20)] {
            by_number.keep(behaviour, &case(length)).expect("saved");
        }
        assert_eq!(kept(), [1, 3], "the largest went");
        let there = corpora.interesting().0;
        let together: u64 = there.iter().map(|one| one.bytes).sum();
        let mut by_length = Shelf { most_bytes: together, ..corpora.shelf(&there) };
        by_length.keep(4, &case(0)).expect("saved");
        assert_eq!(kept(), [1, 4]);
    }

    #[test]
    fn errors_name_the_file() {
        let error = read(Path::new("/nowhere/case.json")).expect_err("missing").to_string();
        assert!(error.contains("/nowhere/case.json"), "{error}");
    }
}
