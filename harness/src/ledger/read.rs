//! Reading the ledger: what is left, by target.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::line::{Header, Line, Made};
use super::paths::is_safe;
use super::write::key;
use super::{FILE, VERSION};
use crate::surface::Template;

/// The longest line that is one of ours.
const LONGEST: u64 = 64 << 10;
/// The largest ledger that is read, in bytes: what was made and what is gone, for the most objects that are listed.
const LARGEST: u64 = 256 << 20;

/// A ledger as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// The file.
    pub path: PathBuf,
    /// The target of the last run, and its kind.
    pub last: Header,
    /// What is left, by target; a target of which nothing is left is not there.
    pub left: Vec<Left>,
}

/// What is left in one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The target, as reports name it.
    pub target: String,
    /// The objects, the oldest first.
    pub made: Vec<Made>,
    /// Objects that were counted and not listed.
    pub unlisted: u64,
}

/// Why a ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is none.
    #[error("{}: there is no ledger here: a run writes it into its --report-dir; name that directory", path.display())]
    None {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of it is none of ours.
    #[error("{}, line {line}: {why}; take the line out, or mend it, to go on", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// It is more than any run writes.
    #[error("{}: larger than {} MiB: no run writes such a ledger", path.display(), LARGEST >> 20)]
    Large {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the ledger of a report directory. A last line that was cut in the middle is passed over.
pub fn read(folder: &Path) -> Result<Book, LedgerError> {
    let path = folder.join(FILE);
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => LedgerError::None { path: path.clone() },
        _ => LedgerError::Io { path: path.clone(), source },
    };
    let file = File::open(&path).map_err(refused)?;
    if file.metadata().map_err(refused)?.len() > LARGEST {
        return Err(LedgerError::Large { path });
    }
    let mut reader = BufReader::new(file);
    let mut reading = Reading::default();
    // A line that cannot be read, and where it stands: it may have been cut when a run was killed.
    let mut cut: Option<(usize, String)> = None;
    for number in 1.. {
        let mut line = Vec::new();
        if reader.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(refused)? == 0 {
            break;
        }
        let is_empty = line.trim_ascii().is_empty();
        if let Some((line, why)) = cut.take().filter(|_| !is_empty) {
            return Err(LedgerError::Broken { path, line, why });
        }
        if is_empty {
            continue;
        }
        match serde_json::from_slice::<Line>(&line) {
            Ok(line) => {
                reading.take(line).map_err(|why| LedgerError::Broken {
                    path: path.clone(),
                    line: number,
                    why,
                })?;
            }
            // The parser's words may hold what the line says.
            Err(error) => {
                cut = Some((number, format!("not a line of a ledger, at column {}", error.column())));
            }
        }
    }
    if reading.first && cut.is_some() {
        return Err(LedgerError::Broken { path, line: 1, why: "this is no ledger".to_owned() });
    }
    Ok(Book { path, last: reading.last.clone(), left: reading.left() })
}

struct Reading {
    /// Nothing was read yet.
    first: bool,
    now: Header,
    last: Header,
    by_target: Vec<Sheet>,
}

/// What was made in one target.
#[derive(Default)]
struct Sheet {
    target: String,
    made: Vec<Option<Made>>,
    by_path: HashMap<String, usize>,
    unlisted: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self { first: true, now: Header::default(), last: Header::default(), by_target: Vec::new() }
    }
}

impl Reading {
    fn take(&mut self, line: Line) -> Result<(), String> {
        let begins = matches!(line, Line::Run(_));
        if std::mem::take(&mut self.first) && !begins {
            return Err("a ledger begins with the line of a run".to_owned());
        }
        match line {
            Line::Run(header) if header.version > VERSION => {
                return Err(format!("version {}: this proofhouse reads version {VERSION}", header.version));
            }
            Line::Run(header) => {
                if header.kind != "clean" {
                    self.last = header.clone();
                }
                self.now = header;
            }
            // The embedded range is gone with its run.
            _ if self.now.kind == "range" => {}
            Line::Made(made) => {
                check(&made)?;
                let sheet = self.sheet();
                if !made.path.is_empty() {
                    // Named before, and still there: the first line of it counts.
                    if sheet.by_path.contains_key(key(&made.path)) {
                        return Ok(());
                    }
                    sheet.by_path.insert(key(&made.path).to_owned(), sheet.made.len());
                }
                sheet.made.push(Some(*made));
            }
            Line::Gone(gone) => {
                let sheet = self.sheet();
                if let Some(at) = sheet.by_path.remove(key(&gone.path)) {
                    sheet.made[at] = None;
                }
            }
            Line::Unlisted(count) => {
                // A run goes on counting where the one before it ended.
                self.sheet().unlisted = count;
            }
        }
        Ok(())
    }

    fn sheet(&mut self) -> &mut Sheet {
        let at = self.by_target.iter().position(|sheet| sheet.target == self.now.target);
        let at = at.unwrap_or_else(|| {
            let target = self.now.target.clone();
            self.by_target.push(Sheet { target, ..Sheet::default() });
            self.by_target.len() - 1
        });
        &mut self.by_target[at]
    }

    fn left(self) -> Vec<Left> {
        let all = self.by_target.into_iter().map(|sheet| Left {
            target: sheet.target,
            made: sheet.made.into_iter().flatten().collect(),
            unlisted: sheet.unlisted,
        });
        all.filter(|left| !left.made.is_empty() || left.unlisted > 0).collect()
    }
}

/// A ledger may have been changed by others: what it asks for must be a deletion of an object that it names.
fn check(made: &Made) -> Result<(), String> {
    if !made.path.is_empty() && !is_safe(&made.path) {
        return Err("`path` is not the path of an object".to_owned());
    }
    let Some(delete) = &made.delete else { return Ok(()) };
    let template = delete.strip_prefix("DELETE ").and_then(Template::of_objects);
    match template {
        Some(template) if template.fits(&made.path) => Ok(()),
        _ => Err("`delete` is not an operation that deletes what is at `path`".to_owned()),
    }
}
