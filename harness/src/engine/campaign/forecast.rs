//! What a campaign could prove, before anything is sent.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::conclude::skip;
use super::select::Selection;
use crate::checks::{About, CHECKS, Grain, Kind};
use crate::generate::{Profile, Settings, World};
use crate::identity::{Identity, Spec};
use crate::report::Skipped;
use crate::surface::Surface;

/// What is to be expected of one check.
#[derive(Debug)]
pub struct Forecast {
    /// The check.
    pub about: &'static About,
    /// On how many operations it could prove something, at most.
    pub operations: usize,
    /// Why it cannot run, and what would enable it.
    pub skipped: Option<Skipped>,
}

/// What every selected check could prove with this document, these identities and these settings. Nothing is sent:
/// a login is taken to work, and to give a token.
pub fn forecast(
    surface: &Arc<Surface>,
    identities: &[Identity],
    settings: &Settings,
    selection: &Selection,
) -> Vec<Forecast> {
    let profiles = identities.iter().map(|identity| Profile {
        name: identity.name.clone(),
        role: identity.role.clone(),
        jwt: may_be_token(&identity.spec),
        alive: true,
        ..Profile::default()
    });
    let world = World {
        surface: Arc::clone(surface),
        profiles: profiles.collect(),
        settings: settings.clone(),
        ..World::default()
    };
    let selected = CHECKS.iter().map(Kind::about).filter(|about| selection.has(about.id));
    selected
        .map(|about| Forecast {
            about,
            operations: operations(about, &world),
            skipped: skip(about, &world, &[]),
        })
        .collect()
}

fn may_be_token(spec: &Spec) -> bool {
    match spec {
        Spec::Bearer(token) => crate::execute::read_token(token.expose_secret()).is_some(),
        Spec::ApiKey { value, .. } => crate::execute::read_token(value.expose_secret()).is_some(),
        Spec::Login(_) | Spec::User { .. } => true,
        Spec::Basic { .. } | Spec::Certificate => false,
    }
}

fn operations(about: &About, world: &World) -> usize {
    let all = &world.surface.operations;
    let own = (0..all.len()).filter(|at| {
        let sent = world.may_send(*at);
        let limited = super::cells::may_measure(about, world, *at);
        let inputs =
            about.grain != Grain::Input || !all[*at].parameters.is_empty() || !all[*at].bodies.is_empty();
        sent && limited && inputs
    });
    own.count()
}
