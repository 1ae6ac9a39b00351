//! Accounts of our own: an API that lets anybody register is tested as two people who did.
//!
//! The registration and the login are found by the words of their paths and by their fields, two accounts are made,
//! and it is found out by trying where the login's answer holds the token and how it travels.

mod account;
mod carry;
mod find;
mod login;
mod names;
mod register;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::case::{ANONYMOUS, Base, Case, Request, Role, Step};
use crate::execute::{Session, execute};
use crate::generate::World;
use crate::identity::{Identity, Login, Registration, Spec};
use crate::surface::Surface;
use crate::trace::Exchange;
use names::Field;

pub(crate) use carry::is_credential;

/// The names of the accounts that a run makes.
pub const NAMES: [&str; 2] = ["self-1", "self-2"];
/// The most requests that finding out may take.
const REQUESTS: u32 = 200;
/// How many operations are tried as registration, and as login.
const TRIED: usize = 3;

/// What came of looking for a registration and a login.
#[derive(Debug, Default)]
pub struct Accounts {
    /// Who was made; empty when nobody could be.
    pub identities: Vec<Identity>,
    /// What was done, or why nothing could be, for people.
    pub note: String,
    /// How many requests it took.
    pub requests: u64,
}

/// Whether a document has what accounts are made with: `None`, or what is missing.
pub fn missing(surface: &Surface) -> Option<&'static str> {
    // Without a login: a registration may answer with the token itself.
    find::registrations(surface)
        .is_empty()
        .then_some("the document has no operation that registers an account")
}

/// The operations that would be tried to make an account and to log it in, best first: names for people, and whether the
/// document has a registration at all.
pub fn foreseen(surface: &Surface) -> Result<String, &'static str> {
    if let Some(why) = missing(surface) {
        return Err(why);
    }
    let name = |candidates: &[find::Candidate]| {
        candidates.first().map(|candidate| surface.operations[candidate.operation].name())
    };
    let register = name(&find::registrations(surface)).unwrap_or_default();
    Ok(match name(&find::logins(surface)) {
        Some(login) => format!("{register}, then {login}"),
        None => register,
    })
}

/// Makes two accounts at the session's target, when its document has a registration.
pub async fn make(surface: &Arc<Surface>, session: &Session, seed: u64) -> Accounts {
    let mut asked = Asked { left: REQUESTS };
    let world = World { surface: Arc::clone(surface), ..World::default() };
    let mut made = Accounts::default();
    if let Some(why) = missing(surface) {
        why.clone_into(&mut made.note);
        return made;
    }
    match first(&world, session, seed, &mut asked).await {
        Err(why) => made.note = format!("no account could be made: {why}"),
        Ok((identity, register)) => {
            made.identities.push(identity.clone());
            made.note = format!("registered by {}", world.operation(register.operation).name());
            match again(&identity, register, &world, session, seed, &mut asked).await {
                Ok(second) => made.identities.push(second),
                Err(why) => made.note = format!("{}; a second account could not be made: {why}", made.note),
            }
        }
    }
    made.requests = u64::from(REQUESTS - asked.left);
    made
}

/// Finds the login of everybody of whom only a name and a password are known; says who could not be logged in.
pub async fn complete(
    identities: &mut [Identity],
    surface: &Arc<Surface>,
    session: &Session,
    seed: u64,
) -> Vec<String> {
    let mut asked = Asked { left: REQUESTS };
    let world = World { surface: Arc::clone(surface), ..World::default() };
    let mut notes = Vec::new();
    for identity in identities {
        let Spec::User { username, password } = &identity.spec else { continue };
        let account = account::Account::known(username, password);
        let known = [Field::Username, Field::Email];
        match log_in(&account, &known, None, &world, session, seed, &mut asked).await {
            Ok(login) => identity.spec = Spec::Login(login),
            Err(why) => notes.push(format!("the identity `{}` cannot log in: {why}", identity.name)),
        }
    }
    notes
}

/// The first account, and everything that there is to find out.
async fn first(
    world: &World,
    session: &Session,
    seed: u64,
    asked: &mut Asked,
) -> Result<(Identity, find::Candidate), String> {
    let mut last = String::new();
    for register in find::registrations(&world.surface).into_iter().take(TRIED) {
        let made = match register::make(register, world, session, seed, asked).await {
            Ok(made) => made,
            Err(why) => {
                last = why;
                continue;
            }
        };
        let not = Some(register.operation);
        match log_in(&made.account, &made.fields, not, world, session, seed, asked).await {
            Ok(login) => {
                let operation = world.operation(register.operation).name();
                let registration = Registration { operation, request: made.request.clone() };
                let login = Login { register: Some(Arc::new(registration)), ..login };
                return Ok((identity(NAMES[0], Spec::Login(login)), register));
            }
            Err(why) => last = why,
        }
        // Some registrations answer with the token itself.
        let takes = login::takes(&made.answer);
        if let Some(carried) = carry::find(&takes, &made.answer, world, session, seed, asked).await
            && carried.is_proven
            && let Some(token) = crate::execute::taken(&made.answer, &carried.take)
        {
            return Ok((identity(NAMES[0], Spec::given(carried.send, token)), register));
        }
    }
    Err(last)
}

