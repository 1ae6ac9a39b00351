//! Heads of answers, and trailers: from bytes to fields.

use std::mem::MaybeUninit;

use bytes::Bytes;
use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status};

use super::fault::Fault;
use crate::message::{Headers, Span, Version};

const FIELDS: usize = 256;

#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) headers: Headers,
}

/// Where the head in `bytes` ends: behind its first empty line. `from` is how much was searched before.
pub(super) fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from.saturating_sub(3);
    while let Some(found) = memchr::memchr(b'\n', &bytes[at..]) {
        at += found + 1;
        match bytes[at..] {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// Whether what has come so far can still become an answer of HTTP/1.
pub(super) fn could_be_answer(bytes: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    let known = bytes.len().min(START.len());
    bytes[..known] == START[..known]
}

/// Parses a whole head, empty line included.
pub(super) fn parse_head(bytes: &[u8], fields: usize) -> Result<Head, Fault> {
    let mut room = [const { MaybeUninit::uninit() }; FIELDS];
    let mut response = Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        bytes,
        &mut room[..fields.min(FIELDS)],
    );
    match parsed {
        Ok(Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err("the head breaks off".into()),
        Err(error) => return Err(Fault::Garbled(error.to_string().into())),
    }
    let status = response.code.filter(|code| *code >= 100).ok_or("the status is below 100")?;
    let version = if response.version == Some(0) { Version::Http10 } else { Version::Http11 };
    Ok(Head { status, version, headers: keep(bytes, response.headers)? })
}

/// Parses a whole trailer section, empty line included.
pub(super) fn parse_trailers(bytes: &[u8], fields: usize) -> Result<Headers, Fault> {
    let mut room = [EMPTY_HEADER; FIELDS];
    match httparse::parse_headers(bytes, &mut room[..fields.min(FIELDS)]) {
        Ok(Status::Complete((length, fields))) if length == bytes.len() => keep(bytes, fields),
        Ok(_) => Err("the trailers break off".into()),
        Err(error) => Err(Fault::Garbled(format!("trailers: {error}").into())),
    }
}

/// Copies the bytes once and notes where the fields lie in them.
fn keep(bytes: &[u8], fields: &[Header<'_>]) -> Result<Headers, Fault> {
    let base = bytes.as_ptr().addr();
    let within = |part: &[u8]| {
        let start = part.as_ptr().addr().wrapping_sub(base);
        if part.is_empty() { 0..0 } else { start..start + part.len() }
    };
    let spans =
        fields.iter().map(|field| Span::new(within(field.name.as_bytes()), within(field.value))).collect();
    Headers::from_block(Bytes::copy_from_slice(bytes), spans)
        .ok_or_else(|| "a field lies outside the head".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_at_its_first_empty_line() {
        assert_eq!(end_of_head(b"HTTP/1.1 200\r\n\r\nx", 0), Some(16));
        assert_eq!(end_of_head(b"a\n\nb", 0), Some(3));
        assert_eq!(end_of_head(b"a\r\n\r", 0), None);
        assert_eq!(end_of_head(b"a\r\n\r\n", 4), Some(5));
        assert_eq!(end_of_head(b"", 0), None);
    }

    #[test]
    fn a_head_is_kept_as_it_came() {
        let bytes = b"HTTP/1.0 299 \xe9\r\nA: 1\r\na:\r\nB:  x y \r\n\r\n";
        let head = parse_head(bytes, 9).unwrap();
        assert_eq!((head.status, head.version), (299, Version::Http10));
        assert_eq!(head.headers.block().as_ref(), bytes);
        let fields: Vec<_> = head.headers.iter().collect();
        assert_eq!(fields, [(&b"A"[..], &b"1"[..]), (b"a", b""), (b"B", b"x y")]);
        assert!(matches!(parse_head(bytes, 2), Err(Fault::Garbled(_))));
        assert!(matches!(parse_head(b"HTTP/1.1 099 x\r\n\r\n", 2), Err(Fault::Garbled(_))));
    }
}
