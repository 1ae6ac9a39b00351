//! The watch: what shows that the target is as it was before something was done to it.

use std::sync::Arc;
use std::time::Duration;

use super::worker::{Done, Worker};
use crate::case::{ANONYMOUS, Role};
use crate::controls::is_granted;
use crate::generate::{Draft, World};
use crate::trace::Exchange;

/// What an operation did besides what it is for; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Whoever was logged in is not any more, and can log in again.
    EndsSessions,
    /// Objects that it has nothing to do with are gone.
    Resets,
    /// Somebody is let in no longer, and no login helps.
    LocksOut,
    /// Nothing is served any more.
    SwitchesOff,
}

/// What was seen.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) harm: Harm,
    /// In words.
    pub(super) what: String,
    /// Whose request showed it.
    pub(super) who: String,
}

/// A valid request that was granted before.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) draft: Arc<Draft>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nobody is let in here without a credential.
    Session,
    /// Anybody is.
    Public,
    /// An object that the run made.
    Object,
}

/// Objects that are watched, at most.
const OBJECTS: usize = 2;
/// How long trouble must last to be none of chance.
const AGAIN: Duration = Duration::from_secs(1);

impl Post {
    /// The object that a draft made and read: the same request without what made it.
    fn object(draft: &Draft, read: &Exchange, base_path: &str) -> Option<Self> {
        let target = std::str::from_utf8(&read.sent.request.target).ok()?;
        let path = target.strip_prefix(base_path)?.split('?').next()?.to_owned();
        let mut draft = draft.clone();
        let mut base = draft.bases.iter().find(|base| base.name == draft.target)?.clone();
        base.request.path = path;
        base.request.path_params.0.clear();
        draft.setup.clear();
        draft.bases = vec![base];
        Some(Self { draft: Arc::new(draft), kind: Kind::Object })
    }

    /// Whether what an identity does shows here.
    pub(super) fn tells_of(&self, identity: &str) -> bool {
        self.kind != Kind::Session || identity == ANONYMOUS || self.draft.identity == identity
    }
}

/// One request for each identity that shows whether it is let in; without any identity, one that anybody may send.
pub(super) fn sessions(world: &World) -> Vec<Post> {
    let of = |name: &str| {
        let granted = world.access.iter().filter(|((operation, who), access)| {
            who == name && access.granted && world.operation(*operation).is_safe()
        });
        let plain =
            granted.filter_map(|(_, access)| access.draft.as_ref()).filter(|draft| draft.setup.is_empty());
        let is_public = |draft: &Draft| name == ANONYMOUS || world.is_granted(draft.operation, ANONYMOUS);
        let best = plain.min_by_key(|draft| (is_public(draft), draft.inputs().len(), draft.operation))?;
        let kind = if is_public(best) { Kind::Public } else { Kind::Session };
        Some(Post { draft: Arc::clone(best), kind })
    };
    let alive = world.profiles.iter().filter(|profile| profile.alive);
    let mut posts: Vec<_> = alive.filter_map(|profile| of(&profile.name)).collect();
    if posts.is_empty() {
        posts.extend(of(ANONYMOUS));
    }
    posts
}

/// Reads of objects that their reader makes itself, one of each operation; those that are `known` are not asked for.
pub(super) fn keepable(world: &World, known: &[usize]) -> Vec<Arc<Draft>> {
    let mut drafts: Vec<Arc<Draft>> = Vec::new();
    for ((operation, _), access) in &world.access {
        let Some(draft) = access.draft.as_ref().filter(|_| access.granted) else { continue };
        let is_new = !known.contains(operation) && drafts.iter().all(|one| one.operation != *operation);
        let reads = world.operation(*operation).method == "GET" && draft.makes_what_it_acts_on();
        if is_new && reads && known.len() + drafts.len() < OBJECTS {
            drafts.push(Arc::clone(draft));
        }
    }
    drafts
}

/// Makes an object and keeps it.
pub(super) async fn keep(worker: &Worker<'_>, draft: &Draft, done: &mut Done) -> Option<Post> {
    let read = ask(worker, draft, done).await.pop().filter(is_granted)?;
    Post::object(draft, &read, worker.session.base_path())
}

/// What is not as it was. What is trouble by chance is not there a second later.
pub(super) async fn look(worker: &Worker<'_>, posts: &[Post], done: &mut Done) -> Option<Seen> {
    let first = glance(worker, posts, done).await?;
    // Who was logged out is logged in by now.
    if first.harm == Harm::EndsSessions {
        return Some(first);
    }
    tokio::time::sleep(AGAIN).await;
    glance(worker, posts, done).await.filter(|again| again.harm == first.harm)
}

