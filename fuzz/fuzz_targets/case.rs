//! Cases against the range, which is hardened unless `PROOFHOUSE_FUZZ_DEFECTS` says otherwise.
#![no_main]

proofhouse::fuzz_service!(proofhouse_fuzz::range);
