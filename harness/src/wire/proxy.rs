//! A proxy between us and the target: a tunnel (RFC 9110 section 9.3.6), so that what we send arrives as it is.

use std::str::FromStr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::scope::{Origin, Scheme, TargetUrl};

/// The most bytes of a proxy's answer that are read.
const LARGEST: usize = 16 << 10;

/// A proxy, as the user named it. It is asked for a tunnel to the target, and for nothing else.
#[derive(Clone, Debug)]
pub struct Proxy(Origin);

impl Proxy {
    /// Where the proxy listens.
    pub fn origin(&self) -> &Origin {
        &self.0
    }

    /// Asks for a tunnel to the target.
    pub(super) async fn tunnel(&self, tcp: &mut TcpStream, target: &Origin) -> Result<(), String> {
        let host = target.host().trim_matches(['[', ']']);
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let authority = format!("{host}:{}", target.port());
        let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        let broken = |error: std::io::Error| format!("the proxy: {error}");
        tcp.write_all(request.as_bytes()).await.map_err(broken)?;
        // Byte by byte: what follows the empty line belongs to the target.
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if tcp.read(&mut byte).await.map_err(broken)? == 0 || head.len() > LARGEST {
                return Err("the proxy did not answer the request for a tunnel".to_owned());
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head);
        let status = head.split_whitespace().nth(1).unwrap_or_default();
        if head.starts_with("HTTP/1.") && status.starts_with('2') && status.len() == 3 {
            Ok(())
        } else {
            Err(format!(
                "the proxy opens no tunnel to {authority}: {}",
                head.lines().next().unwrap_or_default()
            ))
        }
    }
}

impl FromStr for Proxy {
    type Err = String;

    /// `http://HOST:PORT`
    fn from_str(text: &str) -> Result<Self, String> {
        let url: TargetUrl = text.parse().map_err(|error| format!("{error}"))?;
        if url.origin().scheme() != Scheme::Http || !url.base().trim_matches('/').is_empty() {
            return Err("a proxy is written http://HOST:PORT".to_owned());
        }
        Ok(Self(url.origin().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::Proxy;

    #[test]
    fn a_proxy_is_a_plain_origin() {
        assert_eq!("http://127.0.0.1:8888".parse::<Proxy>().unwrap().origin().port(), 8888);
        for wrong in ["https://127.0.0.1:1", "http://127.0.0.1:1/path", "127.0.0.1", ""] {
            assert!(wrong.parse::<Proxy>().is_err(), "{wrong}");
        }
    }
}
