//! From the builder to the campaign, and from its outcome to the proof.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::build::{Factory, Wanted};
use super::environment::Environment;
use super::proof::{Proof, Proven};
use super::prove::{Corpora, Prove};
use super::rig::Prepared;
use super::saved::{self, Saved};
use crate::engine::campaign::{Campaign, CampaignError, Extent, LaneFactory, Selection, runtime};
use crate::identity::{Identity, Spec};
use crate::surface::Surface;

/// Why a test could not begin or go on. Findings are none of this: they are in the [`Proof`].
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Something that the test, its environment or its files say is wrong.
    #[error("{0}")]
    Usage(String),
    /// The service could not be built or reached.
    #[error("{0}")]
    Target(String),
    /// The campaign.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
}

/// How long making one finding small may take where building the service takes long.
const SHRINKING: Duration = Duration::from_secs(5);
/// The least executions that are spent on it.
const LEAST_EXECUTIONS: u32 = 24;

impl Prove {
    /// Sends the saved cases, then the campaign's, and judges.
    ///
    /// # Panics
    ///
    /// Inside a runtime, where it would block what the service may need: use [`Prove::run_async`]. And where something
    /// was said wrongly, the service cannot be built, or the environment cannot be read, with what to mend.
    #[track_caller]
    pub fn run(self) -> Proof {
        assert!(
            tokio::runtime::Handle::try_current().is_err(),
            "`.run()` inside a runtime would block it: use `.run_async().await`"
        );
        match self.try_run() {
            Ok(proof) => proof,
            Err(error) => panic!("{error}"),
        }
    }

