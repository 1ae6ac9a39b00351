//! Engines: whoever drives the one execution loop.

pub mod campaign;
mod confirm;
#[cfg(feature = "libfuzzer")]
pub mod fuzz;
#[cfg(all(feature = "service", feature = "openapi"))]
pub mod property;
mod replay;
mod twice;

pub use confirm::{Confirmation, confirm};
pub use replay::{Open, Replayed, replay, shrink};
pub use twice::{Difference, differences, twice};
