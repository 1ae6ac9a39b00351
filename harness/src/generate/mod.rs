//! Baselines and cases, drawn from any [`Source`].

pub mod schema;
mod source;

#[cfg(feature = "arbitrary")]
pub use source::Bytes;
pub use source::{Seeded, Source};
