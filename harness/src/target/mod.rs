//! Where cases are sent.

#[cfg(feature = "http")]
mod http;
mod panics;
#[cfg(feature = "service")]
mod service;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use crate::message::{Delivery, Outgoing};
use crate::trace::Panic;

#[cfg(feature = "http")]
pub use http::HttpLane;
pub(crate) use panics::quietly;
#[cfg(feature = "service")]
pub(crate) use panics::watched;
#[cfg(feature = "libfuzzer")]
pub(crate) use panics::{keep_strays, take_strays};
#[cfg(feature = "service")]
pub use service::{Body, ServiceLane};

/// A future of this thread.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// One worker's way to the target. Several requests may be under way at once, all on one thread.
pub trait Lane {
    /// Sends one request and reads its answer.
    fn send<'a>(&'a self, request: &'a Outgoing, how: How<'a>) -> LocalFuture<'a, Delivered>;

    /// Sends bytes as they are and reads one answer.
    fn send_raw<'a>(&'a self, bytes: &'a [u8], how: How<'a>) -> LocalFuture<'a, Delivered>;

    /// What this target can do.
    fn capabilities(&self) -> Capabilities;

    /// What the `Host` header says: the target's authority.
    fn authority(&self) -> &str;

    /// The path that the target's operations hang below, without a trailing slash.
    fn base_path(&self) -> &str;
}

/// How one request is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct How<'a> {
    /// Requests that name the same connection share one.
    pub connection: Option<&'a str>,
    /// The source address.
    pub source: Option<IpAddr>,
    /// Who sends. An identity with a certificate has connections of its own, which show it.
    pub identity: Option<&'a str>,
}

/// What became of one request.
#[derive(Debug)]
pub struct Delivered {
    /// What became of it.
    pub delivery: Delivery,
    /// A panic of the service, in process.
    pub panic: Option<Panic>,
}

/// What a target can do. A check that needs what is missing is skipped with that reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Requests are bytes on a wire.
    pub wire_bytes: bool,
    /// The target speaks TLS.
    pub tls: bool,
    /// Requests may come from several source addresses.
    pub source_addresses: bool,
    /// Requests can be under way at the same time.
    pub parallel: bool,
    /// Each worker has a target of its own.
    pub own_state: bool,
    /// Time can be made to pass without waiting.
    pub virtual_clock: bool,
    /// Panics come with their location.
    pub panic_location: bool,
}

impl From<Delivery> for Delivered {
    fn from(delivery: Delivery) -> Self {
        Self { delivery, panic: None }
    }
}
