//! What became of one request.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::{Incoming, inert};

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A whole answer came; its body may be cut.
    Answered(Incoming),
    /// No connection came about.
    Refused {
        /// How far it got.
        at: Stage,
        /// What the system or the other side said.
        reason: Box<str>,
    },
    /// The other side reset the connection.
    Reset {
        /// How many bytes of an answer had come.
        received: u64,
        /// The status, when the head had come.
        status: Option<u16>,
    },
    /// The other side closed the connection without an answer, or in the middle of one.
    Closed {
        /// How many bytes of an answer had come.
        received: u64,
        /// The status, when the head had come.
        status: Option<u16>,
    },
    /// Time was up.
    TimedOut {
        /// What was being waited for.
        phase: Phase,
        /// The status, when the head had come.
        status: Option<u16>,
    },
    /// What came is not HTTP/1, or its framing is malformed or ambiguous.
    Garbled {
        /// What is wrong with it.
        reason: Box<str>,
    },
    /// Nothing was sent.
    NotSent {
        /// Whose decision that was.
        why: Unsent,
        /// The decision in words.
        reason: Box<str>,
    },
}

/// How far the making of a connection got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The name has no address.
    Resolve,
    /// TCP.
    Connect,
    /// TLS.
    Handshake,
    /// TLS, which the other side ended because of our certificate, or for want of one (RFC 8446 section 6.2).
    Certificate,
}

/// What a request was waiting for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Its turn on a named connection.
    #[default]
    Turn,
    /// An address and a TCP connection.
    Connect,
    /// The TLS handshake.
    Handshake,
    /// The other side to take the request.
    Request,
    /// The first byte of the answer, with the request wholly written.
    Answer,
    /// The rest of the head.
    Head,
    /// The rest of the body.
    Body,
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unsent {
    /// It is not in scope.
    Scope,
    /// This target cannot express it.
    Inexpressible,
    /// The run was stopped.
    Cancelled,
    /// This machine cannot do it, such as bind the source address.
    Local,
    /// The operation is left out of the run, or its budget is spent.
    Withheld,
}

impl Outcome {
    /// The answer, when there is one.
    pub fn answer(&self) -> Option<&Incoming> {
        if let Self::Answered(incoming) = self { Some(incoming) } else { None }
    }

    /// The status of the answer, even of one that broke off behind its head.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(incoming) => Some(incoming.status),
            Self::Reset { status, .. } | Self::Closed { status, .. } | Self::TimedOut { status, .. } => {
                *status
            }
            _ => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broken = |f: &mut fmt::Formatter<'_>, what: &str, received: &u64| match received {
            0 => write!(f, "{what} without an answer"),
            n => write!(f, "{what} after {n} bytes of an answer"),
        };
        match self {
            Self::Answered(incoming) => {
                let (status, length) = (incoming.status, incoming.body.len());
                write!(f, "answered {status} with {length} bytes{}", if incoming.cut { ", cut" } else { "" })
            }
            Self::Refused { at, reason } => {
                let at = match at {
                    Stage::Resolve => "no address",
                    Stage::Connect => "no connection",
                    Stage::Handshake | Stage::Certificate => "no TLS session",
                };
                write!(f, "{at}: {}", inert(reason.as_bytes(), 200))
            }
            Self::Reset { received, .. } => broken(f, "connection reset", received),
            Self::Closed { received, .. } => broken(f, "connection closed", received),
            Self::TimedOut { phase, .. } => write!(
                f,
                "timed out {}",
                match phase {
                    Phase::Turn => "waiting for the connection to be free",
                    Phase::Connect => "connecting",
                    Phase::Handshake => "in the TLS handshake",
                    Phase::Request => "sending the request",
                    Phase::Answer => "waiting for an answer",
                    Phase::Head => "in the head of the answer",
                    Phase::Body => "in the body of the answer",
                }
            ),
            Self::Garbled { reason } => write!(f, "not an HTTP answer: {}", inert(reason.as_bytes(), 200)),
            Self::NotSent { reason, .. } => write!(f, "not sent: {}", inert(reason.as_bytes(), 200)),
        }
    }
}

/// An outcome, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What became of the request.
    pub outcome: Outcome,
    /// When things happened.
    pub timing: Timing,
    /// How many bytes of the request the transport had taken when the first byte of the answer came, or in all
    /// when none came. Taken by the transport is not read by the server: up to a socket buffer may lie between.
    pub written: u64,
    /// How long the request was in bytes.
    pub length: u64,
    /// The other end of the connection.
    pub peer: Option<SocketAddr>,
    /// Our end of the connection.
    pub local: Option<SocketAddr>,
    /// Which connection it was, counted from 1 by its client.
    pub connection: Option<u64>,
    /// Whether that connection had served an earlier request.
    pub reused: bool,
    /// Whether a kept connection turned out to be closed, and the request was sent once more on a new one.
    pub retried: bool,
}

impl Delivery {
    /// A delivery that has nothing but an outcome.
    pub fn undelivered(outcome: Outcome, timing: Timing) -> Self {
        Self {
            outcome,
            timing,
            written: 0,
            length: 0,
            peer: None,
            local: None,
            connection: None,
            reused: false,
            retried: false,
        }
    }
}

/// When things happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// How long resolving and connecting took, when a connection was made.
    pub connect: Option<Duration>,
    /// How long the TLS handshake took, when there was one.
    pub tls: Option<Duration>,
    /// From the start of writing to the first byte of an answer.
    pub first_byte: Option<Duration>,
    /// From the call to its end, waiting for a turn included.
    pub total: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_read_well_and_are_inert() {
        let reason = format!("\x1b[2J{}", "x".repeat(400));
        let shown = Outcome::Garbled { reason: reason.into() }.to_string();
        assert!(shown.starts_with("not an HTTP answer: \\x1b[2Jxx"), "{shown}");
        assert!(shown.len() < 240);
        let closed = Outcome::Closed { received: 0, status: None };
        assert_eq!(closed.to_string(), "connection closed without an answer");
        let answered = Outcome::Answered(Incoming { status: 204, cut: true, ..Incoming::default() });
        assert_eq!(answered.to_string(), "answered 204 with 0 bytes, cut");
        assert!(size_of::<Outcome>() <= 144, "{}", size_of::<Outcome>());
    }
}
