//! The journal: what a run did, line by line, so that a killed run goes on where it was.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::report::Cell;

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// The first line: what the run is.
    Run(Header),
    /// A cell is done.
    Cell(Box<Cell>),
    /// What is known of a finding; the last line of a fingerprint counts.
    Finding(Box<Finding>),
    /// The run came to its end.
    End,
}

/// What a run is: another run must not go on with its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) seed: u64,
    pub(super) target: String,
    pub(super) config: String,
    pub(super) started: String,
}

/// Why a run cannot go on with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is another run's.
    #[error("{}: this is the journal of another run ({why}): resume with the same seed, target and configuration, or choose another --report-dir", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        why: String,
    },
    /// There is none.
    #[error("{}: there is no run to resume here", path.display())]
    None {
        /// The file.
        path: PathBuf,
    },
}

/// What an earlier run left.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub(super) cells: Vec<Cell>,
    pub(super) findings: Vec<Finding>,
    pub(super) started: Option<String>,
}

pub(super) struct Journal {
    file: File,
}

impl Journal {
    pub(super) fn path(report_dir: &Path) -> PathBuf {
        report_dir.join("journal.jsonl")
    }

    /// Begins a journal, or goes on with one.
    pub(super) fn open(
        report_dir: &Path,
        header: &Header,
        resume: bool,
    ) -> Result<(Self, Earlier), JournalError> {
        let path = Self::path(report_dir);
        let io = |source| JournalError::Io { path: path.clone(), source };
        std::fs::create_dir_all(report_dir).map_err(io)?;
        let earlier = if resume { Self::read(&path, header)? } else { Earlier::default() };
        let file = OpenOptions::new()
            .create(true)
            .append(resume)
            .write(true)
            .truncate(!resume)
            .open(&path)
            .map_err(io)?;
        let mut journal = Self { file };
        if resume {
            // The last line may have been cut in the middle.
            journal.file.write_all(b"\n").map_err(io)?;
        } else {
            journal.write(&Line::Run(header.clone())).map_err(io)?;
        }
        Ok((journal, earlier))
    }

    fn read(path: &Path, header: &Header) -> Result<Earlier, JournalError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(JournalError::None { path: path.to_owned() });
            }
            Err(source) => return Err(JournalError::Io { path: path.to_owned(), source }),
        };
        let mut earlier = Earlier::default();
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|source| JournalError::Io { path: path.to_owned(), source })?;
            match serde_json::from_slice::<Line>(&line) {
                Ok(Line::Run(found)) => {
                    let differs = [
                        (found.version != header.version).then_some("its format"),
                        (found.seed != header.seed).then_some("its seed"),
                        (found.target != header.target).then_some("its target"),
                        (found.config != header.config).then_some("its configuration"),
                    ];
                    if let Some(why) = differs.into_iter().flatten().next() {
                        return Err(JournalError::Other {
                            path: path.to_owned(),
                            why: format!("{why} differs"),
                        });
                    }
                    earlier.started = Some(found.started);
                }
                Ok(Line::Cell(cell)) => earlier.cells.push(*cell),
                Ok(Line::Finding(finding)) => {
                    earlier
                        .findings
                        .retain(|old| old.fingerprint != finding.fingerprint || old.cause != finding.cause);
                    earlier.findings.push(*finding);
                }
                // A line that was cut when the run was killed.
                Ok(Line::End) | Err(_) => {}
            }
        }
        if earlier.started.is_none() {
            return Err(JournalError::None { path: path.to_owned() });
        }
        Ok(earlier)
    }

    /// Writes one line through to the system: a killed process loses nothing that was written.
    pub(super) fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }
}
