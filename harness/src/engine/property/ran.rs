//! One case and what came of it, with assertions that give an error instead of a panic: `?` works on them in
//! `proptest!`, and `.unwrap()` everywhere else.

use std::path::PathBuf;

use super::drawn::Drawn;
use crate::checks::{Checks, IntoJudged, Judged, Observed, Verdict};
use crate::corpora::Corpora;
use crate::finding::fingerprint_of;
use crate::identity::Vault;
use crate::message::Outcome;
use crate::report::{evidence, text::exchanges};
use crate::trace::Trace;

/// One case and what came of it.
#[derive(Debug)]
pub struct Ran<'a> {
    pub(super) drawn: Drawn,
    pub(super) trace: Trace,
    pub(super) vault: &'a Vault,
    pub(super) checks: &'a Checks,
    pub(super) corpora: Option<PathBuf>,
}

/// An assertion that does not hold, with the whole conversation.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text}")]
pub struct Broken {
    text: String,
}

impl Ran<'_> {
    /// What happened, to look at.
    pub fn observed(&self) -> Observed<'_> {
        Observed::new(self.drawn.case(), &self.trace)
    }

    /// What the case's own check says.
    pub fn verdict(&self) -> Verdict {
        self.checks.judge(self.drawn.case(), &self.trace)
    }

    /// Nothing panicked in the service.
    pub fn no_panic(&self) -> Result<(), Broken> {
        self.holds("no-panic", |trace| {
            let panicked = trace.all().find_map(|one| one.exchange().panic.clone());
            panicked.map_or(Ok(()), |panic| {
                Err(format!(
                    "{} at {}",
                    panic.message,
                    panic.location.as_deref().unwrap_or("an unknown place")
                ))
            })
        })
    }

    /// Nothing was answered with a server error (5xx), and everything was answered.
    pub fn no_server_error(&self) -> Result<(), Broken> {
        self.no_panic()?;
        self.holds("no-server-error", |trace| {
            trace.all().try_for_each(|one| match one.status() {
                Some(status) if status < 500 => Ok(()),
                // In process, some requests cannot be expressed at all.
                None if matches!(one.delivery.outcome, Outcome::NotSent { .. }) => Ok(()),
                Some(status) => Err(format!("{} answered {status}", one.operation)),
                None => Err(format!("{}: {}", one.operation, one.delivery.outcome)),
            })
        })
    }

    /// The last request was refused (4xx).
    pub fn refused(&self) -> Result<(), Broken> {
        self.last("refused", |status| (400..500).contains(&status))
    }

    /// The last request was answered with one of these statuses.
    pub fn answered(&self, statuses: &[u16]) -> Result<(), Broken> {
        self.last("answered", |status| statuses.contains(&status))
    }

    /// The last request was granted (2xx).
    pub fn granted(&self) -> Result<(), Broken> {
        self.last("granted", |status| (200..300).contains(&status))
    }

    fn last(&self, name: &str, is_right: impl Fn(u16) -> bool) -> Result<(), Broken> {
        self.holds(name, |trace| {
            let last = trace.all().last().ok_or_else(|| "nothing was sent".to_owned())?;
            match last.status() {
                Some(status) if is_right(status) => Ok(()),
                Some(status) => Err(format!("{} answered {status}", last.operation)),
                None => Err(format!("{}: {}", last.operation, last.delivery.outcome)),
            }
        })
    }

    /// The case's own check does not say that it is violated.
    pub fn held(&self) -> Result<(), Broken> {
        self.holds("held", |_| match self.verdict() {
            Verdict::Violated(violation) => Err(format!("{}: {}", violation.title, violation.detail)),
            _ => Ok(()),
        })
    }

    /// An assertion of one's own, by a name such as `balance-as-in-the-model`. What breaks is saved among the findings
    /// under that name, as small as it gets. While a case is made smaller, only what broke first counts: another
    /// assertion, or the same on another operation, passes then, and its case is filed apart.
    pub fn holds<J: IntoJudged>(
        &self,
        name: &str,
        look: impl FnOnce(Observed<'_>) -> J,
    ) -> Result<(), Broken> {
        let judged = crate::target::quietly(|| look(self.observed()).into_judged());
        let how = match judged {
            Ok(Judged::Holds | Judged::Nothing) => return Ok(()),
            Ok(Judged::Broken(how)) => how,
            Err(panic) => panic.message,
        };
        let case = self.drawn.case();
        let is_first = self.drawn.broke(&fingerprint_of(name, &case.operation, &case.place, ""));
        let saved = self.save(name, is_first);
        if !is_first {
            return Ok(());
        }
        let conversation = exchanges(&evidence(case, &self.trace, self.vault));
        let how = self.vault.redact(&crate::message::inert_text(&how));
        Err(Broken { text: format!("{name}: {how}\n\n{conversation}{saved}") })
    }

    /// Puts the case among the findings, in the place of a larger one of the same failure.
    fn save(&self, name: &str, is_first: bool) -> String {
        let Some(folder) = &self.corpora else { return String::new() };
        let corpora = Corpora::at(folder);
        let mut case = self.drawn.case().clone();
        name.clone_into(&mut case.check);
        match corpora.save_finding(&case) {
            Err(error) => format!("\nthe case could not be saved: {error}"),
            Ok(file) => {
                if is_first && let Some(larger) = self.drawn.saved_as(&file) {
                    // The smaller case is on disk; the larger one has served.
                    let _ = corpora.remove(&larger);
                }
                let path = folder.join(file).display().to_string();
                format!("\nsaved as {path}; PROOFHOUSE_REPLAY={path} sends it again")
            }
        }
    }
}
