//! Bytes through the generator, then the range: what libFuzzer's own mutator makes of the choices.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use proofhouse::engine::fuzz::{Home, run_bytes, start};

fuzz_target!(
    init: start(proofhouse_fuzz::range, Home::new(env!("CARGO_MANIFEST_DIR"), "bytes")),
    |data: &[u8]| -> Corpus { if run_bytes(data) { Corpus::Keep } else { Corpus::Reject } }
);
