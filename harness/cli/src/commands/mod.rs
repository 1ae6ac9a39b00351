//! One file a command.

pub(crate) mod check_config;
pub(crate) mod checks;
pub(crate) mod range;
pub(crate) mod replay;
pub(crate) mod run;
