//! Baselines and cases, drawn from any [`Source`].

mod assumed;
mod baseline;
mod bounds;
mod draft;
mod explore;
mod family;
mod link;
mod media;
mod names;
mod naming;
mod placed;
mod policy;
mod producer;
pub mod schema;
mod source;
mod sweep;
#[cfg(test)]
mod tests;
mod world;

pub(crate) use baseline::request_of;
pub use baseline::{Manner, request};
pub use bounds::{Budget, LeftOut, OperationPattern};
pub use draft::Draft;
#[cfg(feature = "libfuzzer")]
pub(crate) use draft::rename_in;
pub(crate) use draft::rename_references;
pub use explore::Explorer;
#[cfg(feature = "libfuzzer")]
pub(crate) use explore::{broken_json, provocation};
pub use family::{Family, draw_family};
pub use link::find_id;
pub(crate) use link::{last_segment, plain, singular};
pub use naming::Naming;
pub use policy::{Policy, Rule, Stance, When};
pub use producer::Producer;
#[cfg(feature = "arbitrary")]
pub use source::Bytes;
pub use source::{Seeded, Source};
pub use sweep::{Probe, sweep};
pub(crate) use world::matches_name;
pub use world::{Access, Profile, Settings, Strict, World};
