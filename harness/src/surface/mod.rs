//! The operations that a target exposes.

#[cfg(feature = "openapi")]
mod detect;
#[cfg(feature = "openapi")]
mod har;
#[cfg(feature = "openapi")]
mod merge;
mod model;
#[cfg(feature = "openapi")]
pub mod openapi;
#[cfg(feature = "openapi")]
mod postman;
#[cfg(feature = "openapi")]
mod requests;
#[cfg(feature = "openapi")]
mod samples;
mod shared;
mod template;
#[cfg(all(test, feature = "openapi"))]
mod tests;
mod validator;

pub use model::*;
pub use shared::SharedJson;
pub(crate) use template::{Template, segments};
pub use validator::{Invalid, Validator, pattern_matches};
