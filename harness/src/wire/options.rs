//! How one request is sent.

use std::net::IpAddr;
use std::time::Duration;

/// How one request is sent. The default: on any idle connection, or else on a new one, and once more if the idle
/// one turns out to be closed.
#[derive(Clone, Copy, Debug, Default)]
pub struct SendOptions<'a> {
    /// Pins the request to the connection of this name, which is made when it does not exist. Requests of one
    /// name wait for each other; its connection serves no other.
    pub connection: Option<&'a str>,
    /// Makes a new connection; one of that name is closed first.
    pub fresh: bool,
    /// The address to send from, such as 127.0.0.77.
    pub source: Option<IpAddr>,
    /// Instead of the client's limit for all of it.
    pub total: Option<Duration>,
    /// Leaves it at what a kept connection says, even if it was closed before any byte of an answer.
    pub no_retry: bool,
}
