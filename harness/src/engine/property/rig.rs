//! A rig: a service with everything that sending a case takes, for tests that drive cases themselves.

use std::path::PathBuf;
use std::sync::Arc;

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
use crate::execute::{Door, Session, SessionConfig, execute};
use crate::generate::World;
use crate::identity::{Identity, Vault, Wallet};

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
        let Opened { lane, identities: own } =
            self.runtime.block_on(self.factory.open()).map_err(ProveError::Target)?;
        let mut identities = self.identities.clone();
        identities.retain(|identity| own.iter().all(|own| own.name != identity.name));
        identities.extend(own);
        let wallet = Wallet::new(identities, Arc::clone(&self.vault)).with_samples(self.samples.clone());
        Ok(Session::new(lane, Arc::new(wallet), self.config.clone()))
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
