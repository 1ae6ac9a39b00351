//! The writer: one thread that puts everything on disk. Nothing is announced before it is there.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::Receiver;

use super::events::Announcement;
use super::journal::{Journal, Line};
use crate::case::Case;
use crate::corpora::{Corpora, Shelf};
use crate::finding::Finding;

/// Where a run's files go; none for a run in memory.
pub(super) struct Writer {
    pub(super) journal: Option<Journal>,
    pub(super) corpora: Option<Corpora>,
    /// Is told of everything once it is on disk.
    pub(super) told: Box<dyn Fn(&Announcement) + Send>,
    pub(super) files: HashMap<String, String>,
    pub(super) failure: Option<String>,
    /// Where cases go that showed something new.
    pub(super) shelf: Option<Shelf>,
}

impl Writer {
    /// Writes until every sender is gone; returns the case file of each fingerprint.
    pub(super) fn run(
        mut self,
        announcements: &Receiver<Announcement>,
    ) -> (HashMap<String, String>, Option<String>) {
        while let Ok(mut announcement) = announcements.recv() {
            if let Err(error) = self.write(&mut announcement) {
                // Disks fill up: go on, and say so at the end.
                self.failure.get_or_insert(format!("something could not be written: {error}"));
            }
            (self.told)(&announcement);
        }
        if let Some(journal) = &mut self.journal {
            let _ = journal.write(&Line::End);
        }
        (self.files, self.failure)
    }

    fn write(&mut self, announcement: &mut Announcement) -> io::Result<()> {
        match announcement {
            Announcement::Cell(cell) => match &mut self.journal {
                Some(journal) => journal.write(&Line::Cell(cell.clone())),
                None => Ok(()),
            },
            Announcement::Behaviour(shown) => match &mut self.shelf {
                Some(shelf) => shelf.keep(shown.0, &shown.1),
                None => Ok(()),
            },
            Announcement::Suspected(found) | Announcement::Confirmed(found) | Announcement::Shrunk(found) => {
                let (finding, case) = &mut **found;
                self.keep(finding, case)
            }
        }
    }

    fn keep(&mut self, finding: &mut Finding, case: &Case) -> io::Result<()> {
        if let Some(corpora) = &self.corpora {
            let name = corpora.save_finding(case)?;
            finding.case_file.clone_from(&name);
            let old = self.files.insert(finding.fingerprint.clone(), name.clone());
            if let Some(old) = old.filter(|old| *old != name) {
                // The smaller case is on disk; the larger one has served.
                let _ = corpora.remove(&old);
            }
        }
        match &mut self.journal {
            Some(journal) => journal.write(&Line::Finding(Box::new(finding.clone()))),
            None => Ok(()),
        }
    }
}
