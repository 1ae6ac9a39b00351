//! The client against scripted servers on loopback.

#![cfg(feature = "http")]

mod answers;
mod connections;
mod hostile;
mod scope;
mod server;
mod tls;
