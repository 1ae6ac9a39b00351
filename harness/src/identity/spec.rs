//! What a user says of an identity.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

use super::login::{Login, SendAs};
use crate::surface::Location;

/// Someone who sends.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Option<String>,
    /// Its password, sessions and lock may be changed.
    pub disposable: bool,
    /// Its credential.
    pub spec: Spec,
    /// The certificate that its connections show (RFC 8446 section 4.4.2). It then has connections of its own.
    pub certificate: Option<Certificate>,
}

/// A client certificate with its key.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The chain, leaf first, in PEM.
    pub chain: String,
    /// The leaf's private key, in PEM.
    pub key: SecretString,
}

/// A credential, as it is configured.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are a handful in a run")]
pub enum Spec {
    /// `Authorization: Bearer …`
    Bearer(SecretString),
    /// `Authorization: Basic …`
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// A key in a header, query parameter or cookie.
    ApiKey {
        /// Where.
        location: Location,
        /// Its name.
        name: String,
        /// The key.
        value: SecretString,
    },
    /// A request whose answer holds a token.
    Login(Login),
    /// A name and a password: the login is found in the document.
    User {
        /// The name, or the mail address.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// Nothing in the request: the certificate of its connections says who it is.
    Certificate,
}

/// Why an identity is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("identity `{name}`: {reason}")]
pub struct SpecError {
    name: String,
    reason: String,
}

impl Identity {
    /// An identity that sends a bearer token.
    pub fn bearer(name: impl Into<String>, token: impl Into<String>) -> Self {
        Self::new(name, Spec::Bearer(SecretString::from(token.into())))
    }

    /// An identity that sends user and password with every request.
    pub fn basic(name: impl Into<String>, username: impl Into<String>, password: impl Into<String>) -> Self {
        let password = SecretString::from(password.into());
        Self::new(name, Spec::Basic { username: username.into(), password })
    }

    /// An identity that sends a key in a header.
    pub fn api_key(name: impl Into<String>, header: impl Into<String>, key: impl Into<String>) -> Self {
        let value = SecretString::from(key.into());
        Self::new(name, Spec::ApiKey { location: Location::Header, name: header.into(), value })
    }

    /// An identity that logs in with a JSON body and takes its token from the answer.
    pub fn login(
        name: impl Into<String>,
        method: impl Into<String>,
        path: impl Into<String>,
        body: Json,
        take: impl Into<String>,
    ) -> Self {
        let send = SendAs::default();
        let (method, path, take) = (method.into(), path.into(), take.into());
        Self::new(name, Spec::Login(Login { method, path, body, take, send, ..Login::default() }))
    }

    /// Where its credential travels.
    pub fn carriers(&self) -> Vec<(Location, String)> {
        let way = |send: &SendAs| (send.location, send.name.clone());
        match &self.spec {
            Spec::User { .. } | Spec::Certificate => Vec::new(),
            Spec::Bearer(_) | Spec::Basic { .. } => vec![way(&SendAs::default())],
            Spec::ApiKey { location, name, .. } => vec![(*location, name.clone())],
            Spec::Login(login) => std::iter::once(&login.send)
                .chain(login.also.iter().map(|also| &also.send))
                .map(way)
                .collect(),
        }
    }

    fn new(name: impl Into<String>, spec: Spec) -> Self {
        Self { name: name.into(), role: None, disposable: false, spec, certificate: None }
    }

    /// An identity that its certificate tells, and nothing in its requests. Both texts are PEM.
    pub fn certificate(name: impl Into<String>, chain: impl Into<String>, key: impl Into<String>) -> Self {
        Self::new(name, Spec::Certificate).shows(chain, key)
    }

    /// The same identity, whose connections show this certificate beside its credential. Both texts are PEM.
    pub fn shows(mut self, chain: impl Into<String>, key: impl Into<String>) -> Self {
        self.certificate = Some(Certificate { chain: chain.into(), key: SecretString::from(key.into()) });
        self
    }

    /// The same identity in a role.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Reads `NAME[@ROLE]=SPEC`. `read` resolves `env:`, `file:` and `cmd:` values.
    pub fn parse(text: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, SpecError> {
        let error = |name: &str, reason: String| SpecError { name: name.to_owned(), reason };
        let (who, spec) = text
            .split_once('=')
            .filter(|(who, _)| who.chars().all(|c| c.is_alphanumeric() || "_-.@ ".contains(c)))
            // What stands there instead may be the secret itself: it is not repeated.
            .ok_or_else(|| error("…", "write NAME=SPEC or NAME@ROLE=SPEC".to_owned()))?;
        let (name, role) = match who.split_once('@') {
            Some((name, role)) => (name, Some(role.to_owned())),
            None => (who, None),
        };
        if name.is_empty() || name == crate::case::ANONYMOUS {
            return Err(error(who, "this name is not free to use".to_owned()));
        }
        let identity = match spec.strip_prefix("cert:") {
            Some(files) => Self::shown(name, files, read).map_err(|reason| error(name, reason))?,
            None => Self::new(name, Spec::parse(spec, read).map_err(|reason| error(name, reason))?),
        };
        Ok(Self { role, ..identity })
    }

    /// Reads `CHAIN-FILE:KEY-FILE`.
    fn shown(name: &str, files: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let (chain, key) = files.split_once(':').ok_or("write cert:CHAIN-FILE:KEY-FILE, both PEM")?;
        let text = |path: &str| read(&format!("file:{path}"));
        Ok(Self::certificate(name, text(chain)?, text(key)?))
    }
}

impl Spec {
    /// A token that is sent like this.
    pub fn given(send: SendAs, token: String) -> Self {
        if send == SendAs::default() {
            return Self::Bearer(token.into());
        }
        let value = send.template.replace("{}", &token);
        Self::ApiKey { location: send.location, name: send.name, value: value.into() }
    }

