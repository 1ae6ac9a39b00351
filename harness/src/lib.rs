//! Fuzzing and property testing of the security of HTTP APIs.

pub mod message;
pub mod scope;
#[cfg(feature = "http")]
pub mod wire;
