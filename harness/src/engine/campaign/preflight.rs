//! Pre-flight: who gets in where, where objects come from, and which values suit optional inputs.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use super::venture::{harmed, may_have_acted};
use super::watch::Post;
use super::worker::{Done, Worker};
use crate::case::{ANONYMOUS, Role};
use crate::controls::is_granted;
use crate::generate::{Access, Draft, Manner, Producer, Seeded, World};
use crate::learn::Learned;
use crate::surface::Parameter;
use crate::trace::Exchange;

/// What was learned of one identity at one operation.
pub(super) struct Reach {
    pub(super) operation: usize,
    pub(super) identity: String,
    pub(super) access: Access,
    pub(super) producer: Option<Producer>,
}

/// What a login showed.
pub(super) struct LoggedIn {
    pub(super) name: String,
    pub(super) alive: bool,
    pub(super) jwt: bool,
    pub(super) subject: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) failure: String,
}

/// Logs an identity in and looks at what it got.
pub(super) async fn log_in(worker: &Worker<'_>, name: &str) -> LoggedIn {
    use secrecy::ExposeSecret as _;
    let alive = worker.session.log_in(name).await;
    let wallet = worker.session.wallet();
    let credential = wallet.credential(name);
    let token = credential.as_ref().and_then(|c| crate::execute::read_token(c.secret.expose_secret()));
    let subject = token.as_ref().and_then(|(_, claims, _)| {
        let subject =
            ["sub", "user_id", "uid", "username", "email"].iter().find_map(|name| claims.get(*name))?;
        Some(subject.to_string())
    });
    let scopes = token.as_ref().and_then(|(_, claims, _)| scopes(claims));
    let failure = worker.shared.vault.redact(&wallet.failure(name).unwrap_or_default());
    LoggedIn { name: name.to_owned(), alive, jwt: token.is_some(), subject, scopes, failure }
}

