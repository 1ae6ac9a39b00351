//! URLs of targets.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The port when none is written.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    address: Option<IpAddr>,
    port: u16,
}

/// An origin and the path below which everything of a target lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetUrl {
    origin: Origin,
    base: String,
}

/// Why a text is not the URL of a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `http://` nor `https://`.
    #[error("a target starts with http:// or https://")]
    Scheme,
    /// `user:password@`.
    #[error("a target has no user or password; give credentials to an identity")]
    UserInfo,
    /// `?query`.
    #[error("a target has no query")]
    Query,
    /// `#fragment`.
    #[error("a target has no fragment")]
    Fragment,
    /// No host, or a character that no host has.
    #[error("{0:?} is not a host; write names in ASCII (xn--...), IPv6 addresses in brackets")]
    Host(String),
    /// Not 1 to 65535.
    #[error("{0:?} is not a port from 1 to 65535")]
    Port(String),
    /// Something that a path must not hold.
    #[error("the path may hold neither spaces, control characters, backslashes, nor `.` or `..` segments")]
    Path,
}

impl Origin {
    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host in lower case; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as an address, when it is written as one.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What belongs into `Host`: the port is left out when it is the scheme's own.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }

    /// Whether it names this machine: 127.0.0.0/8, ::1 or localhost.
    pub fn is_loopback(&self) -> bool {
        match self.address {
            Some(address) => address.to_canonical().is_loopback(),
            None => self.host == "localhost",
        }
    }
}

impl TargetUrl {
    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path without its last slash: empty, or `/v2`.
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl FromStr for TargetUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = split_scheme(text).ok_or(UrlError::Scheme)?;
        if rest.contains('#') {
            return Err(UrlError::Fragment);
        }
        if rest.contains('?') {
            return Err(UrlError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let (host, port) = split_port(authority).ok_or_else(|| UrlError::Host(authority.into()))?;
        let port = match port {
            None => scheme.default_port(),
            Some(digits) => parse_port(digits).ok_or_else(|| UrlError::Port(digits.into()))?,
        };
        let (host, address) = parse_host(host).ok_or_else(|| UrlError::Host(host.into()))?;
        if path.bytes().any(|b| !b.is_ascii_graphic() || b == b'\\') || path.split('/').any(is_dot_segment) {
            return Err(UrlError::Path);
        }
        let base = path.trim_end_matches('/').to_owned();
        Ok(Self { origin: Origin { scheme, host, address, port }, base })
    }
}

fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some((Scheme::Http, rest)),
        "https" => Some((Scheme::Https, rest)),
        _ => None,
    }
}

/// Host (IPv6 with its brackets) and what stands behind the colon.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = if authority.starts_with('[') { authority.find(']')? + 1 } else { 0 };
    let (inside, behind) = authority.split_at(end);
    match behind.split_once(':') {
        None => Some((authority, None)),
        Some((name, port)) if end == 0 => Some((name, Some(port))),
        Some(("", port)) => Some((inside, Some(port))),
        Some(_) => None,
    }
}

fn parse_port(digits: &str) -> Option<u16> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|port| *port != 0)
}

fn parse_host(host: &str) -> Option<(String, Option<IpAddr>)> {
    if let Some(inner) = host.strip_prefix('[') {
        let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some((address.to_string(), Some(address.into())));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
        return None;
    }
    Some((host.to_ascii_lowercase(), host.parse().ok()))
}

fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/", self.origin, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (text, shown, host, port, base) in [
            ("http://a.test", "http://a.test/", "a.test", 80, ""),
            ("HTTPS://A.test:443/", "https://a.test/", "a.test", 443, ""),
            ("http://127.0.0.77:8080/v2/", "http://127.0.0.77:8080/v2/", "127.0.0.77", 8080, "/v2"),
            ("https://[::1]/a/b", "https://[::1]/a/b/", "::1", 443, "/a/b"),
            ("http://[2001:DB8::7]:81", "http://[2001:db8::7]:81/", "2001:db8::7", 81, ""),
        ] {
            let url: TargetUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!((url.origin().host(), url.origin().port(), url.base()), (host, port, base), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_target_is_refused_with_its_reason() {
        let error = |text: &str| text.parse::<TargetUrl>().unwrap_err();
        assert_eq!(error("ftp://a/"), UrlError::Scheme);
        assert_eq!(error("a.test/v2"), UrlError::Scheme);
        assert_eq!(error("http://u:p@a.test/"), UrlError::UserInfo);
        assert_eq!(error("http://a.test/?x"), UrlError::Query);
        assert_eq!(error("http://a.test#x"), UrlError::Fragment);
        assert_eq!(error("http://a.test/a/%2e./b"), UrlError::Path);
        assert_eq!(error("http://a.test/a b"), UrlError::Path);
        for port in ["", "0", "65536", "+80", "8o"] {
            assert_eq!(error(&format!("http://a.test:{port}/")), UrlError::Port(port.into()));
        }
        for host in ["", "a b", "[::1", "[::1]x", "[fe80::1%25eth0]", "::1", "b\u{fc}cher.test"] {
            let refused = error(&format!("http://{host}/"));
            assert!(matches!(refused, UrlError::Host(_) | UrlError::Port(_)), "{host}: {refused:?}");
        }
    }
}
