//! The operations that a target exposes.

mod model;
#[cfg(feature = "openapi")]
pub mod openapi;
mod template;
mod validator;

pub use model::*;
pub(crate) use template::{Template, segments};
pub use validator::{Invalid, Validator, pattern_matches};