/// What a token may be used for (RFC 8693 section 4.2): a text with spaces, or a list.
fn scopes(claims: &serde_json::Map<String, Json>) -> Option<Vec<String>> {
    match ["scope", "scp", "scopes"].iter().find_map(|name| claims.get(*name))? {
        Json::String(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        Json::Array(items) => Some(items.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}

/// The manners in which a valid request is tried, in order.
const TRIES: &[Manner] =
    &[Manner::Minimal, Manner::Full, Manner::Own, Manner::Random, Manner::Own, Manner::Random];
/// The same, where the document shows how a request looks.
const SHOWN: &[Manner] = &[
    Manner::Minimal,
    Manner::Example,
    Manner::Full,
    Manner::Own,
    Manner::Random,
    Manner::Own,
    Manner::Letter,
    Manner::Random,
];
/// The most tries, where refusals go on to say what is wrong.
const MOST_TRIES: usize = 14;
/// How often a request is drawn anew that would repeat what an answer named as wrong.
const REDRAWS: usize = 6;
/// Bytes of a refusal that are searched for what was sent.
const LARGEST_REFUSAL: usize = 4_096;

/// The epochs of pre-flight: what needs nothing first, then what hangs below it; then what may do anything, and
/// deletions last.
pub(super) fn order(world: &World) -> Vec<Vec<usize>> {
    let mut layers: Vec<((bool, bool, usize, u8, usize), usize)> = Vec::new();
    for (index, operation) in world.surface.operations.iter().enumerate() {
        if !world.may_send(index) {
            continue;
        }
        let depth = operation.path.matches('{').count();
        let effect = match operation.method.as_str() {
            "GET" | "HEAD" | "OPTIONS" => 0,
            "POST" => 1,
            _ => 2,
        };
        let waits = if effect == 1 { world.waits_for(index) } else { 0 };
        let is_odd = super::hazards::is_odd(world, index);
        layers.push(((operation.method == "DELETE", is_odd, depth, effect, waits), index));
    }
    layers.sort_by_key(|(key, _)| *key);
    layers.chunk_by(|a, b| a.0 == b.0).map(|chunk| chunk.iter().map(|(_, index)| *index).collect()).collect()
}

/// Tries a valid request as every identity.
/// `posts` show what it does besides; without any, nobody looks.
pub(super) async fn reach(worker: &Worker<'_>, operation: usize, posts: &[Post], done: &mut Done) {
    let world = &worker.epoch.world;
    // What asks for no credential is asked without one, and with one where the document was wrong.
    let public = world.operation(operation).needs_credential() == Some(false);
    let named = world.profiles.iter().filter(|profile| profile.alive).map(|profile| profile.name.clone());
    let mut names: Vec<String> = named.chain([ANONYMOUS.to_owned()]).collect();
    if public {
        names.rotate_right(1);
    }
    let mut learned = world.learned.get(&operation).map(|learned| (**learned).clone()).unwrap_or_default();
    let mut acted: Option<Option<Arc<Draft>>> = None;
    for identity in names {
        let mut reach = reach_as(worker, operation, &identity, &mut learned, done).await;
        if let Some(why) = done.withheld.take().filter(|_| !reach.access.granted) {
            reach.access.note = why;
        }
        let is_first = acted.is_none() && may_have_acted(&reach.access);
        let draft = reach.access.draft.clone();
        let granted = reach.access.granted;
        done.reach.push(reach);
        if is_first && !posts.is_empty() {
            // Before anybody else does the same.
            let near: Vec<_> = posts.iter().filter(|post| post.tells_of(&identity)).cloned().collect();
            done.harmed = harmed(worker, &near, draft.as_deref(), done).await.map(Box::new);
            acted = Some(draft);
            if done.harmed.is_some() {
                break;
            }
        }
        if public && granted {
            break;
        }
    }
    if done.harmed.is_none()
        && let Some(draft) = acted
    {
        done.harmed = harmed(worker, posts, draft.as_deref(), done).await.map(Box::new);
    }
    done.learned = (!learned.is_empty() || !learned.naming.is_empty()).then_some((operation, learned));
}

async fn reach_as(
    worker: &Worker<'_>,
    operation: usize,
    identity: &str,
    learned: &mut Learned,
    done: &mut Done,
) -> Reach {
    let world = &worker.epoch.world;
    let mut access =
        Access { note: "no valid request can be made from the document".to_owned(), ..Access::default() };
    let mut producer = None;
    let name = world.operation(operation).name();
    if identity == ANONYMOUS
        && let Some(draft) = login_draft(worker, operation)
    {
        let mut draft = draft;
        let mut exchange = try_draft(worker, &draft, done).await;
        if exchange.as_ref().is_some_and(|exchange| learned.learn_ending(exchange)) {
            draft.bases.iter_mut().for_each(|base| crate::learn::with_other_ending(&mut base.request));
            exchange = try_draft(worker, &draft, done).await;
        }
        let draft = Arc::new(draft);
        if let Some(exchange) = exchange.filter(is_granted) {
            access.granted = true;
            access.status = exchange.status();
            access.note.clear();
            access.draft = Some(draft);
            let mut src = Seeded::derive(worker.shared.seed, &["invented", &name]);
            if let Some(invented) = learned.request(world, operation, identity, Manner::Minimal, &mut src) {
                access.invented_status =
                    try_draft(worker, &invented, done).await.and_then(|exchange| exchange.status());
                access.invented = Some(Arc::new(invented));
            }
            return Reach { operation, identity: identity.to_owned(), access, producer };
        }
    }
    let order = if world.operation(operation).shows_examples() { SHOWN } else { TRIES };
    let (mut attempt, mut tries) = (0, order.len());
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    // A request without what an answer named as wrong: tried before anything new.
    let mut mended: Option<Draft> = None;
    // What was refused in an earlier round is not sent again.
    let before = world.access(operation, identity).map_or(0, |access| access.tries);
    while attempt < tries {
        let manner = order[attempt % order.len()];
        let seed = (before + access.tries).to_string();
        attempt += 1;
        access.tries += 1;
        // What an answer named as wrong is not said again, where something else can be said.
        let mut drawn = mended.take();
        let redraws = if drawn.is_some() { 0 } else { REDRAWS };
        for again in 0..redraws {
            let number = again.to_string();
            let parts = ["reach", name.as_str(), seed.as_str(), number.as_str()];
            let mut src = Seeded::derive(worker.shared.seed, &parts[..if again == 0 { 3 } else { 4 }]);
            drawn = learned.request(world, operation, identity, manner, &mut src);
            let says = |draft: &Draft| draft.texts().iter().any(|text| wrong.contains(*text));
            if !drawn.as_ref().is_some_and(says) {
                break;
            }
        }
        let Some(draft) = drawn.map(Arc::new) else { continue };
        let Some(exchange) = try_draft(worker, &draft, done).await else { continue };
        let is_granted = is_granted(&exchange);
        if access.granted {
            // One was granted before, and works once only.
            if is_granted && repeats(worker, &draft, done).await {
                producer = Producer::learn(&world.surface, world.operation(operation), &draft, &exchange);
                access.draft = Some(draft);
                break;
            }
            continue;
        }
        access.status = exchange.status();
        access.note = match exchange.status() {
            Some(status) => format!("the last valid request was answered {status}"),
            None => {
                worker.shared.vault.redact(&format!("the last valid request: {}", exchange.delivery.outcome))
            }
        };
        if is_granted {
            access.granted = true;
            access.note.clear();
            learned.naming.keep(world, &draft);
            producer = Producer::learn(&world.surface, world.operation(operation), &draft, &exchange);
            access.draft = Some(Arc::clone(&draft));
            // What is there already may be used up one day, what the request makes for itself is not.
            if world.operation(operation).method == "POST" && draft.finds_what_it_uses() {
                let mut src = Seeded::derive(worker.shared.seed, &["own", &name]);
                if let Some(own) = learned.request(world, operation, identity, Manner::Own, &mut src)
                    && !own.finds_what_it_uses()
                    && let Some(exchange) = try_draft(worker, &own, done).await
                    && crate::controls::is_granted(&exchange)
                {
                    let own = Arc::new(own);
                    producer = Producer::learn(&world.surface, world.operation(operation), &own, &exchange);
                    access.draft = Some(own);
                }
            }
            // The plainest thing is the one that most can be done with.
            let is_first = access.draft.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, &draft));
            if is_first
                && world.operation(operation).method == "POST"
                && manner != Manner::Minimal
                && let Some((plain, exchange)) = plainest(worker, &draft, learned, done).await
            {
                let taught = Producer::learn(&world.surface, world.operation(operation), &plain, &exchange);
                producer = taught.or(producer);
                access.draft = Some(plain);
            }
            // What can be asked for once only frames no attack: a cancelled order is not cancelled again.
            let changes = matches!(world.operation(operation).method.as_str(), "PUT" | "PATCH");
            if !changes || repeats(worker, &draft, done).await {
                break;
            }
            continue;
        }
        let known = wrong.len();
        wrong.extend(named_in(&draft, &exchange));
        mended = left_out(worker, &wrong, &draft);
        // A refusal that says something new is worth another try.
        let taught = learned.learn(crate::learn::lessons_of(&exchange));
        if taught || wrong.len() > known {
            tries = (attempt + order.len() / 2).clamp(tries, MOST_TRIES);
        }
        if learned.learn_ending(&exchange) {
            access.draft = None;
            // The same again, where it is taken.
            attempt -= 1;
        } else {
            // What is not there by one of its names may be there by another; a failure says nothing of names.
            let absent = matches!(exchange.status(), Some(404 | 410));
            let unsuited = !taught && matches!(exchange.status(), Some(400 | 422));
            let is_next = (absent || unsuited) && learned.naming.next(world, &draft);
            if is_next && absent {
                attempt -= 1;
            }
            access.draft.get_or_insert(draft);
        }
        // Who is not let in is not let in with other values either.
        if matches!(exchange.status(), Some(401 | 403)) || worker.session.is_stopped() {
            break;
        }
    }
    access.tries += before;
    Reach { operation, identity: identity.to_owned(), access, producer }
}

/// The request without what an answer named as wrong, where it can do without.
fn left_out(worker: &Worker<'_>, wrong: &BTreeSet<String>, draft: &Draft) -> Option<Draft> {
    // Most refusals name nothing, and looking for what they name copies the request.
    if wrong.is_empty() {
        return None;
    }
    let parameters = &worker.epoch.world.operation(draft.operation).parameters;
    let optional = |location, name: &str| {
        let is = |parameter: &&Parameter| parameter.location == location && parameter.name == name;
        parameters.iter().find(is).is_some_and(|parameter| !parameter.required)
    };
    draft.without(&|text| wrong.contains(text), &optional)
}

/// The texts of a request that the answer to it repeats.
fn named_in(draft: &Draft, exchange: &Exchange) -> Vec<String> {
    let Some(answer) = exchange.answer().filter(|answer| (400..500).contains(&answer.status)) else {
        return Vec::new();
    };
    let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(LARGEST_REFUSAL)]).into_owned();
    let repeated = draft.texts().into_iter().filter(|text| text.len() > 2 && body.contains(*text));
    repeated.map(str::to_owned).collect()
}

