//! Engines: whoever drives the one execution loop.

pub mod campaign;
mod confirm;
mod replay;

pub use confirm::{Confirmation, confirm};
pub use replay::{Open, Replayed, replay, shrink};
