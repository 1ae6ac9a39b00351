//! Fuzzing and property testing of the security of HTTP APIs.

pub mod case;
pub mod checks;
pub mod controls;
pub mod duration;
pub mod execute;
pub mod generate;
pub mod identity;
pub mod message;
pub mod scope;
pub mod shrink;
pub mod signatures;
pub mod surface;
pub mod target;
pub mod trace;
#[cfg(feature = "http")]
pub mod wire;

/// What every request says it comes from.
pub const USER_AGENT: &str = concat!("proofhouse/", env!("CARGO_PKG_VERSION"));