/// The request with what is required and nothing else, where it sends less than a granted one and is granted itself.
async fn plainest(
    worker: &Worker<'_>,
    granted: &Draft,
    learned: &Learned,
    done: &mut Done,
) -> Option<(Arc<Draft>, Exchange)> {
    let world = &worker.epoch.world;
    let name = world.operation(granted.operation).name();
    let mut src = Seeded::derive(worker.shared.seed, &["plainest", &name]);
    let plain = learned.request(world, granted.operation, &granted.identity, Manner::Minimal, &mut src)?;
    let finds_more = plain.finds_what_it_uses() && !granted.finds_what_it_uses();
    if plain.inputs().len() >= granted.inputs().len() || finds_more {
        return None;
    }
    let plain = Arc::new(plain);
    let exchange = try_draft(worker, &plain, done).await?;
    is_granted(&exchange).then_some((plain, exchange))
}

/// The login of a configured identity, when it is this operation: the one valid request that a document cannot tell.
fn login_draft(worker: &Worker<'_>, operation: usize) -> Option<Draft> {
    let world = &worker.epoch.world;
    let op = world.operation(operation);
    let wallet = worker.session.wallet();
    let identity = wallet.identities().find(|identity| {
        wallet.login(&identity.name).is_some_and(|login| {
            login.method == op.method && login.path == op.path && !login.is_by_refresh_only()
        })
    })?;
    let base = crate::execute::login_base(&identity.name, wallet.login(&identity.name)?);
    let target = base.name.clone();
    Some(Draft { operation, identity: ANONYMOUS.to_owned(), setup: Vec::new(), bases: vec![base], target })
}

