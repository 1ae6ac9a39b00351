//! Logins: ordinary cases whose secrets are references to the wallet.

use serde_json::Value as Json;

use super::run::execute;
use super::session::Session;
use crate::case::{
    ANONYMOUS, Base, Body, Case, Content, CredentialRef, Dynamic, Pairs, Request, Role, Step, Value,
    escape_token, tokens,
};
use crate::identity::Login;

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
    let case = login_case(name, login);
    let trace = Box::pin(execute(&case, session)).await;
    session.logging_in.set(false);
    let exchange = trace.of(&case, "login");
    let result = match exchange {
        None => Err("the login was not sent".to_owned()),
        Some(exchange) => match exchange.json().and_then(|json| json.pointer(&login.take)) {
            Some(Json::String(token)) if !token.is_empty() => Ok(token.clone()),
            _ => Err(match exchange.status() {
                Some(status) if status >= 400 => format!("{} {} answered {status}", login.method, login.path),
                Some(status) => {
                    format!(
                        "{} {} answered {status} with no text at `{}`",
                        login.method, login.path, login.take
                    )
                }
                None => format!("{} {}: {}", login.method, login.path, exchange.delivery.outcome),
            }),
        },
    };
    let granted = result.is_ok();
    wallet.renewed(name, result);
    granted
}

/// The case that logs an identity in. It holds no secret: they are parts of the identity's credential.
fn login_case(name: &str, login: &Login) -> Case {
    let base = login_base(name, login);
    let mut case = Case::new("login", base.operation.clone());
    case.bases.push(base);
    case.steps.push(Step::send("login", Role::Setup, ANONYMOUS, "login", Vec::new()).retried(4));
    case
}

/// The request that logs an identity in, with references to the wallet where its secrets go.
pub(crate) fn login_base(name: &str, login: &Login) -> Base {
    let operation = format!("{} {}", login.method, login.path);
    let value = template(name, &login.body, "");
    let body = if login.form {
        let pairs = match value {
            Value::Object(members) => Pairs(members),
            _ => Pairs::default(),
        };
        Body { media_type: "application/x-www-form-urlencoded".to_owned(), content: Content::Form(pairs) }
    } else {
        Body { media_type: "application/json".to_owned(), content: Content::Json(value) }
    };
    let request = Request {
        method: login.method.clone(),
        path: login.path.clone(),
        body: Some(body),
        ..Request::default()
    };
    Base { name: "login".to_owned(), operation, request }
}

fn template(name: &str, json: &Json, at: &str) -> Value {
    debug_assert!(tokens(at).is_some());
    match json {
        Json::String(_) => {
            let part = format!("login:{at}");
            Value::dynamic(Dynamic::Credential(CredentialRef { identity: name.to_owned(), part }))
        }
        Json::Array(items) => {
            let items =
                items.iter().enumerate().map(|(index, item)| template(name, item, &format!("{at}/{index}")));
            Value::List(items.collect())
        }
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                (key.clone(), template(name, value, &format!("{at}/{}", escape_token(key))))
            });
            Value::Object(members.collect())
        }
        plain => Value::from(plain.clone()),
    }
}
