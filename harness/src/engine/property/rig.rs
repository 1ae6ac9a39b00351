//! A rig: a service with everything that sending a case takes, for tests that drive cases themselves.

use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "libfuzzer")]
use std::time::Instant;

use tokio::runtime::Runtime;

use super::build::Factory;
use super::drawn::Drawn;
use super::environment::Environment;
use super::prove::Prove;
use super::ran::Ran;
use super::run::ProveError;
use crate::case::Case;
use crate::checks::Checks;
#[cfg(feature = "proptest")]
use crate::corpora::Corpora;
use crate::engine::campaign::{Extent, LaneFactory as _, Opened, runtime};
use crate::execute::{Door, Governor, Session, SessionConfig, execute};
use crate::generate::World;
use crate::identity::{Identity, Vault, Wallet};
#[cfg(feature = "libfuzzer")]
use crate::{engine::Open, engine::campaign::Selection, target::LocalFuture, trace::Trace};

/// A service with everything that sending a case takes. Made by [`Prove::rig`]; it stays on its thread.
pub struct Rig {
    runtime: Runtime,
    factory: Arc<Factory>,
    world: Arc<World>,
    identities: Vec<Identity>,
    samples: Vec<(String, String)>,
    config: SessionConfig,
    vault: Arc<Vault>,
    /// The session, where each case does not get a service of its own.
    session: Option<Session>,
    corpora: Option<PathBuf>,
    #[cfg(feature = "libfuzzer")]
    parts: FuzzParts,
    #[cfg_attr(not(feature = "proptest"), expect(dead_code, reason = "only strategies draw"))]
    replay: Option<Case>,
}

impl Prove {
    /// Learns who gets in where, and gives a rig to send cases with.
    ///
    /// # Panics
    ///
    /// As [`Prove::run`] does.
    #[track_caller]
    pub fn rig(self) -> Rig {
        match self.try_rig() {
            Ok(rig) => rig,
            Err(error) => panic!("{error}"),
        }
    }

    /// The same, with what is wrong as an error.
    pub fn try_rig(self) -> Result<Rig, ProveError> {
        let headers = self.headers.clone();
        let signing_key = self.signing_key.clone();
        let samples = self.samples.clone();
        let (mut prepared, _) = self.prepare()?;
        prepared.campaign.extent = Extent::Learn;
        prepared.campaign.replay.clear();
        let factory = Arc::clone(&prepared.factory);
        let checks = Arc::clone(&prepared.campaign.checks);
        let (identities, vault) =
            (prepared.campaign.identities.clone(), Arc::clone(&prepared.campaign.vault));
        let settings = prepared.campaign.settings.clone();
        let surface = Arc::clone(&prepared.campaign.surface);
        #[cfg(feature = "libfuzzer")]
        let parts = FuzzParts {
            selection: prepared.campaign.selection.clone(),
            abort: prepared.environment.fuzz_abort,
            twice: prepared.environment.fuzz_twice,
            unguided: prepared.environment.fuzz_unguided,
        };
        prepared.campaign.corpora = None;
        let world = prepared.campaign.run(&mut |_| {})?.world;
        let failed =
            |error: std::io::Error| ProveError::Target(format!("a runtime could not start: {error}"));
        let runtime = runtime(&*factory).map_err(failed)?;
        let config = SessionConfig {
            run_id: "rig000000000".into(),
            extra_headers: Arc::new(headers),
            signing_key,
            door: Arc::new(Door::new(&surface, &settings)),
            checks,
            ..SessionConfig::default()
        };
        let mut rig = Rig {
            runtime,
            factory,
            world,
            identities,
            samples,
            config,
            vault,
            session: None,
            corpora: prepared.corpora,
            #[cfg(feature = "libfuzzer")]
            parts,
            replay: prepared.replay,
        };
        if !rig.factory.own_state() {
            rig.session = Some(rig.open()?);
        }
        Ok(rig)
    }
}