    /// The same from inside a runtime, which goes on with its other work: the cases are sent from threads of their own.
    ///
    /// # Panics
    ///
    /// As [`Prove::run`] does.
    pub async fn run_async(self) -> Proof {
        let (tell, told) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let result = self.try_run();
            let _ = tell.send(());
            result
        });
        // Dropped without a word when the thread panicked, which joining it tells.
        let _ = told.await;
        match thread.join() {
            Ok(Ok(proof)) => proof,
            Ok(Err(error)) => panic!("{error}"),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// The same, with what is wrong as an error. Blocks the thread.
    pub fn try_run(self) -> Result<Proof, ProveError> {
        let (expected, gate, checks) = (self.expected.clone(), self.gate.clone(), self.checks.clone());
        let (mut prepared, test) = self.prepare()?;
        let selection = prepared.campaign.selection.clone();
        let saved = match (prepared.replay.take(), &prepared.corpora) {
            (Some(case), _) => {
                let path = prepared.environment.replay.clone().unwrap_or_default();
                let path = prepared.environment.find(&path, prepared.corpora.as_deref());
                prepared.campaign.extent = Extent::Replay;
                prepared.campaign.corpora = None;
                prepared.campaign.shrink_executions = 0;
                saved::judged(vec![Saved { path, case }], &checks, |_| true)
            }
            (None, Some(folder)) => {
                let all = saved::read_all(folder).map_err(|error| ProveError::Usage(error.to_string()))?;
                saved::judged(all, &checks, |id| selection.has(id))
            }
            (None, None) => Ok(Vec::new()),
        };
        let saved = saved.map_err(ProveError::Usage)?;
        prepared.campaign.replay = saved.iter().map(|one| one.case.clone()).collect();
        let only_replay = prepared.campaign.extent == Extent::Replay;
        let broken = prepared.campaign.surface.broken.iter();
        let broken = broken.map(|broken| format!("the document, at {}: {}", broken.pointer, broken.reason));
        let notes = broken.collect();
        let mut outcome = prepared.campaign.run(&mut |_| {})?;
        let today = jiff::Zoned::now().date();
        let exceptions = crate::expect::apply(&expected, &mut outcome.report.findings, today);
        let (manifest, corpora) = (prepared.environment.manifest, prepared.corpora);
        Ok(Proof::new(Proven {
            test,
            manifest,
            corpora,
            gate,
            saved,
            only_replay,
            outcome,
            notes,
            exceptions,
        }))
    }

    /// Puts together what is to be sent, and gives the test's name.
    pub(super) fn prepare(mut self) -> Result<(Prepared, Option<String>), ProveError> {
        let environment = Environment::read().map_err(ProveError::Usage)?;
        if let Some(mistake) = self.mistake.take() {
            return Err(ProveError::Usage(mistake));
        }
        self.obey(&environment);
        let surface = self.read_surface()?;
        let selection = self.selected()?;
        let test = self.thread.clone().or_else(|| environment.test.clone());
        let corpora = self.folder(&environment, test.as_deref())?;
        let wrong =
            |error: crate::corpora::ReadError| ProveError::Usage(format!("PROOFHOUSE_REPLAY: {error}"));
        let named = environment.replay.as_ref().map(|file| environment.find(file, corpora.as_deref()));
        let replay = named.map(|path| crate::corpora::read(&path)).transpose().map_err(wrong)?;
        let base_path = self.base_path.clone().unwrap_or_else(|| surface.base_path.clone());
        self.certificates_are_shown()?;
        let wanted = Wanted {
            base_path,
            virtual_clock: self.virtual_clock,
            #[cfg(feature = "http")]
            identities: self.identities.clone().into(),
            #[cfg(feature = "http")]
            tls: self.tls.clone(),
        };
        let factory = Arc::new(Factory { target: self.target.clone(), wanted });
        let (identities, took) = first(&factory)?;
        let campaign = Campaign {
            identities: named_once(&self.identities, identities)?,
            self_register: self.self_register,
            settings: self.settings,
            checks: Arc::new(self.checks),
            selection,
            seed: self.seed,
            workers: self.workers,
            time: self.time,
            cases: self.cases,
            headers: self.headers,
            signing_key: self.signing_key,
            samples: self.samples,
            corpora: corpora.clone(),
            target: self.target.name,
            kind: if self.target.waits { "http" } else { "service" }.to_owned(),
            shrink_executions: executions(took),
            ..Campaign::new(Arc::new(surface), Arc::clone(&factory) as Arc<dyn LaneFactory>)
        };
        Ok((Prepared { campaign, factory, corpora, replay, environment }, test))
    }

    /// Who is told by a certificate alone is nobody where no connection shows it.
    fn certificates_are_shown(&self) -> Result<(), ProveError> {
        let is_shown = self.target.waits && self.target.name.to_ascii_lowercase().starts_with("https://");
        match self.identities.iter().find(|identity| matches!(identity.spec, Spec::Certificate)) {
            Some(identity) if !is_shown => Err(ProveError::Usage(format!(
                "identity `{}` is told by its certificate alone, and nobody shows one to {}: use \
                 `prove_url(\"https://…\")`, or give it a credential that requests carry",
                identity.name, self.target.name
            ))),
            _ => Ok(()),
        }
    }

    fn obey(&mut self, environment: &Environment) {
        self.seed = environment.seed.unwrap_or(self.seed);
        if let Some(time) = environment.time {
            (self.time, self.cases) = (Some(time), None);
        }
        self.cases = environment.cases.or(self.cases);
    }

    fn read_surface(&mut self) -> Result<Surface, ProveError> {
        let mut surface = self.surface.take();
        for (index, text) in std::mem::take(&mut self.documents).iter().enumerate() {
            let name = format!("document {}", index + 1);
            let read =
                Surface::from_text(text, &name).map_err(|error| ProveError::Usage(error.to_string()))?;
            surface = Some(match surface {
                Some(before) => before.merge(read),
                None => read,
            });
        }
        let surface = surface.ok_or_else(|| {
            ProveError::Usage(
                "nothing says which operations there are: give `.openapi(include_str!(\"../openapi.yaml\"))` or \
                 `.surface(…)`"
                    .to_owned(),
            )
        })?;
        if surface.operations.is_empty() {
            let why =
                surface.broken.first().map(|broken| format!(": at {}: {}", broken.pointer, broken.reason));
            return Err(ProveError::Usage(format!(
                "the document names no operation{}",
                why.unwrap_or_default()
            )));
        }
        Ok(surface)
    }

    fn selected(&self) -> Result<Selection, ProveError> {
        for pattern in &self.selection {
            let one = Selection(vec![pattern.trim_start_matches('!').to_owned()]);
            if !self.checks.abouts().any(|about| one.has(about.id)) {
                return Err(ProveError::Usage(format!(
                    "`{pattern}` selects no check: write an id such as `jwt-alg-none`, a beginning such as `jwt-*`, or \
                     `!` in front of either; docs/checks.md lists them"
                )));
            }
        }
        for exception in &self.expected {
            if self.checks.by_id(&exception.check).is_none() {
                return Err(ProveError::Usage(format!(
                    "`.expect(…)`: there is no check `{}`",
                    exception.check
                )));
            }
        }
        Ok(Selection(self.selection.clone()))
    }

    /// Where the cases of this test are.
    fn folder(&self, environment: &Environment, test: Option<&str>) -> Result<Option<PathBuf>, ProveError> {
        match &self.corpora {
            Corpora::Nowhere => Ok(None),
            Corpora::In(folder) => Ok(Some(folder.clone())),
            Corpora::OfTest => {
                let name = self.name.as_deref().or(test).ok_or_else(|| {
                    ProveError::Usage(
                        "the name of this test is not known on this thread: give it with `.named(\"…\")`, or \
                         `.without_corpora()`"
                            .to_owned(),
                    )
                })?;
                Ok(Some(environment.manifest.join("corpora").join(folder_name(name))))
            }
        }
    }
}

