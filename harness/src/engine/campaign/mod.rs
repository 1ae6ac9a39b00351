//! The campaign: a bounded run against one target, that can be resumed.
//!
//! Pre-flight, planned cells phase by phase, exploring, and a last look at the identities. Work is done in epochs:
//! what an epoch sends depends only on the seed and on what earlier epochs taught, folded in the order of the
//! work, so that any number of workers sends the same cases.

mod accounts;
mod behaviour;
mod budget;
mod cells;
mod conclude;
mod crew;
mod events;
mod findings;
mod fold;
mod forecast;
mod hazards;
mod interest;
mod journal;
mod knee;
#[cfg(feature = "http")]
mod live;
mod look;
mod plan;
mod preflight;
mod quarantine;
mod reach;
mod run;
mod select;
mod suit;
mod venture;
mod watch;
mod work;
mod worker;
mod writer;

#[cfg(feature = "libfuzzer")]
pub(in crate::engine) use behaviour::Fnv;
#[cfg(feature = "service")]
pub(crate) use behaviour::behaviour;
pub(crate) use crew::runtime;
pub use events::{Announcement, Progress};
pub use forecast::{Forecast, forecast};
pub use journal::JournalError;
#[cfg(feature = "http")]
pub use live::HttpFactory;
#[cfg(feature = "libfuzzer")]
pub(in crate::engine) use look::Lookout;
pub use run::{Campaign, CampaignError, Extent, Outcome, Replayed, Stopped};
pub use select::Selection;
pub use worker::{LaneFactory, Opened};
