//! The credentials of a run. Workers that share a target share a wallet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

use super::login::{Login, Refresh, SendAs};
use super::spec::{Identity, Spec};
use super::vault::Vault;
use crate::surface::Location;

/// What is attached to a request.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Where it goes.
    pub attach: Attach,
    /// The token, key or password.
    pub secret: SecretString,
    /// What travels beside it.
    pub also: Vec<(SendAs, SecretString)>,
    /// How often it was renewed.
    pub generation: u32,
}

/// Where a credential goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attach {
    /// A header, query parameter or cookie, by template.
    As(SendAs),
    /// HTTP Basic, with this user.
    Basic {
        /// The user.
        username: String,
    },
    /// Nowhere: the connection's certificate is the credential.
    Connection,
}

/// What a login gave.
pub(crate) struct Granted {
    pub(crate) token: String,
    /// What its companions are, in their order; none where the answer did not hold one.
    pub(crate) also: Vec<Option<String>>,
    /// What gives the next token without a password.
    pub(crate) refresh: Option<String>,
}

/// Every identity with its present credential.
#[derive(Debug)]
pub struct Wallet {
    entries: Vec<Entry>,
    /// Configured tokens that no identity uses, by name.
    samples: Vec<(String, SecretString)>,
    vault: Arc<Vault>,
}

#[derive(Debug)]
struct Entry {
    identity: Identity,
    state: Mutex<State>,
    /// Held while a login is under way, so that it happens once.
    renewing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    credential: Option<Arc<Credential>>,
    generation: u32,
    failure: Option<String>,
    refresh: Option<SecretString>,
}

impl Wallet {
    /// A wallet of these identities; their secrets go to the vault.
    pub fn new(identities: Vec<Identity>, vault: Arc<Vault>) -> Self {
        let entries = identities.into_iter().map(|identity| Entry::new(identity, &vault)).collect();
        Self { entries, samples: Vec::new(), vault }
    }

    /// The same wallet with samples, such as an expired token; a case names one as `sample:NAME`.
    pub fn with_samples(mut self, samples: impl IntoIterator<Item = (String, String)>) -> Self {
        for (name, sample) in samples {
            self.vault.register(&format!("sample.{name}"), &sample);
            self.samples.push((name, sample.into()));
        }
        self
    }

    /// The identities, in order.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.entries.iter().map(|entry| &entry.identity)
    }

    /// The identity of this name.
    pub fn identity(&self, name: &str) -> Option<&Identity> {
        Some(&self.entry(name)?.identity)
    }

    /// The vault.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// The present credential of this identity.
    pub fn credential(&self, name: &str) -> Option<Arc<Credential>> {
        self.entry(name)?.lock().credential.clone()
    }

    /// Why the last login of this identity failed.
    pub fn failure(&self, name: &str) -> Option<String> {
        self.entry(name)?.lock().failure.clone()
    }

    /// The login of this identity, if it has one.
    pub(crate) fn login(&self, name: &str) -> Option<&Login> {
        match &self.entry(name)?.identity.spec {
            Spec::Login(login) => Some(login),
            _ => None,
        }
    }

    /// Waits until no other login of this identity is under way.
    pub(crate) async fn renewing(&self, name: &str) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        Some(self.entry(name)?.renewing.lock().await)
    }

    /// Takes what a login gave.
    pub(crate) fn renewed(&self, name: &str, result: Result<Granted, String>) {
        let Some(entry) = self.entry(name) else { return };
        let Spec::Login(login) = &entry.identity.spec else { return };
        let mut state = entry.lock();
        match result {
            Ok(Granted { token, also, refresh }) => {
                if let Some(refresh) = refresh {
                    self.vault.register(&format!("{name}.refresh-token"), &refresh);
                    state.refresh = Some(refresh.into());
                }
                let also = login.also.iter().zip(also).filter_map(|(companion, text)| {
                    let text = text?;
                    self.vault.register(&format!("{name}.{}", companion.take), &text);
                    Some((companion.send.clone(), text.into()))
                });
                let also = also.collect();
                self.vault.register(&format!("{name}.token"), &token);
                register_claims(&self.vault, name, &token);
                state.generation += 1;
                state.failure = None;
                state.credential = Some(Arc::new(Credential {
                    attach: Attach::As(login.send.clone()),
                    secret: token.into(),
                    also,
                    generation: state.generation,
                }));
            }
            Err(reason) => state.failure = Some(reason),
        }
    }

    /// Whether there is a refresh token.
    pub(crate) fn can_refresh(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.lock().refresh.is_some())
    }

    /// Forgets a refresh token that was refused.
    pub(crate) fn refresh_refused(&self, name: &str) {
        if let Some(entry) = self.entry(name) {
            entry.lock().refresh = None;
        }
    }

    /// The secret text that a case names as a part of this identity's credential.
    pub(crate) fn part(&self, name: &str, part: &str) -> Option<String> {
        let entry = self.entry(name)?;
        match part {
            "secret" => match &entry.identity.spec {
                Spec::Certificate => None,
                _ => Some(self.credential(name)?.secret.expose_secret().to_owned()),
            },
            "username" => match &entry.identity.spec {
                Spec::Basic { username, .. } => Some(username.clone()),
                _ => None,
            },
            _ if part.starts_with("sample:") => {
                let wanted = part.strip_prefix("sample:")?;
                let (_, sample) = self.samples.iter().find(|(name, _)| name == wanted)?;
                Some(sample.expose_secret().to_owned())
            }
            _ => {
                let Spec::Login(login) = &entry.identity.spec else { return None };
                let found = match part.strip_prefix("refresh:") {
                    Some(at) => login.refresh.as_ref()?.body.pointer(at)?,
                    None => login.body.pointer(part.strip_prefix("login:")?)?,
                };
                match found {
                    Json::String(text) if text == Refresh::TOKEN && part.starts_with("refresh:") => {
                        Some(entry.lock().refresh.as_ref()?.expose_secret().to_owned())
                    }
                    Json::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                }
            }
        }
    }

    /// Every secret of the identities: the name, the part that a case names it by, and the text.
    pub(crate) fn planted(&self) -> Vec<(String, String, String)> {
        let mut all = Vec::new();
        for entry in &self.entries {
            let name = &entry.identity.name;
            if let Spec::Login(login) = &entry.identity.spec {
                let parts = login.secret_parts().into_iter();
                all.extend(parts.map(|(at, text)| (name.clone(), at, text)));
            }
            let secret = self.part(name, "secret");
            all.extend(secret.map(|text| (name.clone(), "secret".to_owned(), text)));
        }
        all
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.identity.name == name)
    }
}