/// A test's name as the name of a folder.
fn folder_name(test: &str) -> PathBuf {
    let plain = test.replace("::", ".");
    let kept = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = plain.chars().map(kept).take(120).collect();
    Path::new(name.trim_matches('.')).to_owned()
}

/// Builds one instance: who comes with it, and how long it takes.
fn first(factory: &Factory) -> Result<(Vec<Identity>, Duration), ProveError> {
    if !factory.own_state() {
        return Ok((Vec::new(), Duration::ZERO));
    }
    let failed = |error: std::io::Error| ProveError::Target(format!("a runtime could not start: {error}"));
    let runtime = runtime(factory).map_err(failed)?;
    let began = Instant::now();
    let opened = runtime.block_on(factory.open()).map_err(ProveError::Target)?;
    Ok((opened.identities, began.elapsed()))
}

/// Everybody, each name once.
fn named_once(given: &[Identity], came: Vec<Identity>) -> Result<Vec<Identity>, ProveError> {
    let mut all: Vec<Identity> = Vec::new();
    for identity in given.iter().cloned().chain(came) {
        let name = &identity.name;
        let taken = all.iter().any(|known| known.name == *name);
        if taken
            || name.is_empty()
            || name == crate::case::ANONYMOUS
            || crate::accounts::NAMES.contains(&name.as_str())
        {
            return Err(ProveError::Usage(format!("the name `{name}` of an identity is not free to use")));
        }
        all.push(identity);
    }
    Ok(all)
}

/// How many executions a finding may take to be made small: each has a service of its own to build.
fn executions(building: Duration) -> u32 {
    let affordable = SHRINKING.as_micros() / building.as_micros().max(1);
    u32::try_from(affordable).unwrap_or(u32::MAX).clamp(LEAST_EXECUTIONS, Campaign::SHRINK_EXECUTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_after_tests() {
        assert_eq!(folder_name("tests::the_api_holds"), Path::new("tests.the_api_holds"));
        assert_eq!(folder_name("../../up"), Path::new("-..-up"));
        assert_eq!(folder_name(".."), Path::new(""));
    }

    #[test]
    fn what_is_slow_to_build_is_built_less_often() {
        assert_eq!(executions(Duration::from_micros(300)), Campaign::SHRINK_EXECUTIONS);
        assert_eq!(executions(Duration::from_millis(100)), 50);
        assert_eq!(executions(Duration::from_secs(3)), LEAST_EXECUTIONS);
    }
}
