//! `run`

use std::future::{Future as _, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::Poll;

use proofhouse::checks::CHECKS;
use proofhouse::corpora::write_atomically;
use proofhouse::engine::campaign::{Campaign, Outcome, Selection};
use proofhouse::execute::Halt;
use proofhouse::exit::ExitCode;
use proofhouse::expect;
use proofhouse::finding::Finding;
use proofhouse::gate::{Gate, Judgement};
use proofhouse::identity::Vault;
use proofhouse::report::Report;
use proofhouse::report::text::{self, TextOptions};

use crate::args::{Format, RunArgs};
use crate::error::Failure;
use crate::output;
use crate::progress::Shown;
use crate::resolve::{Document, Resolved, resolve};

pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let selection = selection(&args.checks)?;
    let mut resolved = resolve(args.url.as_deref(), &args.target, Document::Needed)?;
    resolved.select(&args.include, &args.exclude)?;
    for warning in &resolved.warnings {
        output::note(&format!("warning: {warning}"));
    }
    if args.dry_run {
        return super::dry_run::dry_run(args, &resolved, &selection);
    }
    if let Some(path) = &args.baseline {
        // Before anything is sent: a file that cannot be read would cost a whole run.
        baseline(path)?;
    }
    let mut gate = resolved.gate.clone();
    if let Some(severity) = args.fail_on {
        gate.severity = severity;
    }
    let halt = Arc::new(Halt::default());
    stop_on_signal(&halt);
    let mut shown = Shown::new(args.time);
    let outcome = campaign(args, &resolved, selection, &halt, &shown)?
        .run(&mut |progress| shown.update(progress))
        .map_err(Failure::usage)?;
    shown.finish();
    if let Some(failure) = &outcome.write_failure {
        output::note(&format!("warning: {failure}"));
    }
    let mut outcome = outcome;
    let notes = standing(args, &resolved, &mut outcome.report)?;
    let judgement = gate.judge(&outcome.report, outcome.stopped.as_ref());
    save(args, &outcome.report)?;
    match args.format {
        Format::Json => output::result(&json(&outcome.report)),
        Format::Text => print(args, &resolved, &outcome, &gate, &judgement),
    }
    for note in notes {
        output::note(&format!("note: {note}"));
    }
    Ok(judgement.code)
}

fn campaign(
    args: &RunArgs,
    resolved: &Resolved,
    selection: Selection,
    halt: &Arc<Halt>,
    shown: &Shown,
) -> Result<Campaign, Failure> {
    let mut settings = resolved.settings.clone();
    settings.safe_only |= args.safe;
    Ok(Campaign {
        identities: resolved.identities.clone(),
        self_register: resolved.self_register,
        settings,
        selection,
        seed: args.seed.unwrap_or(1),
        workers: args.workers.clamp(1, 64),
        time: args.time,
        requests: args.requests,
        per_second: resolved.per_second,
        headers: resolved.headers.clone(),
        signing_key: resolved.signing_key.clone(),
        samples: resolved.samples.clone(),
        corpora: Some(args.corpora.clone()),
        report_dir: Some(args.report_dir.clone()),
        resume: args.resume,
        config_digest: digest(args, resolved),
        target: resolved.target_name(),
        kind: if resolved.embedded.is_some() { "range" } else { "http" }.to_owned(),
        record_cases: args.record_cases,
        shrink_executions: Campaign::SHRINK_EXECUTIONS,
        halt: Arc::clone(halt),
        vault: Arc::new(Vault::default()),
        told: shown.teller(),
        ..Campaign::new(Arc::clone(&resolved.surface), resolved.factory()?)
    })
}

/// What each finding is to the reader: known from the baseline, or expected.
fn standing(args: &RunArgs, resolved: &Resolved, report: &mut Report) -> Result<Vec<String>, Failure> {
    if let Some(path) = &args.baseline {
        expect::compare(&mut report.findings, &baseline(path)?);
    }
    Ok(expect::apply(&resolved.expected, &mut report.findings, jiff::Zoned::now().date()))
}

fn baseline(path: &Path) -> Result<Report, Failure> {
    let refused = |error: String| Failure::Usage(format!("--baseline {}: {error}", path.display()));
    let text = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| refused(format!("not a report.json: {error}")))
}

/// The checks that were asked for; an id that is none is an error that names the nearest.
pub(crate) fn selection(patterns: &[String]) -> Result<Selection, Failure> {
    for pattern in patterns {
        let id = pattern.trim_start_matches('!');
        let selection = Selection(vec![id.to_owned()]);
        if CHECKS.iter().any(|check| selection.has(check.about().id)) {
            continue;
        }
        return Err(unknown_check(id));
    }
    Ok(Selection(patterns.to_vec()))
}

pub(crate) fn unknown_check(id: &str) -> Failure {
    let ids = CHECKS.iter().map(|check| check.about().id);
    let nearest = ids.max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
    let hint = nearest.map(|nearest| format!(": did you mean `{nearest}`?")).unwrap_or_default();
    Failure::Usage(format!("there is no check `{id}`{hint} `proofhouse checks` lists them"))
}