/// Whether a valid request is granted a second time, to what the first one left behind.
pub(super) async fn repeats(worker: &Worker<'_>, draft: &Draft, done: &mut Done) -> bool {
    let mut case = draft.open("pre-flight", &worker.epoch.world);
    case.steps.push(draft.step("baseline", Role::Control, vec![]).retried(2));
    case.steps.push(draft.step("again", Role::Control, vec![]).retried(2));
    case.note_identities(|name| worker.epoch.world.role_of(name));
    let trace = worker.execute(&case, done).await;
    let again = case.step_index("again").and_then(|index| trace.of_index(index));
    again.is_some_and(is_granted)
}

pub(super) async fn try_draft(worker: &Worker<'_>, draft: &Draft, done: &mut Done) -> Option<Exchange> {
    let mut case = draft.open("pre-flight", &worker.epoch.world);
    case.steps.push(draft.step("baseline", Role::Control, vec![]).retried(2));
    case.note_identities(|name| worker.epoch.world.role_of(name));
    let mut trace = worker.execute(&case, done).await;
    let index = case.step_index("baseline")?;
    let at = trace.exchanges.iter().rposition(|exchange| exchange.step == index)?;
    Some(trace.exchanges.swap_remove(at))
}

/// Whether an identity still gets in somewhere that it got in before.
pub(super) async fn alive(worker: &Worker<'_>, identity: &str, done: &mut Done) -> bool {
    let world = &worker.epoch.world;
    let granted = world.access.iter().filter(|((_, name), access)| name == identity && access.granted);
    let mut drafts: Vec<_> =
        granted.filter_map(|((operation, _), access)| Some((*operation, access.draft.clone()?))).collect();
    drafts.sort_by_key(|(operation, draft)| {
        (world.is_granted(*operation, ANONYMOUS), !world.operation(*operation).is_safe(), draft.setup.len())
    });
    for (_, draft) in drafts.iter().take(3) {
        let answered = try_draft(worker, draft, done).await;
        if answered.is_some_and(|answer| is_granted(&answer)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Base, Body, Content, Request, Value};
    use crate::controls::tests_support::answer;

    #[test]
    fn what_an_answer_repeats_is_known_to_be_wrong() {
        let content =
            Content::Json(Value::from(serde_json::json!({"algorithm": "HS256", "tags": ["blue", "a"]})));
        let body = Some(Body { media_type: "application/json".to_owned(), content });
        let request =
            Request { method: "POST".to_owned(), path: "/keys".to_owned(), body, ..Request::default() };
        let base = Base { name: "target".to_owned(), operation: "POST /keys".to_owned(), request };
        let draft = Draft {
            operation: 0,
            identity: ANONYMOUS.to_owned(),
            setup: Vec::new(),
            bases: vec![base],
            target: "target".to_owned(),
        };
        let refusal = answer(422, r#"{"error": "Unknown algorithm: HS256"}"#);
        assert_eq!(named_in(&draft, &refusal), ["HS256"]);
        assert!(named_in(&draft, &answer(200, r#"{"algorithm": "HS256"}"#)).is_empty());

        let left = draft.without(&|text| text == "blue", &|_, _| false).expect("it can do without");
        assert_eq!(left.texts(), ["HS256", "a"]);
        assert_eq!(draft.without(&|text| text == "HS256", &|_, _| true), None, "members stay");
        assert_eq!(
            draft.without(&|text| ["blue", "a"].contains(&text), &|_, _| true),
            None,
            "one item stays"
        );
        let mut asked = draft.clone();
        asked.bases[0].request.headers.set("X-Version", Value::from("xyz"));
        assert_eq!(named_in(&asked, &answer(400, "bad version xyz")), ["xyz"]);
        assert_eq!(asked.without(&|text| text == "xyz", &|_, name| name == "X-Version"), Some(draft));
    }
}
