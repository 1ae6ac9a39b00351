//! Beginning a session: which request, and where its answer holds the token.

use serde_json::Value as Json;

use super::account::{Account, Naming};
use super::find::Candidate;
use super::names::{is_session_cookie, token_likeness};
use super::{Asked, Field, ask};
use crate::case::{ANONYMOUS, Content, Request, escape_token};
use crate::execute::{Session, set_cookies};
use crate::generate::schema::plausible;
use crate::generate::{Manner, Seeded, World, request};
use crate::identity::Login;
use crate::trace::Exchange;

/// A session that was begun.
pub(super) struct Begun {
    pub(super) request: Request,
    /// Where the answer holds the token, best first.
    pub(super) takes: Vec<String>,
    pub(super) answer: Exchange,
}

/// Headers in which services hand out tokens.
const HEADERS: &[&str] = &[
    "authorization",
    "x-auth-token",
    "x-access-token",
    "access-token",
    "x-token",
    "x-session-token",
    "token",
];

/// Begins a session of an account by this operation.
pub(super) async fn begin(
    candidate: Candidate,
    account: &Account,
    fields: &[Field],
    world: &World,
    session: &Session,
    seed: u64,
    asked: &mut Asked,
) -> Result<Begun, String> {
    let operation = world.operation(candidate.operation);
    let mut last = "no valid request can be made from the document".to_owned();
    for manner in [Manner::Minimal, Manner::Full] {
        let mut src = Seeded::derive(seed, &["login", &operation.name()]);
        let Some(draft) = request(world, candidate.operation, ANONYMOUS, manner, &mut src) else { continue };
        for naming in namings(fields) {
            let mut request = draft.request().clone();
            let filled = account.fill(&mut request, naming);
            if !filled.contains(&Field::Password) {
                continue;
            }
            let Some(answer) = ask(session, &operation.name(), &request, asked).await else { continue };
            let takes = takes(&answer);
            match answer.status() {
                Some(200..=303) if !takes.is_empty() => return Ok(Begun { request, takes, answer }),
                Some(200..=303) => last = format!("{} answered without a token", operation.name()),
                Some(status) => last = format!("{} answered {status}", operation.name()),
                None => return Err(format!("{}: {}", operation.name(), answer.delivery.outcome)),
            }
            if matches!(answer.status(), Some(404 | 405)) {
                return Err(last);
            }
        }
    }
    Err(last)
}

/// What a login may call the account, the likeliest first.
fn namings(fields: &[Field]) -> Vec<Naming> {
    let knows = |field| fields.contains(&field);
    let mut namings = vec![Naming::ByField];
    namings.extend(knows(Field::Username).then_some(Naming::Username));
    namings.extend(knows(Field::Email).then_some(Naming::Email));
    namings.extend(knows(Field::Phone).then_some(Naming::Phone));
    if !knows(Field::Username) || !knows(Field::Email) {
        // What the target was never told names nobody.
        namings.remove(0);
    }
    namings
}

/// Where an answer may hold a token: JSON pointers, `header:NAME` and `cookie:NAME`, best first.
pub(super) fn takes(answer: &Exchange) -> Vec<String> {
    let mut found: Vec<(i32, String)> = Vec::new();
    if let Some(json) = answer.json() {
        leaves(json, "", "", 0, &mut found);
    }
    if let Some(headers) = answer.headers() {
        for name in HEADERS {
            let text = headers.text(name).unwrap_or_default();
            if text.len() >= 8 {
                found.push((8, format!("header:{name}")));
            }
        }
        let cookies = set_cookies(headers);
        let sessions = cookies.iter().filter(|(name, value)| is_session_cookie(name) && value.len() >= 8);
        found.extend(sessions.map(|(name, _)| (5, format!("cookie:{name}"))));
    }
    found.sort_by_key(|(likeness, _)| -likeness);
    found.into_iter().map(|(_, take)| take).collect()
}

fn leaves(json: &Json, name: &str, at: &str, depth: usize, found: &mut Vec<(i32, String)>) {
    if depth > 6 || found.len() > 32 {
        return;
    }
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                leaves(value, name, &format!("{at}/{}", escape_token(name)), depth + 1, found);
            }
        }
        // The one text of a wrapper such as `data`, or the whole answer, may be the token itself.
        Json::String(text) => match token_likeness(if at.is_empty() { "token" } else { name }, text) {
            0 => {}
            likeness => found.push((likeness, at.to_owned())),
        },
        _ => {}
    }
}

/// The login that sends a request; none where its body is neither JSON nor a form.
pub(super) fn spec(request: &Request) -> Option<Login> {
    let body = request.body.as_ref()?;
    let (json, form) = match &body.content {
        Content::Json(value) => (plausible(value), false),
        Content::Form(pairs) => {
            let members = pairs.0.iter().map(|(name, value)| (name.clone(), plausible(value)));
            (Json::Object(members.collect()), true)
        }
        Content::Multipart(_) | Content::Text(_) => return None,
    };
    Some(Login {
        method: request.method.clone(),
        path: request.path.clone(),
        body: json,
        form,
        ..Login::default()
    })
}
