//! Fuzzing and property testing of the security of HTTP APIs.

pub mod case;
pub mod duration;
pub mod generate;
pub mod surface;
