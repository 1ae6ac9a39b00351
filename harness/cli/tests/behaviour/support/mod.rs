//! What the tests stand on: the binary in a folder of its own, and servers that do what a test says.

pub(crate) mod api;
mod binary;
mod server;

pub(crate) use binary::{Ended, Place};
pub(crate) use server::{Asked, Server, answer, closed_port, json};
