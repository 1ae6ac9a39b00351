//! Requests that give a token: logins, and what renews a token without one.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

use crate::case::Request;
use crate::surface::Location;

/// A request whose answer holds a token.
#[derive(Clone, Default)]
pub struct Login {
    /// The method.
    pub method: String,
    /// The path, relative to the target.
    pub path: String,
    /// The JSON body. Every text in it is secret.
    pub body: Json,
    /// The body is sent as a form.
    pub form: bool,
    /// Where the answer holds the token: a JSON pointer, `header:NAME` or `cookie:NAME`.
    pub take: String,
    /// How the token is sent from then on.
    pub send: SendAs,
    /// What travels beside the token.
    pub also: Vec<Companion>,
    /// What makes the account, where the target does not know it yet.
    pub register: Option<Arc<Registration>>,
    /// How a token is renewed without the password (RFC 6749 section 6).
    pub refresh: Option<Box<Refresh>>,
}

/// A request that gives a new token for a refresh token. What it answers with is read as the login's answer is.
#[derive(Clone)]
pub struct Refresh {
    /// The method.
    pub method: String,
    /// The path, relative to the target.
    pub path: String,
    /// The body, JSON or form as the login's; a text that is [`Refresh::TOKEN`] stands for the refresh token. Every
    /// other text in it is secret.
    pub body: Json,
    /// Where answers hold the refresh token: as for the token. An answer without one leaves the old one in use.
    pub take: String,
    /// A refresh token to begin with. Then nothing else logs in, where the login has no body.
    pub given: Option<SecretString>,
}

impl Refresh {
    /// Stands for the refresh token in a body.
    pub const TOKEN: &str = "{}";

    /// Renewal at an OAuth 2.0 token endpoint.
    fn oauth2(path: &str, client: &str, secret: &str) -> Self {
        let mut body = serde_json::json!({
            "grant_type": "refresh_token", "refresh_token": Self::TOKEN, "client_id": client
        });
        if !secret.is_empty() {
            body["client_secret"] = secret.into();
        }
        Self {
            method: "POST".to_owned(),
            path: path.to_owned(),
            body,
            take: "/refresh_token".to_owned(),
            given: None,
        }
    }
}

/// Something that a login hands out and that travels beside the token: another cookie, or a token against forged
/// requests of browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Where the login's answer holds it: as for the token.
    pub take: String,
    /// How it is sent.
    pub send: SendAs,
}

/// A request that makes an account.
#[derive(Clone)]
pub struct Registration {
    /// The operation's name.
    pub operation: String,
    /// The request; it holds the account's password.
    pub request: Request,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registration({})", self.operation)
    }
}

/// How a token is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendAs {
    /// Where: a header, query parameter or cookie.
    pub location: Location,
    /// Its name.
    pub name: String,
    /// The value, with `{}` where the token goes.
    pub template: String,
}

impl Default for SendAs {
    fn default() -> Self {
        Self {
            location: Location::Header,
            name: "Authorization".to_owned(),
            template: "Bearer {}".to_owned(),
        }
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({} {})", self.method, self.path)
    }
}

impl Login {
    /// The grant of a client's own credentials (RFC 6749 section 4.4), with the client in the body.
    pub fn oauth2(path: &str, client: &str, secret: &str) -> Result<Self, String> {
        if !path.starts_with('/') {
            return Err(format!(
                "`{path}` is no path of the target: tokens of another host are not asked for by this version; give \
                 one with bearer:cmd:COMMAND"
            ));
        }
        let mut body = serde_json::json!({"grant_type": "client_credentials", "client_id": client});
        // A public client has none (RFC 6749 section 2.1).
        if !secret.is_empty() {
            body["client_secret"] = secret.into();
        }
        Ok(Self {
            method: "POST".to_owned(),
            path: path.to_owned(),
            body,
            form: true,
            take: "/access_token".to_owned(),
            refresh: Some(Box::new(Refresh::oauth2(path, client, secret))),
            ..Self::default()
        })
    }

    /// The same, where no password is known and this refresh token gives the first token.
    pub fn by_refresh_token(mut self, token: String) -> Self {
        self.body = Json::Null;
        if let Some(refresh) = &mut self.refresh {
            refresh.given = Some(token.into());
        }
        self
    }

    /// Whether there is nothing but a refresh token: no request logs it in.
    pub(crate) fn is_by_refresh_only(&self) -> bool {
        self.body.is_null()
    }

