//! What is there is known, and nothing else is there.

mod inventory_trace;

pub use inventory_trace::Trace;
