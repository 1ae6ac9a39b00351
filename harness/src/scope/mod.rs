//! Where traffic may go. What is not allowed here is not sent.

mod origin;
mod path;
mod pattern;
mod requests;

use std::fmt;
use std::net::IpAddr;

pub use origin::{Origin, Scheme, TargetUrl, UrlError};
pub use pattern::{Deny, PatternError};

/// An allow-list of URL prefixes with a list of requests that are never sent.
///
/// A denial wins over every permission. Nothing in an answer ever widens a scope.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    loopback: bool,
    allow: Vec<TargetUrl>,
    deny: Vec<Deny>,
}

/// Why something is out of scope, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OutOfScope(String);

impl Scope {
    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Every port and path of this machine: 127.0.0.0/8, ::1 and localhost, which must resolve to one of them.
    pub fn loopback() -> Self {
        Self { loopback: true, ..Self::default() }
    }

    /// Also permits what lies at or below `url`.
    pub fn allow(mut self, url: TargetUrl) -> Self {
        self.allow.push(url);
        self
    }

    /// Forbids requests that match, wherever they go.
    pub fn deny(mut self, pattern: Deny) -> Self {
        self.deny.push(pattern);
        self
    }

    /// Whether a connection to this origin may be made at all; to be asked before its name is resolved.
    pub fn admit_origin(&self, origin: &Origin) -> Result<(), OutOfScope> {
        if self.by_loopback(origin) || self.allow.iter().any(|url| url.origin() == origin) {
            return Ok(());
        }
        let rule = if self.loopback && self.allow.is_empty() { ": only this machine is" } else { "" };
        Err(OutOfScope(format!("{origin} is not in scope{rule}")))
    }

    /// Whether a socket to this origin may be connected to this address; to be asked for each resolved address.
    ///
    /// `localhost` must lie on this machine whoever resolves it; any other name is bound to no address, because
    /// its owner is who allowed it.
    pub fn admit_address(&self, origin: &Origin, address: IpAddr) -> Result<(), OutOfScope> {
        self.admit_origin(origin)?;
        if origin.is_loopback() && !address.to_canonical().is_loopback() {
            return Err(OutOfScope(format!("{origin} resolves to {address}, which is not this machine")));
        }
        Ok(())
    }

    fn by_loopback(&self, origin: &Origin) -> bool {
        self.loopback && origin.is_loopback()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rules: Vec<String> = Vec::new();
        if self.loopback {
            rules.push("this machine".into());
        }
        rules.extend(self.allow.iter().map(TargetUrl::to_string));
        rules.extend(self.deny.iter().map(|deny| format!("not {deny}")));
        if rules.is_empty() { f.write_str("nothing") } else { f.write_str(&rules.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> TargetUrl {
        text.parse().unwrap()
    }

    fn origin(text: &str) -> Origin {
        url(text).origin().clone()
    }

    #[test]
    fn loopback_is_what_is_on_this_machine() {
        let scope = Scope::loopback();
        for inside in ["http://127.0.0.1:1/", "https://127.9.9.9/", "http://[::1]:3/", "http://LOCALHOST/"] {
            assert_eq!(scope.admit_origin(&origin(inside)), Ok(()), "{inside}");
        }
        for outside in ["http://10.0.0.1/", "http://localhost.evil.test/", "http://127.1/", "http://0.0.0.0/"]
        {
            assert!(scope.admit_origin(&origin(outside)).is_err(), "{outside}");
        }
        assert!(Scope::nothing().admit_origin(&origin("http://127.0.0.1/")).is_err());
    }

    #[test]
    fn localhost_must_resolve_to_this_machine() {
        let local = origin("http://localhost/");
        for scope in [Scope::loopback(), Scope::nothing().allow(url("http://localhost/"))] {
            assert!(scope.admit_address(&local, "127.0.0.1".parse().unwrap()).is_ok());
            assert!(scope.admit_address(&local, "::ffff:127.0.0.1".parse().unwrap()).is_ok());
            assert!(scope.admit_address(&local, "10.1.1.1".parse().unwrap()).is_err());
        }
    }

    #[test]
    fn origins_differ_by_scheme_host_and_port() {
        let scope = Scope::nothing().allow(url("https://api.acme.test/v2"));
        assert!(scope.admit_origin(&origin("https://API.acme.test:443")).is_ok());
        for outside in ["http://api.acme.test:443", "https://api.acme.test:8443", "https://acme.test"] {
            assert!(scope.admit_origin(&origin(outside)).is_err(), "{outside}");
        }
    }
}
