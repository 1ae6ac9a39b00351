//! Logins: ordinary cases whose secrets are references to the wallet.

use serde_json::Value as Json;

use super::run::execute;
use super::session::Session;
use crate::case::{
    ANONYMOUS, Base, Body, Case, Content, CredentialRef, Dynamic, Pairs, Request, Role, Step, Value,
    escape_token, tokens,
};
use crate::identity::{Granted, Login, Refresh, Registration};
use crate::learn::{other_ending, with_other_ending};
use crate::message::Headers;
use crate::trace::Exchange;

/// Logs an identity in, unless somebody did since `generation`. Returns whether it has a credential then.
pub(crate) async fn log_in(session: &Session, name: &str, generation: Option<u32>) -> bool {
    let wallet = session.wallet();
    let Some(login) = wallet.login(name) else { return wallet.credential(name).is_some() };
    let Some(_turn) = wallet.renewing(name).await else { return false };
    let now = wallet.credential(name).map(|credential| credential.generation);
    if now.is_some() && now != generation {
        return true;
    }
    session.logging_in.set(true);
    let mut result = match renew(name, login, session).await {
        Some(result) => result,
        None => try_login(name, login, session).await,
    };
    if let (Err(_), Some(registration)) = (&result, &login.register) {
        // A target that began anew, or one of several of a kind, does not know the account.
        Box::pin(execute(&registration_case(registration), session)).await;
        result = try_login(name, login, session).await;
    }
    session.logging_in.set(false);
    let granted = result.is_ok();
    wallet.renewed(name, result);
    granted
}

/// A new token for a refresh token (RFC 6749 section 6); nothing, where the identity has to log in.
async fn renew(name: &str, login: &Login, session: &Session) -> Option<Result<Granted, String>> {
    let refresh = login.refresh.as_ref()?;
    if !session.wallet().can_refresh(name) {
        let why = || "its refresh token was refused, and nothing else logs it in".to_owned();
        return login.is_by_refresh_only().then(|| Err(why()));
    }
    let result = ask(login_case(refresh_base(name, login, refresh)), login, session).await;
    if result.is_err() {
        session.wallet().refresh_refused(name);
    }
    (result.is_ok() || login.is_by_refresh_only()).then_some(result)
}

async fn try_login(name: &str, login: &Login, session: &Session) -> Result<Granted, String> {
    ask(login_case(login_base(name, login)), login, session).await
}

/// Sends what gives a token, and reads what the answer holds.
async fn ask(mut case: Case, login: &Login, session: &Session) -> Result<Granted, String> {
    let mut trace = Box::pin(execute(&case, session)).await;
    if trace.of(&case, "login").is_some_and(other_ending) {
        case.bases.iter_mut().for_each(|base| with_other_ending(&mut base.request));
        trace = Box::pin(execute(&case, session)).await;
    }
    let exchange = trace.of(&case, "login").ok_or("the login was not sent")?;
    let (operation, take) = (&case.operation, &login.take);
    if let Some(token) =
        taken(exchange, take).filter(|_| exchange.status().is_some_and(|status| status < 400))
    {
        let also = login.also.iter().map(|companion| taken(exchange, &companion.take)).collect();
        let refresh = login.refresh.as_ref().and_then(|refresh| taken(exchange, &refresh.take));
        return Ok(Granted { token, also, refresh });
    }
    Err(match exchange.status() {
        Some(status) if status >= 400 => format!("{operation} answered {status}"),
        Some(status) => format!("{operation} answered {status} with no text at `{take}`"),
        None => format!("{operation}: {}", exchange.delivery.outcome),
    })
}

/// The text at a place of an answer: a JSON pointer, `header:NAME` or `cookie:NAME`.
pub(crate) fn taken(exchange: &Exchange, take: &str) -> Option<String> {
    let text = if let Some(name) = take.strip_prefix("header:") {
        let text = exchange.headers()?.text(name)?;
        text.strip_prefix("Bearer ").unwrap_or(text).to_owned()
    } else if let Some(name) = take.strip_prefix("cookie:") {
        set_cookies(exchange.headers()?).into_iter().rev().find(|(key, _)| key == name)?.1
    } else {
        exchange.json()?.pointer(take)?.as_str()?.to_owned()
    };
    (!text.is_empty()).then_some(text)
}

/// The cookies that an answer sets: names and values (RFC 6265 section 4.1).
pub(crate) fn set_cookies(headers: &Headers) -> Vec<(String, String)> {
    let pair = |line: &[u8]| {
        let line = std::str::from_utf8(line).ok()?;
        let (name, value) = line.split(';').next()?.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
    };
    headers.get_all("set-cookie").filter_map(pair).take(32).collect()
}

/// The case that makes an account.
fn registration_case(registration: &Registration) -> Case {
    let mut case = Case::new("login", registration.operation.clone());
    let operation = registration.operation.clone();
    let request = registration.request.clone();
    case.bases.push(Base { name: "register".to_owned(), operation, request });
    case.steps.push(Step::send("register", Role::Setup, ANONYMOUS, "register", Vec::new()).retried(4));
    case
}

/// The case that logs an identity in. It holds no secret: they are parts of the identity's credential.
fn login_case(base: Base) -> Case {
    let mut case = Case::new("login", base.operation.clone());
    case.bases.push(base);
    case.steps.push(Step::send("login", Role::Setup, ANONYMOUS, "login", Vec::new()).retried(4));
    case
}

/// The request that logs an identity in, with references to the wallet where its secrets go.
pub(crate) fn login_base(name: &str, login: &Login) -> Base {
    base(&login.method, &login.path, template(name, &login.body, "login", ""), login.form)
}

/// The request that renews an identity's token.
fn refresh_base(name: &str, login: &Login, refresh: &Refresh) -> Base {
    base(&refresh.method, &refresh.path, template(name, &refresh.body, "refresh", ""), login.form)
}

fn base(method: &str, path: &str, body: Value, form: bool) -> Base {
    let body = if form {
        let pairs = match body {
            Value::Object(members) => Pairs(members),
            _ => Pairs::default(),
        };
        Body { media_type: "application/x-www-form-urlencoded".to_owned(), content: Content::Form(pairs) }
    } else {
        Body { media_type: "application/json".to_owned(), content: Content::Json(body) }
    };
    let request =
        Request { method: method.to_owned(), path: path.to_owned(), body: Some(body), ..Request::default() };
    Base { name: "login".to_owned(), operation: format!("{method} {path}"), request }
}

/// A body whose texts are parts of the identity's credential.
fn template(name: &str, json: &Json, of: &str, at: &str) -> Value {
    debug_assert!(tokens(at).is_some());
    match json {
        Json::String(_) => {
            let part = format!("{of}:{at}");
            Value::dynamic(Dynamic::Credential(CredentialRef { identity: name.to_owned(), part }))
        }
        Json::Array(items) => {
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| template(name, item, of, &format!("{at}/{index}")));
            Value::List(items.collect())
        }
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                (key.clone(), template(name, value, of, &format!("{at}/{}", escape_token(key))))
            });
            Value::Object(members.collect())
        }
        plain => Value::from(plain.clone()),
    }
}
