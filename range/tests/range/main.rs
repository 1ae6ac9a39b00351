//! The range, seen from outside.

mod client;
mod defects;
mod document;
mod hardened;
mod limits;
mod server;
