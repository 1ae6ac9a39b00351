//! The world: what a run knows when it plans. It makes suspicion cheap; it is never evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bounds::{Budget, LeftOut};
use super::draft::Draft;
use super::link::Producer;
use super::policy::Policy;
use crate::case::{ANONYMOUS, Dynamic, Fresh, FreshKind, Place, Value};
use crate::checks::Checks;
use crate::learn::Learned;
use crate::surface::{Location, Operation, RateLimit, Surface};
use crate::target::Capabilities;

/// What a run knows when it plans.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The operations.
    pub surface: Arc<Surface>,
    /// The identities, in the order of the configuration.
    pub profiles: Vec<Profile>,
    /// Who gets in where.
    pub access: BTreeMap<(usize, String), Access>,
    /// Where objects come from.
    pub producers: Vec<Producer>,
    /// What refusals taught of the operations.
    pub learned: BTreeMap<usize, Arc<Learned>>,
    /// What the user said.
    pub settings: Settings,
    /// Where the identities' credentials travel: no value is drawn there.
    pub carriers: Vec<(Location, String)>,
    /// What the target can do.
    pub capabilities: Capabilities,
    /// The checks of the run.
    pub checks: Arc<Checks>,
}

/// What is known of an identity. No secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Option<String>,
    /// Its credential is a JSON web token.
    pub jwt: bool,
    /// The token's subject: two identities with one subject are one.
    pub subject: Option<String>,
    /// The scopes that the token names; absent when it names none.
    pub scopes: Option<Vec<String>>,
    /// It has a credential.
    pub alive: bool,
    /// Its own state may be changed.
    pub disposable: bool,
    /// Anybody can make an account like it.
    pub registered: bool,
    /// Why its login failed.
    pub note: String,
}

/// What an identity meets at an operation.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// A valid request, whether or not it was granted.
    pub draft: Option<Arc<Draft>>,
    /// It was answered with a success.
    pub granted: bool,
    /// The last status.
    pub status: Option<u16>,
    /// Why not, in words.
    pub note: String,
    /// A valid request with everything that is optional in its body.
    pub full: Option<Arc<Draft>>,
    /// A login's request with an invented account, and how it was answered.
    pub invented: Option<Arc<Draft>>,
    /// See `invented`.
    pub invented_status: Option<u16>,
    /// Valid requests that carry one more input each.
    pub variants: BTreeMap<Place, Arc<Draft>>,
}

/// What the user said.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// A key that signs tokens is at hand.
    pub signing_key: bool,
    /// A sample of an expired token is at hand.
    pub expired_sample: bool,
    /// Who may do what.
    pub policy: Policy,
    /// Limits of the configuration: operation pattern and limit.
    pub limits: Vec<(String, RateLimit)>,
    /// Every object may be lost.
    pub disposable_data: bool,
    /// Only safe methods are sent.
    pub safe_only: bool,
    /// Practices whose own letter binds.
    pub strict: Vec<Strict>,
    /// Operations that the run leaves alone; they are not in the surface any more.
    pub left_out: Vec<LeftOut>,
    /// Operations, `METHOD /template`, that reset or end something though their name does not say so.
    pub hazards: Vec<String>,
    /// Operations that are sent a few times only.
    pub budgets: Vec<Budget>,
    /// Requests under way at once, at most; 0 is no bound.
    pub at_once: usize,
}

/// A practice whose own letter can be made binding, where by itself anything that protects is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strict {
    /// A bad media type is refused with 415 and nothing else.
    MediaType,
    /// Every operation has a limit, declared or not.
    RateLimit,
}

impl World {
    /// The operation at this index.
    pub fn operation(&self, index: usize) -> &Operation {
        &self.surface.operations[index]
    }

    /// What an identity meets at an operation.
    pub fn access(&self, operation: usize, identity: &str) -> Option<&Access> {
        self.access.get(&(operation, identity.to_owned()))
    }

    /// Whether an identity gets in.
    pub fn is_granted(&self, operation: usize, identity: &str) -> bool {
        self.access(operation, identity).is_some_and(|access| access.granted)
    }

