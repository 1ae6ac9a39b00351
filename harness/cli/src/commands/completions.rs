//! `completions`

use clap::CommandFactory as _;
use proofhouse::exit::ExitCode;

use crate::args::{Cli, CompletionsArgs};
use crate::error::Failure;
use crate::output;

#[expect(clippy::unnecessary_wraps, reason = "as every command")]
pub(crate) fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "proofhouse", &mut script);
    output::result(&String::from_utf8_lossy(&script));
    Ok(ExitCode::Proven)
}
