//! The operations that a target exposes.

mod model;

pub use model::*;
