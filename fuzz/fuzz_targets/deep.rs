//! The station with three deep bugs: what guidance is worth. `tools/deep` measures it.
#![no_main]

use fuzz_deep::{OPENAPI, Station};

proofhouse::fuzz_service!(|| {
    proofhouse::prove_with(|| async { Station::default() }).openapi(OPENAPI).checks(["service-panic"])
});
