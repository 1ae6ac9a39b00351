//! `replay` and `shrink`

use std::path::Path;
use std::sync::Arc;

use proofhouse::accounts;
use proofhouse::case::{ANONYMOUS, Case};
use proofhouse::checks::{self, Verdict};
use proofhouse::corpora::{self, write_atomically};
use proofhouse::engine::{self, Replayed};
use proofhouse::execute::Session;
use proofhouse::exit::ExitCode;
use proofhouse::identity::Vault;
use proofhouse::message::inert_text;
use proofhouse::report::text::exchanges;
use serde_json::json;

use crate::args::{Format, ReplayArgs, TargetArgs};
use crate::error::Failure;
use crate::output;
use crate::resolve::{Document, Resolved, resolve};

/// The most executions that shrinking a case may take.
const EXECUTIONS: u32 = 600;

pub(crate) fn replay(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let cases = read_all(args)?;
    let (resolved, runtime, vault) =
        prepare(args.target.as_deref(), &args.about, cases.iter().map(|(_, case)| case))?;
    let mut codes = Vec::new();
    let mut documents = Vec::new();
    for (path, case) in &cases {
        let replayed = runtime.block_on(async {
            let session = resolved.session(&vault).await?;
            ready(case, &session)?;
            Ok::<_, Failure>(engine::replay(case, args.times.max(1), &session).await)
        })?;
        let code = code_of(&replayed);
        match args.format {
            Format::Json => documents.push(document(path, case, &replayed, code, &vault)),
            Format::Text => output::result(&describe(path, case, &replayed, &vault)),
        }
        codes.push(code);
    }
    if args.format == Format::Json {
        output::result(&serde_json::to_string_pretty(&documents).unwrap_or_default());
    }
    Ok(ExitCode::worst(codes))
}

pub(crate) fn shrink(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let cases = read_all(args)?;
    let (resolved, runtime, vault) =
        prepare(args.target.as_deref(), &args.about, cases.iter().map(|(_, case)| case))?;
    let mut codes = Vec::new();
    for (path, case) in &cases {
        let (replayed, small, executions) = runtime.block_on(async {
            let session = resolved.session(&vault).await?;
            ready(case, &session)?;
            let replayed = engine::replay(case, 1, &session).await;
            if replayed.verdict.violation().is_none() {
                return Ok((replayed, case.clone(), 0));
            }
            let (small, executions) = engine::shrink(case.clone(), EXECUTIONS, None, &session, None).await;
            Ok::<_, Failure>((replayed, small, executions))
        })?;
        let code = code_of(&replayed);
        codes.push(code);
        if code != ExitCode::Findings {
            output::result(&describe(path, case, &replayed, &vault));
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let smaller = folder.join(format!("{}-{}.json", small.check, small.digest()));
        write_atomically(&smaller, small.to_json().as_bytes())
            .map_err(|error| Failure::Environment(format!("{}: {error}", smaller.display())))?;
        output::result(&format!(
            "{}: {} steps and {} bytes became {} steps and {} bytes in {executions} executions: {}",
            path.display(),
            case.steps.len(),
            case.to_json().len(),
            small.steps.len(),
            small.to_json().len(),
            smaller.display()
        ));
    }
    Ok(ExitCode::worst(codes))
}

type Cases = Vec<(std::path::PathBuf, Case)>;

fn read_all(args: &ReplayArgs) -> Result<Cases, Failure> {
    let read = |path: &std::path::PathBuf| {
        let case = corpora::read(path).map_err(Failure::usage)?;
        if checks::by_id(&case.check).is_none() {
            let why = if case.check == "explore" {
                "it shows how the target answered once, and no weakness: exploring sends it again by itself"
                    .to_owned()
            } else {
                format!(
                    "this proofhouse has no check `{}` to judge the case with: update proofhouse",
                    case.check
                )
            };
            return Err(Failure::Usage(format!("{}: {why}", path.display())));
        }
        Ok((path.clone(), case))
    };
    args.cases.iter().map(read).collect()
}

/// The target of these cases, with whoever sends them.
pub(super) fn prepare<'c>(
    target: Option<&str>,
    about: &TargetArgs,
    mut cases: impl Iterator<Item = &'c Case>,
) -> Result<(Resolved, tokio::runtime::Runtime, Arc<Vault>), Failure> {
    // Accounts that a run made for itself are made again, as its document says.
    let needs = |case: &Case| case.steps.iter().any(|step| accounts::NAMES.contains(&step.identity.as_str()));
    let makes = cases.any(needs);
    let document = if makes { Document::Needed } else { Document::Unneeded };
    let mut resolved = resolve(target, about, document)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    let vault = Arc::new(Vault::default());
    for note in runtime.block_on(resolved.complete(&vault))? {
        output::note(&inert_text(&vault.redact(&note)));
    }
    if makes && resolved.self_register {
        let made = runtime.block_on(async {
            let session = resolved.session(&vault).await?;
            Ok::<_, Failure>(accounts::make(&resolved.surface, &session, 1).await)
        })?;
        output::note(&format!("accounts: {}", inert_text(&vault.redact(&made.note))));
        let given = resolved.identities.iter().map(|identity| identity.name.clone()).collect::<Vec<_>>();
        resolved.identities.extend(made.identities.into_iter().filter(|made| !given.contains(&made.name)));
    }
    Ok((resolved, runtime, vault))
}

