//! Failures of the command line, each with whose fault it is.

use proofhouse::exit::ExitCode;

/// Why a command ended without doing what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The user's: what to mend is in the text.
    #[error("{0}")]
    Usage(String),
    /// The target's, or the network's.
    #[error("{0}")]
    Unreachable(String),
    /// An identity does not work.
    #[error("{0}")]
    NotProven(String),
    /// This machine's.
    #[error("{0}")]
    Environment(String),
}

impl Failure {
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Environment(_) => ExitCode::Usage,
            Self::Unreachable(_) => ExitCode::Unreachable,
            Self::NotProven(_) => ExitCode::NotProven,
        }
    }

    pub(crate) fn usage(error: impl std::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }
}