    /// Reads a specification such as `bearer:TOKEN`.
    pub fn parse(text: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let known = "use user:NAME:PASS, bearer:TOKEN, basic:USER:PASS, apikey:header|query|cookie:NAME:VALUE, \
                     cert:CHAIN-FILE:KEY-FILE, oauth2:TOKEN-PATH:CLIENT:SECRET or login:METHOD:PATH:JSON-BODY:JSON-POINTER";
        let (kind, rest) = text.split_once(':').ok_or_else(|| known.to_owned())?;
        match kind {
            "bearer" => Ok(Self::Bearer(read(rest)?.into())),
            "basic" => {
                let (username, password) = rest.split_once(':').ok_or("write basic:USER:PASS")?;
                Ok(Self::Basic { username: username.to_owned(), password: read(password)?.into() })
            }
            "user" => {
                let (username, password) = rest.split_once(':').ok_or("write user:NAME:PASS")?;
                Ok(Self::User { username: username.to_owned(), password: read(password)?.into() })
            }
            "apikey" => {
                let mut parts = rest.splitn(3, ':');
                let (place, name, value) = (parts.next(), parts.next(), parts.next());
                let (Some(place), Some(name), Some(value)) = (place, name, value) else {
                    return Err("write apikey:header|query|cookie:NAME:VALUE".to_owned());
                };
                let location = match place {
                    "header" => Location::Header,
                    "query" => Location::Query,
                    "cookie" => Location::Cookie,
                    other => return Err(format!("`{other}` is not header, query or cookie")),
                };
                Ok(Self::ApiKey { location, name: name.to_owned(), value: read(value)?.into() })
            }
            "login" => Login::parse(rest, read).map(Self::Login),
            "oauth2" => {
                let shape = "write oauth2:TOKEN-PATH:CLIENT:SECRET";
                let (before, _) = rest.rsplit_once(':').ok_or(shape)?;
                // An indirect secret has a colon of its own.
                let indirect = ["env", "file", "cmd", "lit"];
                let before = match before.rsplit_once(':') {
                    Some((earlier, kind)) if indirect.contains(&kind) => earlier,
                    _ => before,
                };
                let secret = &rest[before.len() + 1..];
                let (path, client) = before.rsplit_once(':').ok_or(shape)?;
                Ok(Self::Login(Login::oauth2(path, client, &read(secret)?)?))
            }
            _ => Err(format!("`{kind}` is not a kind of credential: {known}")),
        }
    }

    /// Every secret text of the specification.
    pub(super) fn secrets(&self) -> Vec<String> {
        match self {
            Self::Bearer(token) => vec![token.expose_secret().to_owned()],
            Self::Basic { username, password } => {
                use base64::Engine as _;
                use base64::engine::general_purpose::STANDARD;
                let password = password.expose_secret();
                vec![password.to_owned(), STANDARD.encode(format!("{username}:{password}"))]
            }
            Self::ApiKey { value, .. } => vec![value.expose_secret().to_owned()],
            Self::User { password, .. } => vec![password.expose_secret().to_owned()],
            Self::Login(login) => login.secrets(),
            Self::Certificate => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Identity, SpecError> {
        Identity::parse(text, &|value| Ok(value.replace("env:PW", "s3cret")))
    }

    #[test]
    fn specifications_are_read() {
        let alice = parse("alice@customer=bearer:abc").expect("read");
        assert_eq!((alice.name.as_str(), alice.role.as_deref()), ("alice", Some("customer")));
        assert!(matches!(parse("k=apikey:header:X-Key:v:w").expect("read").spec,
            Spec::ApiKey { value, .. } if value.expose_secret() == "v:w"));
        for secret in ["s3cret", "env:PW"] {
            let client = parse(&format!("ops=oauth2:/oauth/token:ops:{secret}")).expect("read");
            assert!(matches!(client.spec, Spec::Login(login)
                if login.form && login.body["client_id"] == "ops" && login.body["client_secret"] == "s3cret"));
        }
        assert!(matches!(parse("eve=user:eve@a.example:env:PW").expect("read").spec,
            Spec::User { username, password } if username == "eve@a.example" && password.expose_secret() == "s3cret"));
        let login = parse(r#"bob=login:post:/login:{"username":"bob","password":"env:PW"}:/data/token"#)
            .expect("read");
        let Spec::Login(login) = login.spec else { panic!("a login") };
        assert_eq!(
            (login.method.as_str(), login.path.as_str(), login.take.as_str()),
            ("POST", "/login", "/data/token")
        );
        assert_eq!(login.body["password"], "s3cret");
        assert_eq!(login.secrets(), ["s3cret"]);
    }

    #[test]
    fn refusals_say_what_to_write() {
        for (text, mend) in [
            ("alice", "NAME=SPEC"),
            ("anonymous=bearer:x", "not free"),
            ("a=magic:x", "bearer:TOKEN"),
            ("a=basic:user", "basic:USER:PASS"),
            ("a=apikey:body:n:v", "header, query or cookie"),
            ("a=login:POST:/login:{:/token", "not JSON"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(mend), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!(
            "{:?} {:?}",
            parse("a=bearer:topsecret"),
            parse(r#"b=login:POST:/l:{"password":"topsecret"}:/t"#)
        );
        assert!(!shown.contains("topsecret"), "{shown}");
    }
}
