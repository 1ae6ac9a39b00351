//! One file a command.

pub(crate) mod check_config;
pub(crate) mod checks;
pub(crate) mod clean;
pub(crate) mod completions;
pub(crate) mod dry_run;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod range;
pub(crate) mod replay;
pub(crate) mod run;

pub(crate) use run::unknown_check;
