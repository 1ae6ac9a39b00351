//! The ledger: what a run made in its target, line by line, and how it is taken away again.
//!
//! `ledger.jsonl` in the report directory outlives runs: as long as something of it is left, later runs into the same
//! directory add to it. A line is written before whoever made the object sends anything else.

mod line;
mod paths;
mod read;
mod remove;
mod seen;
#[cfg(test)]
mod tests;
mod write;

pub use line::{Header, Made};
pub use read::{Book, LedgerError, Left, read};
pub use remove::{Removal, look_up, remove};
pub use write::{Ledger, Marks, Summary};

/// The ledger's name in a report directory.
pub const FILE: &str = "ledger.jsonl";
/// Objects that are listed at most; more are counted.
pub const MOST: usize = 100_000;
/// The version of the format that is written.
pub const VERSION: u32 = 1;
