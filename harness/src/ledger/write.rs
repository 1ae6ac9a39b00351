//! Writing the ledger.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::{Gone, Header, Line, Made, now};
use super::paths::Paths;
use super::seen::{Effect, effect};
use super::{FILE, MOST};
use crate::case::{Case, Step};
use crate::identity::Vault;
use crate::surface::Surface;
use crate::trace::Exchange;

/// So often the number of what is not listed is written down.
const NOTED: u64 = 1_000;

/// The ledger of a run under way.
///
/// A line goes straight to the system, before whoever made the object sends on: through a queue, a killed run would
/// lose what waits in it.
pub struct Ledger {
    paths: Paths,
    vault: Arc<Vault>,
    run: String,
    most: usize,
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    /// What is there, by path: whether something deletes it.
    here: HashMap<Box<str>, bool>,
    listed: usize,
    /// What is there without a path.
    hidden: u64,
    unlisted: u64,
    failure: Option<String>,
}

/// What is left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Objects in all.
    pub objects: u64,
    /// Objects among them that no operation deletes, as far as the document tells.
    pub without: u64,
}

impl Ledger {
    /// Begins a ledger, or goes on with one of which something is left.
    pub fn open(folder: &Path, header: &Header, surface: &Surface, vault: Arc<Vault>) -> io::Result<Self> {
        Self::bounded(folder, header, surface, vault, MOST)
    }

    pub(super) fn bounded(
        folder: &Path,
        header: &Header,
        surface: &Surface,
        vault: Arc<Vault>,
        most: usize,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        let book = super::read(folder);
        // What cannot be read is kept as well: it may name what nothing else does.
        let is_done = book.as_ref().map_or(!path.exists(), |book| book.left.is_empty());
        if is_done {
            File::create(&path)?;
        }
        let mut file = appending(&path)?;
        write(&mut file, &Line::Run(header.clone()))?;
        let left = book.ok().into_iter().flat_map(|book| book.left).find(|left| left.target == header.target);
        let left = left.unwrap_or_default();
        let mut inner = Inner {
            file,
            here: HashMap::new(),
            listed: 0,
            hidden: 0,
            unlisted: left.unlisted,
            failure: None,
        };
        for made in &left.made {
            inner.take(made);
        }
        Ok(Self {
            paths: Paths::new(surface),
            vault,
            run: header.run.clone(),
            most,
            inner: Mutex::new(inner),
        })
    }

    /// Takes down what an exchange made or took away; `base` is the path of the target.
    pub(crate) fn note(&self, case: &Case, step: &Step, exchange: &Exchange, base: &str) {
        match effect(&self.paths, case, step, exchange, base) {
            None => {}
            Some(Effect::Gone(path)) => self.lock().gone(&path),
            Some(Effect::Made(all)) => {
                for mut made in all {
                    made.time = now();
                    made.run.clone_from(&self.run);
                    self.without_secrets(&mut made);
                    self.lock().made(made, self.most);
                }
            }
        }
    }

    /// What is left behind so far.
    pub fn summary(&self) -> Summary {
        let inner = self.lock();
        let without = inner.here.values().filter(|deletes| !**deletes).count() as u64 + inner.hidden;
        Summary { objects: inner.here.len() as u64 + inner.hidden + inner.unlisted, without }
    }

    /// Writes down what is still in memory; says what could not be written.
    pub fn finish(&self) -> Option<String> {
        let mut inner = self.lock();
        if inner.unlisted > 0 {
            let unlisted = inner.unlisted;
            inner.write(&Line::Unlisted(unlisted));
        }
        inner.failure.clone()
    }

    /// An id that is a secret is left out, and its path would not be its path any more.
    fn without_secrets(&self, made: &mut Made) {
        let all = format!("{} {} {}", made.path, made.id, made.take);
        if self.vault.redact_short(&all) != all {
            made.take = self.vault.redact_short(&made.take);
            (made.id, made.path, made.delete) = (String::new(), String::new(), None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ledger({:?})", self.summary())
    }
}

impl Inner {
    fn made(&mut self, made: Made, most: usize) {
        if self.here.contains_key(key(&made.path)) {
            // It was there before: what makes things twice answers with the same one.
            return;
        }
        if self.listed >= most {
            self.unlisted += 1;
            if self.unlisted % NOTED == 1 {
                let unlisted = self.unlisted;
                self.write(&Line::Unlisted(unlisted));
            }
            return;
        }
        self.take(&made);
        self.write(&Line::Made(Box::new(made)));
    }

    fn take(&mut self, made: &Made) {
        self.listed += 1;
        if made.path.is_empty() {
            self.hidden += 1;
        } else {
            self.here.insert(key(&made.path).into(), made.delete.is_some());
        }
    }

    fn gone(&mut self, path: &str) {
        if self.here.remove(key(path)).is_some() {
            self.write(&Line::Gone(Gone { path: key(path).to_owned(), time: now() }));
        }
    }

    fn write(&mut self, line: &Line) {
        if let Err(error) = write(&mut self.file, line) {
            // Disks fill up: go on, and say so at the end.
            self.failure.get_or_insert(format!("the ledger of what was made could not be written: {error}"));
        }
    }
}

/// Marks what is gone in a ledger that no run is writing.
#[derive(Debug)]
pub struct Marks {
    file: File,
}

impl Marks {
    /// Begins to mark what is gone from a target.
    pub fn open(folder: &Path, target: &str) -> io::Result<Self> {
        let mut file = appending(&folder.join(FILE))?;
        let header = Header {
            version: super::VERSION,
            target: target.to_owned(),
            kind: "clean".to_owned(),
            started: now(),
            ..Header::default()
        };
        write(&mut file, &Line::Run(header))?;
        Ok(Self { file })
    }

    /// This object is gone.
    pub fn gone(&mut self, made: &Made) -> io::Result<()> {
        write(&mut self.file, &Line::Gone(Gone { path: key(&made.path).to_owned(), time: now() }))
    }
}

/// What a path is known by: a slash at its end is of no account.
pub(super) fn key(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// Opens a file to write behind what is there. A line that was cut ends here, and an empty one behind it says so.
fn appending(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n\n")?;
        }
    }
    Ok(file)
}

/// Writes one line through to the system: a killed process loses nothing that was written.
fn write(file: &mut File, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}
