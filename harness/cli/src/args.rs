//! What was typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Fires adversarial traffic at an HTTP API and stamps, practice by practice, what holds.
#[derive(Debug, Parser)]
#[command(name = "proofhouse", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Attack a target and report. Without a URL: the embedded range.
    Run(Box<RunArgs>),
    /// Send a case file again and say whether its finding is still there.
    Replay(Box<ReplayArgs>),
    /// Make a case file as small as it gets.
    Shrink(Box<ReplayArgs>),
    /// List the checks.
    Checks(Box<ChecksArgs>),
    /// Explain a check.
    Explain(ExplainArgs),
    /// Serve the embedded range.
    Range(RangeArgs),
    /// Look at a target and write a commented `proofhouse.toml` for it.
    Init(Box<InitArgs>),
    /// Take cases out of libFuzzer's artifacts and corpora, and out of what property tests print and keep.
    Import(Box<ImportArgs>),
    /// Remove what runs made in their target: everything that the ledger of a report directory still names.
    Clean(Box<CleanArgs>),
    /// Print the completions of a shell.
    Completions(CompletionsArgs),
    /// Resolve the configuration, log each identity in, and print what can be proven. Attacks nothing.
    CheckConfig(Box<RunArgs>),
}

/// What names a target and who sends.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TargetArgs {
    /// What describes the API: an OpenAPI document, a HAR recording, a Postman collection or a list of requests
    /// (.http); a file, or a URL of the target. May be repeated: the first wins, and the later ones fill in.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) openapi: Vec<String>,
    /// The configuration; `proofhouse.toml` of the working directory is used when there is one.
    #[arg(long, value_name = "FILE", env = "PROOFHOUSE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Somebody who sends: user:NAME:PASS (the login is found in the document), bearer:TOKEN,
    /// basic:USER:PASS, apikey:header|query|cookie:NAME:VALUE, cert:CHAIN-FILE:KEY-FILE, oauth2:TOKEN-PATH:CLIENT:SECRET or
    /// login:METHOD:PATH:JSON-BODY:JSON-POINTER. A value may be env:VAR, file:PATH or cmd:COMMAND.
    #[arg(long = "identity", value_name = "NAME[@ROLE]=SPEC")]
    pub(crate) identities: Vec<String>,
    /// Build this defect into the embedded range; may be repeated; `none` is the hardened range.
    #[arg(long = "defect", value_name = "ID")]
    pub(crate) defects: Vec<String>,
    /// Send this header with every request.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Trust these certificates too (PEM).
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Do not verify the target's certificate.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Show this certificate to the target (PEM).
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Send through this proxy, as a tunnel: http://HOST:PORT.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Requests a second, at most.
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<u32>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    /// The target, such as http://127.0.0.1:8080/v2.
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// The checks to run: ids, prefixes with `*`, or `!ID` to leave one out, separated by commas.
    #[arg(long, value_name = "SEL", value_delimiter = ',')]
    pub(crate) checks: Vec<String>,
    /// Attack these operations and no others: `METHOD /path/**`, `tag:NAME` or `id:NAME`; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) include: Vec<String>,
    /// Leave these operations alone; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// The same seed sends the same cases.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The time that the run may take, such as 30s or 10m.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) time: Option<std::time::Duration>,
    /// The requests that the run may plan.
    #[arg(long, value_name = "N")]
    pub(crate) requests: Option<u64>,
    /// How many workers send.
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) workers: usize,
    /// Where case files go.
    #[arg(long, value_name = "DIR", default_value = "corpora")]
    pub(crate) corpora: PathBuf,
    /// Where the report and the journal go.
    #[arg(long, value_name = "DIR", default_value = "reports/latest")]
    pub(crate) report_dir: PathBuf,
    /// Compare with the report of an earlier run: what it holds already fails nothing.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Go on with the run whose journal is in the report directory.
    #[arg(long)]
    pub(crate) resume: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Findings at least as bad as this fail the run.
    #[arg(long, value_name = "SEV")]
    pub(crate) fail_on: Option<proofhouse::checks::Severity>,
    /// Send safe methods only (GET, HEAD, OPTIONS).
    #[arg(long)]
    pub(crate) safe: bool,
    /// Show what would be sent, by whom and for which checks, and send nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the digest of every case into the journal.
    #[arg(long, hide = true)]
    pub(crate) record_cases: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The scorecard.
    #[default]
    Text,
    /// The report, one JSON document.
    Json,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArgs {
    /// The case files.
    #[arg(value_name = "CASE", required = true)]
    pub(crate) cases: Vec<PathBuf>,
    /// The target; without one, the embedded range.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) about: TargetArgs,
    /// How often each case is run.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) times: u32,
    /// What is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// Files and folders: a libFuzzer artifact or corpus, a proptest's regressions, or any log that holds cases.
    #[arg(value_name = "FILE|FOLDER", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where the cases go: `findings` where a check judges them, else `seeds`.
    #[arg(long, value_name = "DIR", default_value = "corpora")]
    pub(crate) corpora: PathBuf,
    /// Run each case twice and say which are not answered alike: they prove less than they seem to.
    #[arg(long)]
    pub(crate) twice: bool,
    /// The target of --twice; without one, the embedded range.
    #[arg(long, value_name = "URL", requires = "twice")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) about: TargetArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CleanArgs {
    /// The report directory of the runs.
    #[arg(value_name = "REPORT-DIR", default_value = "reports/latest")]
    pub(crate) report_dir: PathBuf,
    /// The target, where the ledger names several, or where it has moved since.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) about: TargetArgs,
    /// Show what would be deleted, and by whom; send nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct InitArgs {
    /// The target, such as http://127.0.0.1:8080/v2.
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Where to write it; `-` prints it.
    #[arg(long, value_name = "FILE", default_value = "proofhouse.toml")]
    pub(crate) output: PathBuf,
    /// Write over a file that is there.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ChecksArgs {
    /// Say for each check whether it can run against this target, and what would enable it. Only the document is
    /// fetched; nobody logs in.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    pub(crate) why_not: Option<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// What is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// The check reference.
    Markdown,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// The check.
    #[arg(value_name = "CHECK")]
    pub(crate) check: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RangeArgs {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub(crate) port: u16,
    /// Build this defect in; may be repeated.
    #[arg(long = "defect", value_name = "ID")]
    pub(crate) defects: Vec<String>,
    /// List the defects.
    #[arg(long)]
    pub(crate) list: bool,
}

fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    proofhouse::duration::millis(text).map(std::time::Duration::from_millis)
}
