//! An answer.

use bytes::Bytes;

use super::Headers;

/// An answer, as far as it was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The version in the status line.
    pub version: Version,
    /// The header fields in the order in which they came.
    pub headers: Headers,
    /// The body, with the transfer and content codings taken off; at most as long as the client's cap.
    pub body: Bytes,
    /// Whether the body goes on behind what was kept.
    pub cut: bool,
    /// What became of the content coding.
    pub decoded: Decoded,
    /// How many interim (1xx) answers came before.
    pub interim: u8,
    /// The fields behind a chunked body.
    pub trailers: Option<Box<Headers>>,
    /// How many body bytes came, before the content coding was taken off.
    pub body_on_wire: u64,
    /// How many bytes had arrived behind the end of the answer; nobody asked for those.
    pub surplus: u32,
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
    /// HTTP/2
    Http2,
}

/// What became of the content coding (RFC 9110, section 8.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Decoded {
    /// There was none.
    #[default]
    Identity,
    /// gzip was taken off.
    Gzip,
    /// deflate was taken off, with or without the zlib wrapping.
    Deflate,
    /// brotli was taken off.
    Brotli,
    /// A coding, or a chain of codings, that we do not read: the body is as it came.
    Unknown,
    /// The body is not what `Content-Encoding` says: it is as it came.
    Malformed,
}