/// Every identity that the case names must be configured here.
pub(super) fn ready(case: &Case, session: &Session) -> Result<(), Failure> {
    let listed = case.identities.iter().map(|need| (need.name.as_str(), need.role.as_deref()));
    // A case by hand may name an identity in a step alone.
    let named = case.steps.iter().map(|step| (step.identity.as_str(), None));
    let missing = |name: &str| name != ANONYMOUS && session.wallet().identity(name).is_none();
    match listed.chain(named).find(|(name, _)| missing(name)) {
        None => Ok(()),
        Some((name, role)) => {
            let role = role.map(|role| format!("@{role}")).unwrap_or_default();
            Err(Failure::Usage(format!(
                "the case needs an identity `{name}`: give one with --identity {name}{role}=SPEC"
            )))
        }
    }
}

fn code_of(replayed: &Replayed) -> ExitCode {
    if replayed.confirmation.reproduced.k > 0 {
        return ExitCode::Findings;
    }
    let unreachable = !replayed.evidence.is_empty()
        && replayed.evidence.iter().all(|exchange| {
            exchange.response.starts_with("no connection") || exchange.response.starts_with("no address")
        });
    match &replayed.verdict {
        _ if unreachable => ExitCode::Unreachable,
        Verdict::Held => ExitCode::Proven,
        _ => ExitCode::NotProven,
    }
}

/// What a replay showed. A verdict tells of what the target answered: secrets are taken out, and it is made inert.
fn describe(path: &Path, case: &Case, replayed: &Replayed, vault: &Vault) -> String {
    let reproduced = replayed.confirmation.reproduced;
    let mut text = exchanges(&replayed.evidence);
    text.push('\n');
    let verdict = match &replayed.verdict {
        Verdict::Violated(violation) => format!("{}\n{}", violation.title, violation.detail),
        Verdict::Held => "The invariant held.".to_owned(),
        Verdict::Vacuous(why) => format!("Nothing follows: {why}."),
        Verdict::NotMine => "The check does not judge this case.".to_owned(),
    };
    let flaky = if reproduced.k > 0 && reproduced.k < reproduced.n { " (flaky)" } else { "" };
    text.push_str(&format!(
        "{}: {}\n{}\nreproduced {} of {}{flaky}\n",
        path.display(),
        case.check,
        vault.redact(&inert_text(&verdict)),
        reproduced.k,
        reproduced.n
    ));
    text
}

fn document(
    path: &Path,
    case: &Case,
    replayed: &Replayed,
    code: ExitCode,
    vault: &Vault,
) -> serde_json::Value {
    let why = if let Verdict::Vacuous(why) = &replayed.verdict { Some(why) } else { None };
    json!({
        "case_file": path.display().to_string(),
        "check": case.check,
        "operation": case.operation,
        "verdict": replayed.verdict.name(),
        "title": replayed.verdict.violation().map(|violation| vault.redact(&inert_text(&violation.title))),
        "why": why.map(|why| vault.redact(&inert_text(why))),
        "reproduced": replayed.confirmation.reproduced,
        "exit_code": code as u8,
        "evidence": replayed.evidence,
    })
}
