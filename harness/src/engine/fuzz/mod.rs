//! The libFuzzer engine: coverage of the service guides which cases are sent next.
//!
//! The input of a fuzz target is a case file, the same that every other engine sends, saves, replays and makes smaller.
//! A custom mutator changes the case and never its JSON, the one loop sends it, and the same judges look at what came
//! back. [`fuzz_service!`](crate::fuzz_service) makes a target of a service; `docs/fuzzing.md` says how it is run.
//!
//! This module does not link libFuzzer, and the tests of this crate need no C++ compiler: the crate of the fuzz targets
//! brings `libfuzzer-sys`, as those that `cargo fuzz init` makes do.

#[cfg(feature = "http")]
mod answers;
mod budget;
mod compared;
mod counters;
mod feedback;
mod fuzzer;
mod hints;
mod judge;
mod kept;
mod macros;
mod mutate;
mod process;
#[cfg(test)]
mod tests;
mod words;

#[cfg(feature = "http")]
pub use answers::Answers;
pub use compared::{compared, compared_bytes, switched};
pub use fuzzer::{Fuzzer, Home};
pub use process::{cross, mutate, run, run_bytes, start};
pub use words::Words;