    /// The valid request of an identity that gets in.
    pub fn granted_draft(&self, operation: usize, identity: &str) -> Option<&Arc<Draft>> {
        self.access(operation, identity).filter(|access| access.granted)?.draft.as_ref()
    }

    /// The valid request of an identity that carries this input.
    pub fn draft_with(&self, operation: usize, identity: &str, place: &Place) -> Option<&Arc<Draft>> {
        let access = self.access(operation, identity).filter(|access| access.granted)?;
        access
            .variants
            .get(place)
            .or_else(|| access.draft.as_ref().filter(|draft| draft.inputs().contains(place)))
    }

    /// Every input of an operation for which there is a valid request.
    pub fn inputs(&self, operation: usize, identity: &str) -> Vec<Place> {
        let Some(access) = self.access(operation, identity).filter(|access| access.granted) else {
            return Vec::new();
        };
        let mut places = access.draft.as_ref().map(|draft| draft.inputs()).unwrap_or_default();
        places.extend(
            access.variants.keys().filter(|place| !places.contains(place)).cloned().collect::<Vec<_>>(),
        );
        places
    }

    /// Somebody who tried an operation with a valid request.
    pub fn tried_by(&self, operation: usize) -> Option<&str> {
        let names = self.profiles.iter().map(|profile| profile.name.as_str()).chain([ANONYMOUS]);
        names
            .into_iter()
            .find(|name| self.access(operation, name).is_some_and(|access| access.draft.is_some()))
    }

    /// Who gets in, named identities first.
    pub fn entitled(&self, operation: usize) -> Option<&str> {
        let names = self.profiles.iter().map(|profile| profile.name.as_str()).chain([ANONYMOUS]);
        names.into_iter().find(|name| self.is_granted(operation, name))
    }

    /// Whether the run's mode permits that an operation is sent at all.
    pub fn may_send(&self, operation: usize) -> bool {
        (self.operation(operation).is_safe() || !self.settings.safe_only)
            && (self.settings.disposable_data || !self.is_hazard(operation))
    }

    /// Whether an operation resets or ends something that others use: by its name, or because the user said so.
    pub fn is_hazard(&self, operation: usize) -> bool {
        let operation = self.operation(operation);
        operation.is_hazard() || self.settings.hazards.iter().any(|name| operation.is_named(name))
    }

    /// The identity of this name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// The role of an identity.
    pub fn role_of(&self, name: &str) -> Option<String> {
        self.profile(name)?.role.clone()
    }

    /// Whether two names are one caller.
    pub fn are_one(&self, left: &str, right: &str) -> bool {
        let subject = |name: &str| self.profile(name).and_then(|profile| profile.subject.clone());
        left == right || (subject(left).is_some() && subject(left) == subject(right))
    }

    /// Whether `upper` gets in somewhere that `lower` is refused, and nowhere the other way round.
    pub fn is_above(&self, upper: &str, lower: &str) -> bool {
        let count = |a: &str, b: &str| {
            let refused = |access: &Access| matches!(access.status, Some(401 | 403 | 404)) && !access.granted;
            (0..self.surface.operations.len())
                .filter(|op| self.is_granted(*op, a) && self.access(*op, b).is_some_and(refused))
                .count()
        };
        count(upper, lower) > 0 && count(lower, upper) == 0
    }