/// A token's signature alone is a secret too: with header and claims known, it is the token.
fn register_claims(vault: &Vault, name: &str, token: &str) {
    let mut segments = token.split('.');
    if let (Some(_), Some(_), Some(signature), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
        && signature.len() >= 16
    {
        vault.register(&format!("{name}.token-signature"), signature);
    }
}

impl Entry {
    fn new(identity: Identity, vault: &Vault) -> Self {
        for secret in identity.spec.secrets() {
            vault.register(&format!("{}.secret", identity.name), &secret);
        }
        if let Some(certificate) = &identity.certificate {
            vault.register(&format!("{}.key", identity.name), certificate.key.expose_secret());
        }
        let given = match &identity.spec {
            Spec::Bearer(token) => Some((Attach::As(SendAs::default()), token.clone())),
            Spec::Basic { username, password } => {
                Some((Attach::Basic { username: username.clone() }, password.clone()))
            }
            Spec::ApiKey { location, name, value } => {
                let send = SendAs { location: *location, name: name.clone(), template: "{}".to_owned() };
                Some((Attach::As(send), value.clone()))
            }
            Spec::Certificate => Some((Attach::Connection, SecretString::default())),
            Spec::Login(_) | Spec::User { .. } => None,
        };
        let refresh = match &identity.spec {
            Spec::Login(login) => login.refresh.as_ref().and_then(|refresh| refresh.given.clone()),
            _ => None,
        };
        let credential = given
            .map(|(attach, secret)| Arc::new(Credential { attach, secret, also: Vec::new(), generation: 0 }));
        let state = State { credential, refresh, ..State::default() };
        Self { identity, state: Mutex::new(state), renewing: tokio::sync::Mutex::new(()) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Credential {
    /// Where the credential travels, and the whole value that is sent with this secret in it; nothing, where the
    /// connection carries it.
    pub(crate) fn render(&self, secret: &str) -> Option<(Location, String, String)> {
        Some(match &self.attach {
            Attach::Connection => return None,
            Attach::As(send) => (send.location, send.name.clone(), send.template.replace("{}", secret)),
            Attach::Basic { username } => {
                use base64::Engine as _;
                use base64::engine::general_purpose::STANDARD;
                let both = STANDARD.encode(format!("{username}:{secret}"));
                (Location::Header, "Authorization".to_owned(), format!("Basic {both}"))
            }
        })
    }
}
