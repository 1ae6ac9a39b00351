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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const GREETING: &str = "hello, hello, proof house";
    const BR_GREETING: &str = "GxgA+I2Ubt5ECVKGlmwsbzUILZkADu98HE4J";
    /// A hundred million zeros.
    const BR_BOMB: &str = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje\
//H//w/+CYA4LADQvf/j//8f/BMAcVgAoHv/x///P/gnAOKwAED3/o///3/wTwDEYQGA7v0f////4J8AiMMCAN37v/wHr8M/ARCHBQC62HU=";

    fn run(coding: &str, body: impl Into<Bytes>, cut: bool, limits: &Limits) -> Incoming {
        let headers = [("Content-Encoding", coding)].into_iter().collect();
        let mut incoming = Incoming { headers, body: body.into(), cut, ..Incoming::default() };
        decode(&mut incoming, limits);
        incoming
    }

    fn br(text: &str) -> Vec<u8> {
        BASE64_STANDARD.decode(text).unwrap()
    }

    fn packed(bytes: &[u8]) -> [(&'static str, Decoded, Vec<u8>); 3] {
        let level = Compression::default();
        let (mut gz, mut zlib) = (GzEncoder::new(vec![], level), ZlibEncoder::new(vec![], level));
        let mut bare = DeflateEncoder::new(vec![], level);
        for encoder in [&mut gz as &mut dyn Write, &mut zlib, &mut bare] {
            encoder.write_all(bytes).unwrap();
        }
        [
            ("gzip", Decoded::Gzip, gz.finish().unwrap()),
            ("deflate", Decoded::Deflate, zlib.finish().unwrap()),
            ("Deflate", Decoded::Deflate, bare.finish().unwrap()),
        ]
    }

    #[test]
    fn every_coding_that_we_read_is_taken_off() {
        let limits = Limits::default();
        let all = packed(GREETING.as_bytes()).into_iter().chain([("br", Decoded::Brotli, br(BR_GREETING))]);
        for (coding, decoded, body) in all {
            let incoming = run(coding, body.clone(), false, &limits);
            assert_eq!((incoming.body.as_ref(), incoming.cut), (GREETING.as_bytes(), false), "{coding}");
            assert_eq!(incoming.decoded, decoded);
            let half = run(coding, body[..body.len() / 2].to_vec(), false, &limits);
            assert_eq!((half.decoded, half.body.len()), (Decoded::Malformed, body.len() / 2), "{coding}");
        }
        assert_eq!(run("identity", "x", false, &limits).decoded, Decoded::Identity);
        assert_eq!(run("zstd", "x", false, &limits).decoded, Decoded::Unknown);
        assert_eq!(run("gzip, br", "x", false, &limits).decoded, Decoded::Unknown);
        assert_eq!(run("gzip", "", false, &limits).decoded, Decoded::Identity);
    }

    #[test]
    fn bombs_are_cut() {
        let zeros = vec![0; 20 << 20];
        let bombs = packed(&zeros).into_iter().chain([("br", Decoded::Brotli, br(BR_BOMB))]);
        for (coding, decoded, body) in bombs {
            let generous = Limits { ratio: usize::MAX, ..Limits::default() };
            let incoming = run(coding, body.clone(), false, &generous);
            assert_eq!((incoming.decoded, incoming.cut), (decoded, true), "{coding}");
            assert_eq!(incoming.body.len(), 2 << 20);
            let (length, ratio) = (body.len(), Limits { ratio: 10, ..Limits::default() });
            assert_eq!(run(coding, body, false, &ratio).body.len(), (length * 10).max(FREE));
        }
        let exact = packed(&zeros[..2 << 20]).into_iter().next().unwrap();
        let incoming = run("gzip", exact.2, false, &Limits { ratio: usize::MAX, ..Limits::default() });
        assert_eq!((incoming.body.len(), incoming.cut), (2 << 20, false));
    }

    #[test]
    fn what_we_cut_is_decoded_as_far_as_it_goes() {
        let noise: Vec<u8> =
            (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for (coding, decoded, body) in packed(&noise) {
            let incoming = run(coding, body[..60_000].to_vec(), true, &Limits::default());
            assert_eq!((incoming.decoded, incoming.cut), (decoded, true));
            assert!(!incoming.body.is_empty() && noise.starts_with(&incoming.body));
        }
    }

    #[test]
    fn windows_beyond_the_standard_are_refused() {
        let incoming = run("br", &b"\x11\x1e\x00\x00\x00\x03"[..], false, &Limits::default());
        assert_eq!(incoming.decoded, Decoded::Malformed);
    }

    #[test]
    fn mutated_bodies_neither_panic_nor_outgrow_the_cap() {
        let limits = Limits::default();
        let mut dice = crate::wire::testing::dice(7);
        let rows: Vec<String> =
            (0..40).map(|n| format!("{{\"id\":{n},\"name\":\"n{}\"}}", n * 7919 % 101)).collect();
        let text = rows.concat();
        let samples: Vec<(&str, Vec<u8>)> = packed(text.as_bytes())
            .into_iter()
            .map(|(coding, _, body)| (coding, body))
            .chain([("br", br(BR_GREETING)), ("br", br(BR_BOMB))])
            .collect();
        for round in 0..4_000 {
            let (coding, sample) = &samples[round % samples.len()];
            let mut body = sample.clone();
            for _ in 0..=dice() % 4 {
                let at = dice() as usize % body.len();
                body[at] = dice() as u8;
            }
            body.truncate(1 + dice() as usize % body.len());
            assert!(run(coding, body, dice() & 1 == 0, &limits).body.len() <= limits.decoded);
        }
    }
}
