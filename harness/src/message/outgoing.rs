//! A request, exactly as it is to be written.

use bytes::Bytes;

/// One HTTP/1.1 request, byte for byte.
///
/// Nothing is added, normalised or refused: `Host` and `Content-Length` are the caller's business, and a
/// method, a target or a header may hold any bytes at all, line ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The method, such as `GET`.
    pub method: Bytes,
    /// The request target, such as `/menu?page=2`.
    pub target: Vec<u8>,
    /// The header fields in the order in which they are written.
    pub headers: Vec<(Bytes, Bytes)>,
    /// What follows the empty line.
    pub body: Bytes,
}

impl Outgoing {
    /// A request without headers and without a body.
    pub fn new(method: impl Into<Bytes>, target: impl Into<Vec<u8>>) -> Self {
        Self { method: method.into(), target: target.into(), ..Self::default() }
    }

    /// Appends one header field.
    pub fn header(mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((Bytes::from(name.into()), Bytes::from(value.into())));
        self
    }

    /// Sets the body; the headers stay as they are.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Whether an ordinary server and this client agree on where the request ends, so that the connection
    /// may serve someone else's request afterwards.
    ///
    /// False for anything that plays with the framing: line ends inside a field, a `Content-Length` that is
    /// not the length of the body, any `Transfer-Encoding`, a name that some servers would read as one of
    /// the two.
    pub fn is_plainly_framed(&self) -> bool {
        if breaks_a_line(&self.method) || breaks_a_line(&self.target) {
            return false;
        }
        let mut length = None;
        for (name, value) in &self.headers {
            if name.first().is_none_or(u8::is_ascii_whitespace) || breaks_a_line(name) || breaks_a_line(value)
            {
                return false;
            }
            if reads_as(name, b"transferencoding") {
                return false;
            }
            if reads_as(name, b"contentlength") {
                let exact = name.eq_ignore_ascii_case(b"content-length");
                if !exact || length.replace(plain_decimal(value)).is_some() {
                    return false;
                }
            }
        }
        match length {
            None => self.body.is_empty(),
            Some(stated) => stated == Some(self.body.len() as u64),
        }
    }
}

/// Writes the request behind what `into` already holds.
pub fn encode(request: &Outgoing, into: &mut Vec<u8>) {
    let fields: usize = request.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    into.reserve(request.method.len() + request.target.len() + fields + request.body.len() + 14);
    into.extend_from_slice(&request.method);
    into.push(b' ');
    into.extend_from_slice(&request.target);
    into.extend_from_slice(b" HTTP/1.1\r\n");
    for (name, value) in &request.headers {
        into.extend_from_slice(name);
        into.extend_from_slice(b": ");
        into.extend_from_slice(value);
        into.extend_from_slice(b"\r\n");
    }
    into.extend_from_slice(b"\r\n");
    into.extend_from_slice(&request.body);
}

fn breaks_a_line(bytes: &[u8]) -> bool {
    memchr::memchr3(b'\r', b'\n', 0, bytes).is_some()
}

/// Whether the letters of `name`, and nothing else of it, spell `word`.
fn reads_as(name: &[u8], word: &[u8]) -> bool {
    name.len() >= word.len()
        && name
            .iter()
            .filter(|b| b.is_ascii_alphabetic())
            .map(u8::to_ascii_lowercase)
            .eq(word.iter().copied())
}

fn plain_decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_written_as_it_is() {
        let request = Outgoing::new("G\tT", "/a b\r\nx").header("n\x00", "\u{e9}").body(&b"\xff"[..]);
        let mut out = b"kept".to_vec();
        encode(&request, &mut out);
        assert_eq!(out, b"keptG\tT /a b\r\nx HTTP/1.1\r\nn\x00: \xc3\xa9\r\n\r\n\xff");
    }

    #[test]
    fn only_plain_framing_is_plain() {
        let post = || Outgoing::new("POST", "/").body("four");
        assert!(Outgoing::new("GET", "/").header("Accept", "*/*").is_plainly_framed());
        assert!(post().header("content-length", "4").is_plainly_framed());
        for odd in [
            post(),
            post().header("Content-Length", "3"),
            post().header("Content-Length", "+4"),
            post().header("Content-Length", "4").header("Content-Length", "4"),
            post().header("Content-Length", "4").header("Transfer-Encoding", "chunked"),
            post().header("Content-Length", "4").header("Transfer_Encoding ", "chunked"),
            post().header("Content-Length ", "4"),
            post().header("Content-Length", "4").header("X", "a\r\nY: b"),
            post().header("Content-Length", "4").header(" folded", "a"),
            Outgoing::new("GET", "/\n"),
            Outgoing::new("GET", "/").header("", "x"),
        ] {
            assert!(!odd.is_plainly_framed(), "{odd:?}");
        }
    }
}
