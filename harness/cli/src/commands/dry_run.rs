//! `run --dry-run` and `checks --why-not`: what would be sent and what could be proven. Nothing is sent.

use std::fmt::Write as _;
use std::sync::Arc;

use proofhouse::case::ANONYMOUS;
use proofhouse::engine::campaign::{Forecast, Selection, forecast};
use proofhouse::exit::ExitCode;
use proofhouse::generate::{Manner, Seeded, World, request};
use proofhouse::message::inert_text;

use crate::args::{RunArgs, TargetArgs};
use crate::error::Failure;
use crate::output;
use crate::resolve::{Document, Resolved, resolve};

/// The column of what is said of a check.
const WIDTH: usize = 34;

pub(crate) fn dry_run(
    args: &RunArgs,
    resolved: &Resolved,
    selection: &Selection,
) -> Result<ExitCode, Failure> {
    let mut settings = resolved.settings.clone();
    settings.safe_only |= args.safe;
    let mut text = String::new();
    let _ = writeln!(text, "target      {}", resolved.target_name());
    let _ = writeln!(text, "document    {}", resolved.surface.title);
    let data = match (settings.safe_only, settings.disposable_data) {
        (true, _) => "safe methods only",
        (_, true) => "everything may be changed and lost",
        _ => "writes go to what the run itself makes",
    };
    let _ = writeln!(text, "data        {data}");
    for identity in &resolved.identities {
        let role = identity.role.as_deref().unwrap_or("no role");
        let _ = writeln!(text, "identity    {} ({role})", identity.name);
    }
    let (accounts, all) = resolved.accounts(args.safe);
    let _ = writeln!(text, "accounts    {accounts}");
    let world =
        World { surface: Arc::clone(&resolved.surface), settings: settings.clone(), ..World::default() };
    let (mut operations, mut unusable) = (String::new(), Vec::new());
    for (index, operation) in resolved.surface.operations.iter().enumerate() {
        let name = operation.name();
        if settings.safe_only && !operation.is_safe() {
            let _ = writeln!(operations, "  {name:WIDTH$}  not sent: no safe method");
            continue;
        }
        let mut src = Seeded::derive(args.seed.unwrap_or(1), &["dry-run", &name]);
        match request(&world, index, ANONYMOUS, Manner::Full, &mut src) {
            Some(draft) => {
                let made = draft.inputs();
                let inputs = match made.len() {
                    0 => "no input".to_owned(),
                    1 => "1 input".to_owned(),
                    n => format!("{n} inputs"),
                };
                let _ = writeln!(operations, "  {name:WIDTH$}  {inputs}");
            }
            None => unusable.push(name),
        }
    }
    let _ = writeln!(text, "\nOPERATIONS  {}", resolved.surface.operations.len());
    text.push_str(&operations);
    for name in unusable {
        let _ = writeln!(text, "  {name:WIDTH$}  no valid request can be made from the document");
    }
    for left in &settings.left_out {
        let _ = writeln!(text, "  {:WIDTH$}  left out: {}", left.operation, left.why);
    }
    for broken in &resolved.surface.broken {
        let _ = writeln!(text, "  skipped, at {}: {}", broken.pointer, broken.reason);
    }
    let _ = write!(text, "\n{}", table(&forecast(&resolved.surface, &all, &settings, selection)));
    let _ = write!(text, "\nNothing was sent.");
    output::result(&inert_text(&text));
    Ok(ExitCode::Proven)
}

/// `checks --why-not`
pub(crate) fn why_not(url: Option<&str>, target: &TargetArgs) -> Result<ExitCode, Failure> {
    let resolved = resolve(url, target, Document::Needed)?;
    let (_, identities) = resolved.accounts(false);
    let all = forecast(&resolved.surface, &identities, &resolved.settings, &Selection::default());
    output::result(&inert_text(table(&all).trim_end()));
    Ok(ExitCode::Proven)
}

/// What each check could prove, and what the others lack.
fn table(forecasts: &[Forecast]) -> String {
    let (skipped, ready): (Vec<_>, Vec<_>) =
        forecasts.iter().partition(|forecast| forecast.skipped.is_some() || forecast.operations == 0);
    let mut text = format!("READY       {} of {} checks\n", ready.len(), forecasts.len());
    for forecast in ready {
        let operations = if forecast.operations == 1 { "operation" } else { "operations" };
        let _ =
            writeln!(text, "  {:WIDTH$}  {} {operations} at most", forecast.about.id, forecast.operations);
    }
    if skipped.is_empty() {
        return text;
    }
    let _ = writeln!(text, "\nNOT READY   {}", skipped.len());
    for forecast in skipped {
        match &forecast.skipped {
            Some(skipped) => {
                let _ = writeln!(text, "  {:WIDTH$}  {}", forecast.about.id, skipped.reason);
                let _ = writeln!(text, "  {:WIDTH$}  enable: {}", "", skipped.enable);
            }
            None => {
                let _ = writeln!(
                    text,
                    "  {:WIDTH$}  no operation of the document has what it looks at",
                    forecast.about.id
                );
            }
        }
    }
    text
}
