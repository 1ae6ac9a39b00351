//! Chunked bodies (RFC 9112, section 7.1).

use bytes::Buf;
use tokio::io::{AsyncRead, AsyncWrite};

use super::fault::Fault;
use super::head::{end_of_head, parse_trailers};
use super::limits::Limits;
use super::pump::Pump;
use super::read::Body;
use crate::message::Headers;

/// How long a line with a chunk size may be, extensions included.
const LINE: usize = 4 << 10;

/// Reads chunks into `body` until the last one, or until `body` is full: then there are no trailers and the
/// connection is of no further use.
pub(super) async fn read_chunks<S: AsyncRead + AsyncWrite + Unpin>(
    pump: &mut Pump<'_, S>,
    body: &mut Body,
    limits: &Limits,
) -> Result<Option<Headers>, Fault> {
    loop {
        let size = read_size(pump).await?;
        if size == 0 {
            return read_trailers(pump, limits).await.map(Some);
        }
        body.read_exactly(pump, size).await?;
        if body.cut {
            return Ok(None);
        }
        while pump.buf.len() < 2 {
            pump.fill().await?;
        }
        if !pump.buf.starts_with(b"\r\n") {
            return Err("a chunk is not as long as it says".into());
        }
        pump.buf.advance(2);
    }
}

async fn read_size<S: AsyncRead + AsyncWrite + Unpin>(pump: &mut Pump<'_, S>) -> Result<u64, Fault> {
    loop {
        let line = &pump.buf[..pump.buf.len().min(LINE)];
        if let Some(end) = memchr::memchr(b'\n', line) {
            let size = parse_size(&line[..end])?;
            pump.buf.advance(end + 1);
            return Ok(size);
        }
        if line.len() == LINE {
            return Err("a chunk size that does not end".into());
        }
        if line.first().is_some_and(|digit| !digit.is_ascii_hexdigit()) {
            return Err("a chunk size that is not a number".into());
        }
        pump.fill().await?;
    }
}

/// Parses `size [; extensions] CR`.
fn parse_size(line: &[u8]) -> Result<u64, Fault> {
    let line = line.strip_suffix(b"\r").ok_or("a chunk size without CR LF")?;
    let end = line.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(line.len());
    let (digits, rest) = line.split_at(end);
    let extension = rest.trim_ascii_start();
    if digits.is_empty() || !(extension.is_empty() || extension.starts_with(b";")) {
        return Err("a chunk size that is not a number".into());
    }
    let text = std::str::from_utf8(digits).unwrap_or_default();
    u64::from_str_radix(text, 16).map_err(|_| "a chunk size that is too large".into())
}

async fn read_trailers<S: AsyncRead + AsyncWrite + Unpin>(
    pump: &mut Pump<'_, S>,
    limits: &Limits,
) -> Result<Headers, Fault> {
    let mut searched = 0;
    loop {
        if pump.buf.starts_with(b"\r\n") {
            pump.buf.advance(2);
            return Ok(Headers::default());
        }
        if let Some(end) = end_of_head(pump.buf, searched).filter(|end| *end <= limits.head) {
            let trailers = parse_trailers(&pump.buf[..end], limits.fields)?;
            pump.buf.advance(end);
            return Ok(trailers);
        }
        if pump.buf.len() >= limits.head {
            return Err("trailers that do not end".into());
        }
        searched = pump.buf.len();
        pump.fill().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_sizes_are_hexadecimal_and_nothing_else() {
        assert_eq!(parse_size(b"1f\r").unwrap(), 31);
        assert_eq!(parse_size(b"0\r").unwrap(), 0);
        assert_eq!(parse_size(b"A ;x=\"y\"\r").unwrap(), 10);
        for bad in [&b"1"[..], b"\r", b"0x1\r", b"-1\r", b"+1\r", b" 1\r", b"1 2\r", b"1ffffffffffffffff\r"] {
            assert!(parse_size(bad).is_err(), "{bad:?}");
        }
    }
}
