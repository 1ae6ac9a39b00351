//! The command line of proofhouse.

mod args;
mod commands;
mod config;
mod document;
mod embedded;
mod error;
mod identities;
mod output;
mod progress;
mod resolve;
mod select;

use clap::Parser as _;
use proofhouse::exit::ExitCode;

use crate::args::{Cli, Command};

/// A judged exchange allocates some two hundred times; the system's allocator was a sixth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a usage error.
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Proven };
            let _ = error.print();
            return code.into();
        }
    };
    let result = std::panic::catch_unwind(|| match &cli.command {
        Command::Run(args) => commands::run::run(args),
        Command::Replay(args) => commands::replay::replay(args),
        Command::Shrink(args) => commands::replay::shrink(args),
        Command::Checks(args) => commands::checks::checks(args),
        Command::Explain(args) => commands::checks::explain(args),
        Command::Import(args) => commands::import::import(args),
        Command::Init(args) => commands::init::init(args),
        Command::Clean(args) => commands::clean::clean(args),
        Command::Completions(args) => commands::completions::completions(args),
        Command::Range(args) => commands::range::range(args),
        Command::CheckConfig(args) => commands::check_config::check_config(args),
    });
    match result {
        Ok(Ok(code)) => code.into(),
        Ok(Err(failure)) => {
            output::error(&failure.to_string());
            failure.code().into()
        }
        Err(_) => {
            output::error("this is a defect in proofhouse; please report it with the message above");
            ExitCode::Defect.into()
        }
    }
}
