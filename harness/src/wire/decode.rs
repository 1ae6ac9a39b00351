//! Takes content codings off (RFC 9110, section 8.4), within bounds.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::limits::Limits;
use crate::message::{Decoded, Incoming};

/// Output that is free of the cap on the ratio.
const FREE: usize = 64 << 10;
const STEP: usize = 16 << 10;

/// Replaces the body by what it says, when it says how it is coded. The memory that this takes is bounded by the
/// limits and not by what the body claims; what does not fit is cut.
pub(super) fn decode(incoming: &mut Incoming, limits: &Limits) {
    if incoming.body.is_empty() {
        return;
    }
    let mut codings =
        incoming.headers.members("content-encoding").filter(|c| !c.eq_ignore_ascii_case(b"identity"));
    let Some(first) = codings.next() else { return };
    let coding = match first.to_ascii_lowercase().as_slice() {
        _ if codings.next().is_some() => Decoded::Unknown,
        b"gzip" | b"x-gzip" => Decoded::Gzip,
        b"deflate" => Decoded::Deflate,
        b"br" => Decoded::Brotli,
        _ => Decoded::Unknown,
    };
    drop(codings);
    let cap = limits.decoded.min(incoming.body.len().saturating_mul(limits.ratio).max(FREE));
    let unpacked = match coding {
        Decoded::Gzip => unpack(MultiGzDecoder::new(&*incoming.body), cap),
        Decoded::Deflate => inflate(&incoming.body, cap),
        Decoded::Brotli => brotli(&incoming.body, cap),
        _ => {
            incoming.decoded = coding;
            return;
        }
    };
    // What we cut ourselves cannot but break off.
    let sound = unpacked.end != End::Broken || (incoming.cut && !unpacked.out.is_empty());
    if sound {
        incoming.cut |= unpacked.end == End::Full;
        incoming.body = Bytes::from(unpacked.out);
        incoming.decoded = coding;
    } else {
        incoming.decoded = Decoded::Malformed;
    }
}

struct Unpacked {
    out: Vec<u8>,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    Full,
    Broken,
}

fn unpack(mut from: impl Read, cap: usize) -> Unpacked {
    let mut out = Vec::new();
    let mut step = [0; STEP];
    loop {
        // One byte more than fits tells a full body from a cut one.
        let room = step.len().min(cap - out.len() + 1);
        match from.read(&mut step[..room]) {
            Ok(0) => return Unpacked { out, end: End::Whole },
            Ok(read) if out.len() + read > cap => {
                out.extend_from_slice(&step[..cap - out.len()]);
                return Unpacked { out, end: End::Full };
            }
            Ok(read) => out.extend_from_slice(&step[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Unpacked { out, end: End::Broken },
        }
    }
}

/// The standard says zlib, some servers send the bare stream.
fn inflate(bytes: &[u8], cap: usize) -> Unpacked {
    let zlib = unpack(ZlibDecoder::new(bytes), cap);
    if zlib.end != End::Broken || !zlib.out.is_empty() {
        zlib
    } else {
        unpack(DeflateDecoder::new(bytes), cap)
    }
}

/// Windows beyond 16 MiB are no part of RFC 7932 and would be a bomb by themselves.
fn brotli(bytes: &[u8], cap: usize) -> Unpacked {
    if bytes[0] & 0x7f == 0x11 {
        return Unpacked { out: Vec::new(), end: End::Broken };
    }
    unpack(Decompressor::new(bytes, 4 << 10), cap)
}
