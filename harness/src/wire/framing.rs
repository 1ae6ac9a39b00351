//! Where the body of an answer ends (RFC 9112, section 6.3).

use super::fault::Fault;
use super::head::Head;
use crate::message::Version;

/// What the method of the request says about the answer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// `HEAD`: there is never a body.
    Head,
    /// `CONNECT`: a success has no body and opens a tunnel.
    Tunnel,
    /// Any other.
    Content,
}

impl Asked {
    pub(super) fn by(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Tunnel,
            _ => Self::Content,
        }
    }

    pub(super) fn opens_tunnel(self, status: u16) -> bool {
        self == Self::Tunnel && matches!(status, 200..=299)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads the framing; what two readers could read differently is an error.
pub(super) fn framing(head: &Head, asked: Asked) -> Result<Framing, Fault> {
    let length = content_length(head)?;
    let coded = head.headers.get("transfer-encoding").is_some();
    if coded && length.is_some() {
        return Err("both Content-Length and Transfer-Encoding".into());
    }
    if coded && head.version == Version::Http10 {
        return Err("Transfer-Encoding in HTTP/1.0".into());
    }
    if asked == Asked::Head || asked.opens_tunnel(head.status) || matches!(head.status, 100..=199 | 204 | 304)
    {
        return Ok(Framing::Length(0));
    }
    if coded {
        let mut codings = head.headers.members("transfer-encoding");
        let only_chunked = codings.next().is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"));
        if !only_chunked || codings.next().is_some() {
            return Err("a Transfer-Encoding other than chunked".into());
        }
        return Ok(Framing::Chunked);
    }
    Ok(length.map_or(Framing::UntilClose, Framing::Length))
}

fn content_length(head: &Head) -> Result<Option<u64>, Fault> {
    let mut known = None;
    for field in head.headers.get_all("content-length") {
        for member in field.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
            let length = decimal(member).ok_or("a Content-Length that is not a number")?;
            if known.replace(length).is_some_and(|other| other != length) {
                return Err("two different Content-Length".into());
            }
        }
    }
    Ok(known)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Whether the other side means to keep the connection (RFC 9112, section 9.3).
pub(super) fn keeps_alive(head: &Head) -> bool {
    if head.headers.has_token("connection", "close") || head.status == 101 {
        return false;
    }
    head.version == Version::Http11 || head.headers.has_token("connection", "keep-alive")
}

#[cfg(test)]
mod tests {
    use super::super::head::parse_head;
    use super::*;

    fn of(rest: &str) -> Result<Framing, Fault> {
        framing(&parse_head(format!("HTTP/1.{rest}\r\n\r\n").as_bytes(), 9).unwrap(), Asked::Content)
    }

    #[test]
    fn bodies_end_where_the_standard_says() {
        assert_eq!(of("1 200 OK\r\nContent-Length: 5").unwrap(), Framing::Length(5));
        assert_eq!(of("1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5").unwrap(), Framing::Length(5));
        assert_eq!(of("1 200 OK\r\nTransfer-Encoding: Chunked").unwrap(), Framing::Chunked);
        assert_eq!(of("1 200 OK").unwrap(), Framing::UntilClose);
        assert_eq!(of("1 204 OK\r\nContent-Length: 5").unwrap(), Framing::Length(0));
        assert_eq!(of("1 304 OK\r\nContent-Length: 5").unwrap(), Framing::Length(0));
    }

    #[test]
    fn ambiguous_framing_is_an_error() {
        for rest in [
            "1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
            "1 200 OK\r\nContent-Length: 5,6",
            "1 200 OK\r\nContent-Length: +5",
            "1 200 OK\r\nContent-Length: ",
            "1 200 OK\r\nContent-Length: 99999999999999999999",
            "1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
            "1 200 OK\r\nTransfer-Encoding: gzip, chunked",
            "1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "0 200 OK\r\nTransfer-Encoding: chunked",
        ] {
            assert!(of(rest).is_err(), "{rest}");
        }
    }
}