    /// A valid value of a path parameter that no object has.
    pub fn nobody(&self, operation: usize, parameter: &str) -> Value {
        use super::schema::{Want, draw};
        let fresh = |kind| {
            Value::dynamic(Dynamic::Fresh(Fresh { name: "nobody".to_owned(), kind, max: None, min: None }))
        };
        let operation = self.operation(operation);
        let Some(parameter) =
            operation.parameters.iter().find(|p| p.location == Location::Path && p.name == parameter)
        else {
            return fresh(FreshKind::Uuid);
        };
        let accepts = |text: &str| parameter.schema.accepts(&text.into());
        let number = [1_999_999_937_u64, 99_999, 9_999, 999]
            .into_iter()
            .find(|n| parameter.schema.accepts(&(*n).into()));
        if accepts("3f2c9d1e-5b7a-4c8d-9e0f-a1b2c3d4e5f6") {
            return fresh(FreshKind::Uuid);
        }
        if let Some(number) = number {
            return Value::Number(number.into());
        }
        if accepts("k3v9q0w8e7z1") {
            return fresh(FreshKind::Word);
        }
        let mut src = super::source::Seeded::derive(0, &["nobody", &operation.path, &parameter.name]);
        let want = Want::parameter(Location::Path, parameter.style).without_examples();
        draw(&parameter.schema, want, &mut src).unwrap_or_else(|| fresh(FreshKind::Word))
    }

    /// The same draft, whose setup makes objects with everything that is optional.
    pub fn with_full_setup(&self, draft: &Draft) -> Draft {
        let mut draft = draft.clone();
        let identity = draft.identity.clone();
        let target = draft.target.clone();
        for base in draft.bases.iter_mut().filter(|base| base.name != target) {
            let operation = self.surface.named(&base.operation);
            let Some(access) = operation.and_then(|(operation, _)| self.access(operation, &identity)) else {
                continue;
            };
            let (Some(full), Some(plain)) = (&access.full, &access.draft) else { continue };
            // References of the full body must be among what the plain one set up.
            let needs = |draft: &Draft| draft.setup.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
            if needs(full) == needs(plain) {
                let prefix = base.name.strip_suffix(full.target.as_str()).unwrap_or_default().to_owned();
                base.request.body = full.renamed(&prefix, &identity).request().body.clone();
            }
        }
        draft
    }

    /// The declared limit of an operation: the configuration's, or the document's.
    pub fn limit(&self, operation: usize) -> Option<&RateLimit> {
        let operation = self.operation(operation);
        let configured = self.settings.limits.iter().find(|(pattern, _)| matches(pattern, operation));
        configured.map(|(_, limit)| limit).or(operation.rate_limit.as_ref())
    }

    /// Whether a limit that nobody declared is looked for: only where asked for, and where a burst changes nothing.
    pub fn discovers_limit(&self, operation: usize) -> bool {
        self.settings.strict.contains(&Strict::RateLimit)
            && self.operation(operation).is_safe()
            && self.limit(operation).is_none()
    }
}

/// Whether an operation pattern, `METHOD glob`, covers an operation.
pub(crate) fn matches(pattern: &str, operation: &Operation) -> bool {
    matches_name(pattern, &operation.method, &operation.path)
}

/// Whether an operation pattern, `METHOD glob`, covers this method and path template.
pub(crate) fn matches_name(pattern: &str, method: &str, path: &str) -> bool {
    let (methods, paths) = pattern.trim().split_once(' ').unwrap_or(("*", pattern));
    (methods == "*" || methods.eq_ignore_ascii_case(method)) && glob(paths.trim(), path)
}

/// `*` within a segment, `**` across segments.
fn glob(pattern: &str, path: &str) -> bool {
    fn walk(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => path.is_empty(),
            [b'/', b'*', b'*'] if path.is_empty() => true,
            [b'*', b'*', rest @ ..] => (0..=path.len()).any(|at| walk(rest, &path[at..])),
            [b'*', rest @ ..] => {
                let end = path.iter().position(|b| *b == b'/').unwrap_or(path.len());
                (0..=end).any(|at| walk(rest, &path[at..]))
            }
            [first, rest @ ..] => path.first() == Some(first) && walk(rest, &path[1..]),
        }
    }
    walk(pattern.as_bytes(), path.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs() {
        assert!(glob("/orders/**", "/orders/{id}/items"));
        assert!(glob("/orders/**", "/orders"));
        assert!(glob("/orders/*", "/orders/{id}"));
        assert!(!glob("/orders/*", "/orders/{id}/items"));
        assert!(glob("/me", "/me"));
        assert!(!glob("/me", "/menu"));
    }
}
