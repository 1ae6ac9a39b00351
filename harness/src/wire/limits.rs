//! How much of an answer is waited for and kept.

use std::time::Duration;

/// Bounds on an answer. Everything beyond them is neither buffered nor waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a head (status line and fields), and of trailers. Default 64 KiB.
    pub head: usize,
    /// Fields in a head, and in trailers; at most 256, which is the default.
    pub fields: usize,
    /// Bytes of a body as it came. Default 1 MiB.
    pub body: usize,
    /// Bytes of a body with its content coding taken off. Default 2 MiB.
    pub decoded: usize,
    /// How many times as long as it came a body may become when the coding is taken off; the first 64 KiB are free.
    /// Default 200.
    pub ratio: usize,
    /// Interim (1xx) answers before the final one. Default 16.
    pub interim: u8,
    /// For resolving, connecting and the TLS handshake. Default 5 s.
    pub connect: Duration,
    /// For all of it. Default 10 s.
    pub total: Duration,
    /// Idle connections that a client keeps. Default 16.
    pub idle: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 64 << 10,
            fields: 256,
            body: 1 << 20,
            decoded: 2 << 20,
            ratio: 200,
            interim: 16,
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            idle: 16,
        }
    }
}
