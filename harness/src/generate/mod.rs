//! Baselines and cases, drawn from any [`Source`].

mod source;

#[cfg(feature = "arbitrary")]
pub use source::Bytes;
pub use source::{Seeded, Source};