    /// Reads `METHOD:PATH:JSON-BODY:JSON-POINTER`; the pointer is what follows the last `:/`.
    pub(super) fn parse(text: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let shape = "write login:METHOD:PATH:JSON-BODY:JSON-POINTER";
        let (head, take) = text.rsplit_once(":/").ok_or(shape)?;
        let mut parts = head.splitn(3, ':');
        let (Some(method), Some(path), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(shape.to_owned());
        };
        let body =
            serde_json::from_str(body).map_err(|error| format!("the login's body is not JSON: {error}"))?;
        let body = resolve(body, read)?;
        let send = SendAs::default();
        Ok(Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            body,
            take: format!("/{take}"),
            send,
            ..Self::default()
        })
    }

    /// What a login must not leak: every text but names that are public.
    pub(super) fn secrets(&self) -> Vec<String> {
        let given = self.refresh.as_ref().and_then(|refresh| refresh.given.as_ref());
        let given = given.map(|token| token.expose_secret().to_owned());
        self.secret_parts().into_iter().map(|(_, text)| text).chain(given).collect()
    }

    /// The secret texts of the bodies, each once, with the part that a case names it by: `login:` or `refresh:` and a
    /// JSON pointer.
    pub(crate) fn secret_parts(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        collect(&self.body, "", "login:", &mut found);
        if let Some(refresh) = &self.refresh {
            let mut renewal = Vec::new();
            collect(&refresh.body, "", "refresh:", &mut renewal);
            renewal
                .retain(|(_, text)| text != Refresh::TOKEN && found.iter().all(|(_, known)| known != text));
            found.extend(renewal);
        }
        found
    }
}

/// Resolves `env:`, `file:` and `cmd:` texts anywhere in a JSON document.
fn resolve(json: Json, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Json, String> {
    Ok(match json {
        Json::String(text) => Json::String(read(&text)?),
        Json::Array(items) => {
            Json::Array(items.into_iter().map(|item| resolve(item, read)).collect::<Result<_, _>>()?)
        }
        Json::Object(members) => {
            let members = members.into_iter().map(|(key, value)| Ok((key, resolve(value, read)?)));
            Json::Object(members.collect::<Result<_, String>>()?)
        }
        other => other,
    })
}

fn collect(json: &Json, name: &str, at: &str, found: &mut Vec<(String, String)>) {
    match json {
        Json::String(text) if !is_public_name(name) => found.push((at.to_owned(), text.clone())),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, name, &format!("{at}/{index}"), found);
            }
        }
        Json::Object(members) => {
            for (key, value) in members {
                collect(value, key, &format!("{at}/{}", crate::case::escape_token(key)), found);
            }
        }
        _ => {}
    }
}

/// Names of login fields whose values are shown everywhere and open nothing by themselves.
fn is_public_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    matches!(
        name.as_str(),
        "username"
            | "user"
            | "login"
            | "name"
            | "email"
            | "mail"
            | "granttype"
            | "scope"
            | "clientid"
            | "identifier"
            | "tenant"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Identity, Spec, Vault, Wallet};

    #[test]
    fn secrets_of_a_renewal_are_redacted() {
        let login = Login::oauth2("/oauth/token", "ops", "s3cret-of-ops").expect("a path");
        let both = vec![("login:/client_secret".to_owned(), "s3cret-of-ops".to_owned())];
        assert_eq!(login.secret_parts(), both, "each text once");
        // Nothing but the refresh token logs it in: its bodies are the renewal's alone.
        let login = login.by_refresh_token("token-zero".to_owned());
        assert_eq!(
            login.secret_parts(),
            [("refresh:/client_secret".to_owned(), "s3cret-of-ops".to_owned())],
            "neither what the grant is nor the place of the token"
        );
        let vault = Arc::new(Vault::default());
        let identity = Identity { spec: Spec::Login(login), ..Identity::bearer("ops", "unused") };
        let wallet = Wallet::new(vec![identity], Arc::clone(&vault));
        let shown = vault.redact("client_id=ops&client_secret=s3cret-of-ops&refresh_token=token-zero");
        assert_eq!(shown, "client_id=ops&client_secret=‹ops.secret›&refresh_token=‹ops.secret›");
        assert_eq!(wallet.part("ops", "refresh:/client_secret").as_deref(), Some("s3cret-of-ops"));
    }
}
