//! One operation that changes something, alone, and what it did besides.

use std::sync::Arc;
use std::time::Duration;

use super::preflight::try_draft;
use super::watch::{self, Harm, Post, Seen};
use super::worker::{Done, Worker};
use crate::case::{Content, Value};
use crate::generate::{Access, Draft, Manner, Seeded, World, request};

/// What was seen, and how to undo it.
#[derive(Clone, Debug)]
pub(super) struct Harmed {
    pub(super) seen: Seen,
    /// The request after which the target served again.
    pub(super) undo: Option<Arc<Draft>>,
    /// The target does not serve, and nothing helped.
    pub(super) lasts: bool,
}

/// How long a target that serves nothing is waited for: it may restart.
const RESTART: Duration = Duration::from_secs(6);
/// Requests that are tried to undo something.
const TRIES: usize = 12;

/// Whether a request of this kind may have done something.
pub(super) fn may_have_acted(access: &Access) -> bool {
    let answered = matches!(access.status, None | Some(200..=399 | 500..));
    access.granted || (access.draft.is_some() && answered)
}

/// What a request did besides what it is for. `posts` were fine before it.
pub(super) async fn harmed(
    worker: &Worker<'_>,
    posts: &[Post],
    draft: Option<&Draft>,
    done: &mut Done,
) -> Option<Harmed> {
    let seen = watch::look(worker, posts, done).await?;
    // A session may end by itself in the meantime: it must end again.
    if seen.harm == Harm::EndsSessions {
        try_draft(worker, draft?, done).await;
        if watch::look(worker, posts, done).await?.harm != Harm::EndsSessions {
            return None;
        }
    }
    let operations: Vec<_> = draft.map(|draft| draft.operation).into_iter().collect();
    Some(mended(worker, posts, seen, draft, &operations, done).await)
}

/// Has the target serve again, where it serves nothing any more since one of these operations.
pub(super) async fn mended(
    worker: &Worker<'_>,
    posts: &[Post],
    seen: Seen,
    draft: Option<&Draft>,
    operations: &[usize],
    done: &mut Done,
) -> Harmed {
    let (mut undo, mut lasts) = (None, false);
    if seen.harm == Harm::SwitchesOff {
        tokio::time::sleep(RESTART).await;
        lasts = is_off(worker, posts, done).await;
        if lasts {
            undo = undone(worker, posts, draft, operations, done).await;
            lasts = undo.is_none();
        }
    }
    Harmed { seen, undo, lasts }
}

async fn is_off(worker: &Worker<'_>, posts: &[Post], done: &mut Done) -> bool {
    watch::glance(worker, posts, done).await.is_some_and(|seen| seen.harm == Harm::SwitchesOff)
}

/// Tries what may undo it: the same request the other way round, and what stands beside it in the document.
async fn undone(
    worker: &Worker<'_>,
    posts: &[Post],
    draft: Option<&Draft>,
    operations: &[usize],
    done: &mut Done,
) -> Option<Arc<Draft>> {
    let world = &worker.epoch.world;
    let mut candidates = draft.map(flipped).unwrap_or_default();
    let identity = draft.map(|draft| draft.identity.as_str());
    let names = world.profiles.iter().filter(|profile| profile.alive).map(|profile| profile.name.as_str());
    let identity = identity.or(names.into_iter().next()).unwrap_or(crate::case::ANONYMOUS);
    let own = operations.iter().copied().filter(|_| draft.is_none());
    let beside = operations.first().into_iter().flat_map(|operation| beside(world, *operation));
    let mut known = Vec::new();
    for other in own.chain(beside) {
        if !known.contains(&other) {
            known.push(other);
            let mut src = Seeded::derive(worker.shared.seed, &["undo", &world.operation(other).name()]);
            let full = request(world, other, identity, Manner::Full, &mut src);
            let plain = request(world, other, identity, Manner::Minimal, &mut src);
            let both = plain.into_iter().chain(full).filter(|draft| draft.setup.is_empty());
            candidates.extend(both.flat_map(|draft| [vec![draft.clone()], flipped(&draft)].concat()));
        }
    }
    for candidate in candidates.into_iter().take(TRIES) {
        try_draft(worker, &candidate, done).await;
        if !is_off(worker, posts, done).await {
            return Some(Arc::new(candidate));
        }
    }
    None
}

/// The same request with each of its flags the other way round.
fn flipped(draft: &Draft) -> Vec<Draft> {
    let names = draft.members().iter().filter(|(_, value)| matches!(value, Value::Bool(_)));
    let names: Vec<_> = names.map(|(name, _)| name.clone()).collect();
    let flip = |name: &String| {
        let mut draft = draft.clone();
        let target = draft.target.clone();
        let base = draft.bases.iter_mut().find(|base| base.name == target)?;
        let Content::Json(Value::Object(members)) = &mut base.request.body.as_mut()?.content else {
            return None;
        };
        for (_, value) in members.iter_mut().filter(|(member, _)| member == name) {
            if let Value::Bool(flag) = value {
                *flag = !*flag;
            }
        }
        Some(draft)
    };
    names.iter().filter_map(flip).collect()
}

/// Operations that change something and belong to no object, those first whose paths are most alike.
fn beside(world: &World, operation: usize) -> Vec<usize> {
    let own = world.operation(operation);
    let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let alike = |other: &usize| {
        let (a, b) = (segments(&own.path), segments(&world.operation(*other).path));
        a.iter().zip(&b).take_while(|(a, b)| a == b).count()
    };
    let is_other = |other: &usize| {
        let its = world.operation(*other);
        // What is deleted otherwise, or costs something, may be others' matter.
        let harmless = its.path == own.path || !(its.method == "DELETE" || its.is_costly());
        let plain = !its.is_safe() && !its.path.contains('{') && harmless;
        *other != operation && plain && world.may_send(*other)
    };
    let mut others: Vec<_> = (0..world.surface.operations.len()).filter(is_other).collect();
    others.sort_by_key(|other| std::cmp::Reverse(alike(other)));
    others
}
