//! Fuzzing and property testing of the security of HTTP APIs.

pub mod accounts;
pub mod case;
pub mod checks;
pub mod controls;
pub mod corpora;
pub mod duration;
pub mod engine;
pub mod execute;
pub mod exit;
pub mod expect;
pub mod finding;
pub mod gate;
pub mod generate;
pub mod identity;
pub mod learn;
pub mod ledger;
pub mod message;
pub mod report;
pub mod scope;
pub mod shrink;
pub mod signatures;
pub mod surface;
pub mod target;
pub mod trace;
#[cfg(feature = "http")]
pub mod wire;

#[cfg(all(feature = "service", feature = "openapi", feature = "proptest"))]
pub use engine::property::Cases;
#[cfg(all(feature = "http", feature = "service", feature = "openapi"))]
pub use engine::property::prove_url;
#[cfg(all(feature = "service", feature = "openapi"))]
pub use engine::property::{Instance, Proof, Prove, RecordLayer, Rig, prove, prove_with, with_body};

/// What every request says it comes from.
pub const USER_AGENT: &str = concat!("proofhouse/", env!("CARGO_PKG_VERSION"));

/// The guide's code.
#[cfg(all(doctest, feature = "service", feature = "openapi", feature = "proptest"))]
#[doc = include_str!("../../docs/embedding.md")]
struct Guide;