impl Rig {
    /// Sends a case: to a service of its own, in the state that it starts with, where there is a factory.
    ///
    /// # Panics
    ///
    /// When the service cannot be built, and inside a runtime.
    #[track_caller]
    pub fn send(&self, case: impl Into<Drawn>) -> Ran<'_> {
        let drawn = case.into();
        let opened = if self.session.is_none() { Some(self.open()) } else { None };
        let opened = opened.transpose().unwrap_or_else(|error| panic!("{error}"));
        let trace = match opened.as_ref().or(self.session.as_ref()) {
            Some(session) => self.runtime.block_on(execute(drawn.case(), session)),
            None => unreachable!("one of both is there"),
        };
        Ran { drawn, trace, vault: &self.vault, checks: &self.config.checks, corpora: self.corpora.clone() }
    }

    /// What was learned of the service.
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The checks, and the user's own.
    pub fn checks(&self) -> &Checks {
        &self.config.checks
    }

    /// The cases that `PROOFHOUSE_REPLAY` names: nothing else is drawn then. Otherwise what was found before.
    #[cfg(feature = "proptest")]
    pub(super) fn saved(&self) -> (Vec<Case>, bool) {
        if let Some(case) = &self.replay {
            return (vec![case.clone()], true);
        }
        let files = self.corpora.iter().flat_map(|folder| Corpora::at(folder).files("findings"));
        (files.filter_map(|path| crate::corpora::read(&path).ok()).collect(), false)
    }

    fn open(&self) -> Result<Session, ProveError> {
        self.open_as(false)
    }

    fn open_as(&self, hurried: bool) -> Result<Session, ProveError> {
        self.runtime.block_on(self.opened(hurried)).map_err(ProveError::Target)
    }

    /// A session on a service of its own. `hurried`: nobody waits for it, and nothing is asked again.
    async fn opened(&self, hurried: bool) -> Result<Session, String> {
        let Opened { lane, identities: own } = self.factory.open().await?;
        let mut identities = self.identities.clone();
        identities.retain(|identity| own.iter().all(|own| own.name != identity.name));
        identities.extend(own);
        let wallet = Wallet::new(identities, Arc::clone(&self.vault)).with_samples(self.samples.clone());
        let mut config = self.config.clone();
        if hurried {
            config.governor = Arc::new(Governor::default().hurried());
        }
        Ok(Session::new(lane, Arc::new(wallet), config))
    }
}

/// What a fuzz target needs beside sending.
#[cfg(feature = "libfuzzer")]
#[derive(Clone, Debug)]
pub(in crate::engine) struct FuzzParts {
    pub(in crate::engine) selection: Selection,
    pub(in crate::engine) abort: bool,
    pub(in crate::engine) twice: bool,
    pub(in crate::engine) unguided: bool,
}

/// What fuzz targets do with a rig: the same sending, many thousand times a second, and the same each time.
#[cfg(feature = "libfuzzer")]
impl Rig {
    /// Executes a case with fresh values of this seed. `hurried`: nothing is asked again where each case has a service
    /// of its own.
    pub(in crate::engine) fn execute(
        &self,
        case: &Case,
        seed: u64,
        hurried: bool,
    ) -> Result<(Trace, Arc<Wallet>), ProveError> {
        let opened = if self.session.is_none() { Some(self.open_as(hurried)?) } else { None };
        let Some(session) = opened.as_ref().or(self.session.as_ref()) else {
            unreachable!("one of both is there")
        };
        session.reseed(seed);
        let trace = self.runtime.block_on(execute(case, session));
        Ok((trace, Arc::clone(session.wallet())))
    }

    /// Makes a violated case as small as it gets within these bounds.
    pub(in crate::engine) fn shrink(&self, case: Case, executions: u32, until: Instant) -> Case {
        let open = || -> LocalFuture<'_, Result<Session, String>> { Box::pin(self.opened(false)) };
        let own_state = self.session.is_none();
        self.runtime.block_on(async {
            let opened = if own_state { open().await.ok() } else { None };
            let Some(session) = opened.as_ref().or(self.session.as_ref()) else { return case };
            let fresh: Option<Open<'_>> = if own_state { Some(&open) } else { None };
            crate::engine::shrink(case, executions, Some(until), session, fresh).await.0
        })
    }

    /// A new runtime where tasks of earlier cases are left, so that they are no part of later ones.
    pub(in crate::engine) fn renew(&mut self) {
        if self.session.is_none()
            && self.runtime.metrics().num_alive_tasks() > 0
            && let Ok(runtime) = runtime(&*self.factory)
        {
            std::mem::replace(&mut self.runtime, runtime).shutdown_background();
        }
    }

    pub(in crate::engine) fn fuzz_parts(&self) -> &FuzzParts {
        &self.parts
    }

    pub(in crate::engine) fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(in crate::engine) fn has_virtual_clock(&self) -> bool {
        self.factory.wanted.virtual_clock
    }

    pub(in crate::engine) fn corpora(&self) -> Option<&std::path::Path> {
        self.corpora.as_deref()
    }
}

impl std::fmt::Debug for Rig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rig").field("corpora", &self.corpora).finish_non_exhaustive()
    }
}

/// What was prepared of a test, before anything is sent.
pub(super) struct Prepared {
    pub(super) campaign: crate::engine::campaign::Campaign,
    pub(super) factory: Arc<Factory>,
    pub(super) corpora: Option<PathBuf>,
    /// The case that `PROOFHOUSE_REPLAY` names.
    pub(super) replay: Option<Case>,
    pub(super) environment: Environment,
}
