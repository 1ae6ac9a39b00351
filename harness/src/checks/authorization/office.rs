//! For whom an operation is: what the policy, its scopes, its name and its neighbours say.

use crate::case::{Edit, Place};
use crate::generate::{Draft, World};
use crate::surface::Operation;

/// Words of paths that are for those who keep the service.
const PRIVILEGED: &[&str] = &[
    "admin",
    "administrator",
    "administration",
    "internal",
    "manage",
    "management",
    "staff",
    "backoffice",
    "root",
    "superuser",
    "sudo",
    "moderator",
    "moderation",
    "ops",
    "operator",
    "console",
];
/// Parts of the names of roles that such paths may be for.
const KEEPERS: &[&str] = &[
    "admin", "root", "staff", "manage", "operator", "owner", "super", "support", "internal", "moderat",
    "audit", "system", "service", "ops",
];
/// Last words of paths that are for whoever asks, wherever they stand: their own page, and how the service does.
const FOR_ALL: &[&str] = &[
    "me", "self", "whoami", "profile", "login", "logout", "signin", "token", "session", "refresh", "version",
    "health", "healthz", "status", "ping", "info", "docs",
];
/// How many neighbours must refuse.
pub(super) const NEIGHBOURS: usize = 2;

/// Somebody who gets in, and is another caller of another role: those above the other one first.
pub(super) fn entitled<'w>(world: &'w World, operation: usize, low: &str) -> Option<&'w str> {
    let names = world.profiles.iter().filter(|profile| profile.alive).map(|profile| profile.name.as_str());
    let differs = |name: &&str| {
        let (role, own) = (world.role_of(name), world.role_of(low));
        world.is_granted(operation, name)
            && !world.are_one(name, low)
            && (role.is_none() || role != own)
            && !world.is_declared_denied(operation, name)
    };
    names.filter(differs).min_by_key(|name| (!is_keeper(world, name), !world.is_above(name, low)))
}

fn is_keeper(world: &World, name: &str) -> bool {
    let role = world.role_of(name).unwrap_or_default().to_ascii_lowercase();
    KEEPERS.iter().any(|part| role.contains(part))
}

/// What says that an operation is not for an identity.
pub(super) fn evidence(
    world: &World,
    index: usize,
    low: &str,
    entitled: Option<&str>,
) -> Option<&'static str> {
    let operation = world.operation(index);
    if world.is_declared_denied(index, low) {
        return Some("policy");
    }
    if world.denied_when(index, low).is_some() {
        return Some("condition");
    }
    if lacks_scopes(world, operation, low) {
        return Some("scopes");
    }
    if entitled.is_some_and(|entitled| {
        let (refusing, other) = neighbours(world, index, low, entitled);
        refusing.len() >= NEIGHBOURS && other == 0
    }) {
        return Some("neighbours");
    }
    if is_privileged(operation) && !is_keeper(world, low) {
        let (refusing, other) = group(world, index, low);
        if refusing.len() >= NEIGHBOURS && other == 0 && !is_for_all(operation) {
            return Some("group");
        }
    }
    (is_privileged(operation)
        && operation.is_safe()
        && !is_keeper(world, low)
        && !is_set_apart(world, index, low))
    .then_some("name")
}

fn is_for_all(operation: &Operation) -> bool {
    let last = operation.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    FOR_ALL.contains(&last.to_ascii_lowercase().as_str())
}

fn is_privileged(operation: &Operation) -> bool {
    let words = operation.path.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(str::to_ascii_lowercase).any(|word| PRIVILEGED.contains(&word.as_str()))
}

/// Whether others are forbidden what this identity is granted, and none of them has its role: it is one of those whom
/// the operation is for.
fn is_set_apart(world: &World, index: usize, low: &str) -> bool {
    let forbidden = |name: &str| world.access(index, name).is_some_and(|access| access.status == Some(403));
    let others = world.profiles.iter().filter(|profile| profile.alive && forbidden(&profile.name));
    let others: Vec<_> = others.collect();
    let own = world.role_of(low);
    !others.is_empty() && !others.iter().any(|profile| own.is_some() && profile.role == own)
}

/// Whether an identity is known, and refused whatever object it asks for.
pub(super) fn is_forbidden(world: &World, index: usize, low: &str) -> bool {
    let status = world.access(index, low).and_then(|access| access.status);
    status == Some(403) && !world.operation(index).path.contains('{')
}

fn lacks_scopes(world: &World, operation: &Operation, low: &str) -> bool {
    let Some(scopes) = world.profile(low).and_then(|profile| profile.scopes.as_ref()) else { return false };
    let Some(alternatives) = &operation.security else { return false };
    let lacks = |needs: &Vec<crate::surface::SecurityNeed>| {
        needs.iter().flat_map(|need| &need.scopes).any(|scope| !scopes.contains(scope))
    };
    !scopes.is_empty() && !alternatives.is_empty() && alternatives.iter().all(lacks)
}

/// The operations beside one that let the entitled identity in and refuse the other, and how many do not refuse it.
pub(super) fn neighbours(world: &World, index: usize, low: &str, entitled: &str) -> (Vec<usize>, usize) {
    let group = |path: &str| {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        parts.next().map(str::to_owned)
    };
    let own = group(&world.operation(index).path);
    let beside = (0..world.surface.operations.len())
        .filter(|other| *other != index && group(&world.operation(*other).path) == own);
    let mut refusing = Vec::new();
    let mut open = 0;
    for other in beside {
        let forbidden = world.access(other, low).is_some_and(|access| access.status == Some(403));
        open += usize::from(world.is_granted(other, low));
        if forbidden && world.is_granted(other, entitled) && world.operation(other).is_safe() {
            refusing.push(other);
        }
    }
    (refusing, open)
}

/// The other operations of a privileged part of the paths that forbid an identity, and how many let it in.
pub(super) fn group(world: &World, index: usize, low: &str) -> (Vec<usize>, usize) {
    let part = |path: &str| -> Option<String> {
        let mut part = String::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            part = part + "/" + segment;
            if PRIVILEGED.contains(&segment.to_ascii_lowercase().as_str()) {
                return Some(part);
            }
        }
        None
    };
    let Some(own) = part(&world.operation(index).path) else { return (Vec::new(), 0) };
    let beside = (0..world.surface.operations.len())
        .filter(|other| *other != index && part(&world.operation(*other).path).as_ref() == Some(&own));
    let (mut refusing, mut open) = (Vec::new(), 0);
    for other in beside {
        let Some(access) = world.access(other, low) else { continue };
        open += usize::from(access.granted);
        if access.status == Some(403) && harmless(world, other, low).is_some() {
            refusing.push(other);
        }
    }
    (refusing, open)
}

/// A request of somebody who was refused, and what makes it harmless should it be granted one day: what changes
/// something asks for what nobody has.
pub(super) fn harmless<'w>(world: &'w World, operation: usize, low: &str) -> Option<(&'w Draft, Vec<Edit>)> {
    let draft = world.access(operation, low)?.draft.as_ref()?;
    if world.operation(operation).is_safe() {
        return Some((draft, Vec::new()));
    }
    let (last, _) = draft.request().path_params.0.last()?;
    Some((draft, vec![Edit::set(Place::Path(last.clone()), world.nobody(operation, last))]))
}
