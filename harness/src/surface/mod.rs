//! The operations that a target exposes.

mod model;
#[cfg(feature = "openapi")]
pub mod openapi;
mod validator;

pub use model::*;
pub use validator::{Invalid, Validator, pattern_matches};
