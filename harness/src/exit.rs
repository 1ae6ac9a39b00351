//! Exit codes: what a run says to the script that called it.

use serde::{Deserialize, Serialize};

/// Every exit code of the command line. When several apply: 70, 2, 3, 4, 1, 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum ExitCode {
    /// Nothing that the gate names was found, and what it requires was proven. `replay`: the case held.
    Proven = 0,
    /// Findings that the gate names. `replay`: the finding was reproduced.
    Findings = 1,
    /// Usage or configuration.
    Usage = 2,
    /// The target is unreachable, or stopped answering.
    Unreachable = 3,
    /// Interrupted.
    Interrupted = 4,
    /// Not enough was proven. `replay`: the case proves nothing.
    NotProven = 5,
    /// A defect in proofhouse.
    Defect = 70,
}

impl ExitCode {
    /// The one that wins when several apply.
    pub fn worst(codes: impl IntoIterator<Item = Self>) -> Self {
        const ORDER: [ExitCode; 6] = [
            ExitCode::Defect,
            ExitCode::Usage,
            ExitCode::Unreachable,
            ExitCode::Interrupted,
            ExitCode::Findings,
            ExitCode::NotProven,
        ];
        let codes: Vec<_> = codes.into_iter().collect();
        ORDER.into_iter().find(|code| codes.contains(code)).unwrap_or(Self::Proven)
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode::{self, Findings, NotProven, Proven, Unreachable, Usage};

    #[test]
    fn the_documented_order_holds() {
        assert_eq!(ExitCode::worst([]), Proven);
        assert_eq!(ExitCode::worst([NotProven, Findings]), Findings);
        assert_eq!(ExitCode::worst([Findings, Unreachable]), Unreachable);
        assert_eq!(ExitCode::worst([Unreachable, Usage]), Usage);
    }
}