/// What is not as it was, at this moment.
pub(super) async fn glance(worker: &Worker<'_>, posts: &[Post], done: &mut Done) -> Option<Seen> {
    let mut all = Vec::new();
    let mut is_served = false;
    for post in posts {
        let mut asked = ask(worker, &post.draft, done).await;
        let again = after_login(worker, post, &asked, done).await;
        asked.extend(again);
        let harm = harm_of(post.kind, &asked);
        is_served |= !asked.is_empty() && harm != Some(Harm::SwitchesOff);
        let (Some(harm), Some(last)) = (harm, asked.last()) else { continue };
        let who = post.draft.identity.clone();
        let name = worker.epoch.world.operation(post.draft.operation).name();
        let told =
            last.status().map_or_else(|| last.delivery.outcome.to_string(), |status| status.to_string());
        let what = match harm {
            Harm::EndsSessions => format!("{who} has to log in again"),
            Harm::Resets => format!("an object that was there before is gone: {name} answers {told}"),
            Harm::LocksOut => format!("{who} is let in no longer: {name} answers {told}"),
            Harm::SwitchesOff => format!("nothing is served: {name} answers {told}"),
        };
        all.push(Seen { harm, what: worker.shared.vault.redact(&what), who });
    }
    // Of several that cannot be served one may fail by itself.
    all.into_iter().filter(|seen| seen.harm != Harm::SwitchesOff || !is_served).max_by_key(|seen| seen.harm)
}

/// What the answers to a request that was granted before tell; the last one is the present state.
fn harm_of(kind: Kind, asked: &[Exchange]) -> Option<Harm> {
    let last = asked.last()?;
    match (last.status(), kind) {
        (None | Some(500..), _) => Some(Harm::SwitchesOff),
        (_, Kind::Session) if is_granted(last) => {
            let was_out = |one: &Exchange| matches!(one.status(), Some(300..=399 | 401 | 403));
            asked.iter().any(was_out).then_some(Harm::EndsSessions)
        }
        (Some(300..=399 | 401 | 403), Kind::Session) => Some(Harm::LocksOut),
        (Some(404 | 410), Kind::Object) => Some(Harm::Resets),
        _ => None,
    }
}

/// Sends a valid request; every attempt.
async fn ask(worker: &Worker<'_>, draft: &Draft, done: &mut Done) -> Vec<Exchange> {
    let mut case = draft.open("watch", &worker.epoch.world);
    case.steps.push(draft.step("watch", Role::Control, vec![]).retried(2));
    case.note_identities(|name| worker.epoch.world.role_of(name));
    let mut trace = worker.send(&case, done).await;
    let index = case.steps.len() - 1;
    trace.exchanges.retain(|exchange| exchange.step == index && !is_unsent(exchange));
    trace.exchanges
}

fn is_unsent(exchange: &Exchange) -> bool {
    matches!(exchange.delivery.outcome, crate::message::Outcome::NotSent { .. })
}

/// Where a session that ended is refused otherwise than with 401, a login shows whether that is all.
async fn after_login(worker: &Worker<'_>, post: &Post, asked: &[Exchange], done: &mut Done) -> Vec<Exchange> {
    let is_refused = matches!(asked.last().and_then(Exchange::status), Some(300..=399 | 403));
    let who = &post.draft.identity;
    if post.kind == Kind::Session && is_refused && worker.session.log_in_anew(who).await {
        return ask(worker, &post.draft, done).await;
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    #[test]
    fn answers_tell_what_is_not_as_it_was() {
        let harm = |kind, statuses: &[u16]| {
            let asked: Vec<_> = statuses.iter().map(|status| answer(*status, "{}")).collect();
            harm_of(kind, &asked)
        };
        assert_eq!(harm(Kind::Session, &[200]), None);
        assert_eq!(harm(Kind::Session, &[401, 200]), Some(Harm::EndsSessions));
        assert_eq!(harm(Kind::Session, &[302, 200]), Some(Harm::EndsSessions));
        assert_eq!(harm(Kind::Session, &[401, 401]), Some(Harm::LocksOut));
        assert_eq!(harm(Kind::Session, &[503, 503]), Some(Harm::SwitchesOff));
        assert_eq!(harm(Kind::Session, &[429]), None, "that is for another reason");
        assert_eq!(harm(Kind::Object, &[401, 200]), None, "its session is looked at elsewhere");
        assert_eq!(harm(Kind::Object, &[404]), Some(Harm::Resets));
        assert_eq!(harm(Kind::Public, &[404]), None);
        assert_eq!(harm(Kind::Public, &[]), None);
    }
}
