//! What goes wrong between the first byte out and the last byte in.

use std::borrow::Cow;
use std::io;

use super::tls::ended_at;
use crate::message::Stage;

/// What goes wrong on a connection.
#[derive(Debug)]
pub(super) enum Fault {
    Closed,
    Reset,
    Garbled(Cow<'static, str>),
    /// TLS failed, and as what; with TLS 1.3 that is also how a server refuses our certificate.
    Tls(Stage, String),
}

impl Fault {
    /// Whether an idle connection that had been closed would look like this.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Closed | Self::Reset)
    }
}

impl From<&'static str> for Fault {
    fn from(reason: &'static str) -> Self {
        Self::Garbled(reason.into())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            // TLS without its goodbye, and a peer that is gone while we write.
            Kind::UnexpectedEof | Kind::BrokenPipe | Kind::NotConnected => Self::Closed,
            // How tokio-rustls hands on the errors of rustls.
            Kind::InvalidData => Self::Tls(ended_at(&error), error.to_string()),
            // The network gave up on the connection, whoever said so.
            _ => Self::Reset,
        }
    }
}