/// The login of an account: its operation, where its answer holds the token, and how that travels.
async fn log_in(
    account: &account::Account,
    fields: &[Field],
    not: Option<usize>,
    world: &World,
    session: &Session,
    seed: u64,
    asked: &mut Asked,
) -> Result<Login, String> {
    let mut last = "the document has no operation that logs in".to_owned();
    let candidates = find::logins(&world.surface).into_iter();
    for candidate in candidates.filter(|candidate| Some(candidate.operation) != not).take(TRIED) {
        let begun = match login::begin(candidate, account, fields, world, session, seed, asked).await {
            Ok(begun) => begun,
            Err(why) => {
                last = why;
                continue;
            }
        };
        let carried = carry::find(&begun.takes, &begun.answer, world, session, seed, asked).await;
        if let (Some(carried), Some(login)) = (carried, login::spec(&begun.request)) {
            let carry::Carried { take, send, also, .. } = carried;
            return Ok(Login { take, send, also, ..login });
        }
    }
    Err(last)
}

/// A second account, made as the first one was.
async fn again(
    first: &Identity,
    register: find::Candidate,
    world: &World,
    session: &Session,
    seed: u64,
    asked: &mut Asked,
) -> Result<Identity, String> {
    let made = register::make(register, world, session, seed.wrapping_add(1), asked).await?;
    let spec = match &first.spec {
        Spec::Login(login) => {
            let known = login.register.as_ref().map(|register| &register.request);
            let body =
                known.map_or_else(|| login.body.clone(), |known| renamed(&login.body, known, &made.request));
            let operation = world.operation(register.operation).name();
            let registration = Registration { operation, request: made.request };
            Spec::Login(Login { body, register: Some(Arc::new(registration)), ..login.clone() })
        }
        Spec::ApiKey { location, name, .. } => {
            let send = crate::identity::SendAs {
                location: *location,
                name: name.clone(),
                template: "{}".to_owned(),
            };
            Spec::given(send, token_of(&made.answer)?)
        }
        _ => Spec::given(crate::identity::SendAs::default(), token_of(&made.answer)?),
    };
    Ok(identity(NAMES[1], spec))
}

fn token_of(answer: &Exchange) -> Result<String, String> {
    let takes = login::takes(answer);
    let token = takes.iter().find_map(|take| crate::execute::taken(answer, take));
    token.ok_or_else(|| "the registration answered without a token".to_owned())
}

/// The login's body with what the first registration said replaced by what the second one said.
fn renamed(login: &serde_json::Value, first: &Request, second: &Request) -> serde_json::Value {
    use crate::generate::schema::plausible;
    let (mut old, mut new) = (Vec::new(), Vec::new());
    first.each_value(&mut |value| texts(&plausible(value), &mut old));
    second.each_value(&mut |value| texts(&plausible(value), &mut new));
    let mut login = login.clone();
    replace(&mut login, &|text| {
        let at = old.iter().position(|known| known == text)?;
        new.get(at).cloned()
    });
    login
}

fn texts(json: &serde_json::Value, found: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

fn replace(json: &mut serde_json::Value, by: &dyn Fn(&str) -> Option<String>) {
    match json {
        serde_json::Value::String(text) => {
            if let Some(new) = by(text) {
                *text = new;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace(item, by)),
        serde_json::Value::Object(members) => members.values_mut().for_each(|member| replace(member, by)),
        _ => {}
    }
}

fn identity(name: &str, spec: Spec) -> Identity {
    Identity { name: name.to_owned(), role: None, disposable: true, spec, certificate: None }
}

/// How many requests may still be sent.
struct Asked {
    left: u32,
}

/// Sends one request as nobody; `None` when nothing may be sent any more.
async fn ask(session: &Session, operation: &str, request: &Request, asked: &mut Asked) -> Option<Exchange> {
    if asked.left == 0 || session.is_stopped() {
        return None;
    }
    asked.left -= 1;
    let mut case = Case::new("accounts", operation);
    let base = Base { name: "asked".to_owned(), operation: operation.to_owned(), request: request.clone() };
    case.bases.push(base);
    case.steps.push(Step::send("asked", Role::Setup, ANONYMOUS, "asked", Vec::new()).retried(2));
    execute(&case, session).await.exchanges.pop()
}
