//! What goes to a target and what comes back, as plain data that every target shares.

mod headers;
mod incoming;
mod inert;
mod outcome;
mod outgoing;

pub use headers::{Headers, Span};
pub use incoming::{Decoded, Incoming, Version};
pub use inert::{inert, inert_text};
pub use outcome::{Delivery, Outcome, Phase, Stage, Timing, Unsent};
pub use outgoing::{Outgoing, encode};