/// What makes two runs the same: everything but budgets and secrets.
fn digest(args: &RunArgs, resolved: &Resolved) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hash = DefaultHasher::new();
    let identities: Vec<_> =
        resolved.identities.iter().map(|identity| (&identity.name, &identity.role)).collect();
    let operations: Vec<_> =
        resolved.surface.operations.iter().map(proofhouse::surface::Operation::name).collect();
    (identities, &args.checks, args.safe, &args.target.defects, operations).hash(&mut hash);
    format!("{:016x}", hash.finish())
}

/// The first Ctrl-C stops the traffic and keeps everything; the second ends at once. When this returns it is listened
/// for: nothing was sent before.
pub(crate) fn stop_on_signal(halt: &Arc<Halt>) {
    let halt = Arc::clone(halt);
    let (listening, is_listening) = channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let mut first = pin!(tokio::signal::ctrl_c());
            // A signal is listened for when it is waited for, and not before.
            let already = poll_fn(|context| match first.as_mut().poll(context) {
                Poll::Ready(pressed) => Poll::Ready(Some(pressed)),
                Poll::Pending => Poll::Ready(None),
            });
            let already = already.await;
            let _ = listening.send(());
            let pressed = match already {
                Some(pressed) => pressed,
                None => first.await,
            };
            if pressed.is_ok() {
                output::note("stopping: what was found is kept; press Ctrl-C again to end at once");
                halt.stop();
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                #[expect(clippy::exit, reason = "the second Ctrl-C means at once")]
                std::process::exit(i32::from(ExitCode::Interrupted as u8));
            }
        });
    });
    // Without a thread there is nobody to wait for.
    let _ = is_listening.recv();
}

fn save(args: &RunArgs, report: &Report) -> Result<(), Failure> {
    let path = args.report_dir.join("report.json");
    write_atomically(&path, json(report).as_bytes())
        .map_err(|error| Failure::Environment(format!("{}: {error}", path.display())))
}

fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

fn print(args: &RunArgs, resolved: &Resolved, outcome: &Outcome, gate: &Gate, judgement: &Judgement) {
    output::result(&scorecard(args, resolved, &outcome.report));
    let mut last = Vec::new();
    if let Some(stopped) = &outcome.stopped {
        last.push(match stopped {
            proofhouse::engine::campaign::Stopped::Interrupted => {
                "The run was interrupted; `--resume` goes on with it.".to_owned()
            }
            proofhouse::engine::campaign::Stopped::Unreachable => {
                format!("{} does not answer: nothing follows from this run.", resolved.target_name())
            }
        });
    }
    if judgement.findings > 0 {
        last.push(format!(
            "{} of the findings are at least {} and {}: exit {}.",
            judgement.findings,
            gate.severity,
            gate.confidence,
            ExitCode::Findings as u8
        ));
    }
    for why in &judgement.unproven {
        last.push(format!("Not proven: {why}."));
    }
    if judgement.code == ExitCode::Proven {
        last.push("Nothing that the gate names was found, and what it requires was proven.".to_owned());
    }
    last.extend(left_behind(args, &outcome.report));
    last.push(format!("Report: {}", args.report_dir.join("report.json").display()));
    output::result(&last.join("\n"));
}

/// What the run left in the target, and the command that removes it.
fn left_behind(args: &RunArgs, report: &Report) -> Option<String> {
    let left = report.left_behind;
    if left.is_nothing() {
        return None;
    }
    let objects =
        if left.objects == 1 { "1 object was".to_owned() } else { format!("{} objects were", left.objects) };
    let mut command = format!("proofhouse clean {}", args.report_dir.display());
    if let Some(config) = &args.target.config {
        command.push_str(&format!(" --config {}", config.display()));
    }
    if !args.target.identities.is_empty() {
        command.push_str(" --identity … (as in this run)");
    }
    Some(match left.without_delete {
        0 => format!("{objects} left behind: {command}"),
        n if n == left.objects => {
            format!("{objects} left behind, and the document has no operation that deletes any.")
        }
        n => format!("{objects} left behind, {n} of which no operation deletes: {command}"),
    })
}

fn scorecard(args: &RunArgs, resolved: &Resolved, report: &Report) -> String {
    let corpora = args.corpora.display().to_string();
    // On the embedded range a finding needs the defects that make its check fire, and no others.
    let replay_with = |finding: &Finding| match &resolved.embedded {
        None => format!("--target {}", report.target),
        Some(embedded) => embedded.replay_flags(&finding.check, &finding.operation.to_string()),
    };
    let options = TextOptions {
        width: output::width(),
        color: output::is_colored(),
        corpora: &corpora,
        replay_with: Some(&replay_with),
        ..TextOptions::default()
    };
    text::scorecard(report, &options)
}
