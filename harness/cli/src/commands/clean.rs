//! `clean`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use proofhouse::case::ANONYMOUS;
use proofhouse::exit::ExitCode;
use proofhouse::identity::Vault;
use proofhouse::ledger::{self, Book, Left, Made, Marks, Removal};
use proofhouse::message::inert_text;
use serde_json::json;

use super::run::stop_on_signal;
use crate::args::{CleanArgs, Format};
use crate::error::Failure;
use crate::output;
use crate::resolve::{Document, Resolved, resolve};

/// Requests in a row that may find nobody before it gives up.
const NOBODY: u32 = 3;
/// Objects that are left and named in the text, at most; the JSON names all.
const SHOWN: usize = 12;

/// What became of every object.
#[derive(Default)]
struct Outcome {
    removed: Vec<Made>,
    absent: Vec<Made>,
    left: Vec<(Made, String)>,
    no_way: Vec<Made>,
    /// Nobody answers: the rest was not tried.
    unreachable: Option<String>,
    stopped: bool,
    untried: usize,
    unlisted: u64,
}

pub(crate) fn clean(args: &CleanArgs) -> Result<ExitCode, Failure> {
    let book = ledger::read(&args.report_dir).map_err(Failure::usage)?;
    let Some(left) = of_target(args, &book)? else { return Ok(nothing(args, &book)) };
    let target = args.target.clone().unwrap_or_else(|| left.target.clone());
    if target.trim_end_matches('/') != left.target {
        output::note(&format!("warning: the ledger is of {}, and {target} is asked", left.target));
    }
    let document = if args.about.openapi.is_empty() { Document::Unneeded } else { Document::Needed };
    let resolved = resolve(Some(&target), &args.about, document)?;
    let mut made = left.made.clone();
    ledger::look_up(&mut made, &resolved.surface);
    // What was made last may hang below what was made before.
    made.reverse();
    if args.dry_run {
        return Ok(dry_run(args, left, &made, &resolved));
    }
    let outcome = remove_all(args, left, made, &resolved)?;
    let code = outcome.code();
    match args.format {
        Format::Text => output::result(&inert_text(&outcome.text(&target))),
        Format::Json => output::result(&outcome.json(&target, &book, code)),
    }
    for other in book.left.iter().filter(|other| other.target != left.target) {
        output::note(&format!(
            "note: {} more are in {}: proofhouse clean {} --target {}",
            count(other.made.len() as u64 + other.unlisted),
            other.target,
            args.report_dir.display(),
            other.target
        ));
    }
    Ok(code)
}

/// What is left in the target that is meant: the one that was named, or the one that the last run had.
fn of_target<'b>(args: &CleanArgs, book: &'b Book) -> Result<Option<&'b Left>, Failure> {
    let at = |target: &str| book.left.iter().find(|left| left.target == target.trim_end_matches('/'));
    let Some(target) = &args.target else { return Ok(at(&book.last.target).or(book.left.last())) };
    match (at(target), book.left.as_slice()) {
        (None, []) => Ok(None),
        // The only one may listen elsewhere by now.
        (Some(left), _) | (None, [left]) => Ok(Some(left)),
        (None, several) => {
            let targets: Vec<_> = several.iter().map(|left| left.target.as_str()).collect();
            Err(Failure::Usage(format!(
                "--target {target}: the ledger is of other targets, name one of them: {}",
                targets.join(", ")
            )))
        }
    }
}

fn nothing(args: &CleanArgs, book: &Book) -> ExitCode {
    let why = if book.last.kind == "range" { ": the embedded range is gone with its run" } else { "" };
    match args.format {
        Format::Text => output::result(&format!("Nothing is left to remove{why}.")),
        Format::Json => output::result(&Outcome::default().json(&book.last.target, book, ExitCode::Proven)),
    }
    ExitCode::Proven
}

fn dry_run(args: &CleanArgs, left: &Left, made: &[Made], resolved: &Resolved) -> ExitCode {
    let lines: Vec<_> = made
        .iter()
        .map(|made| match &made.delete {
            Some(_)
                if resolved.identities.iter().all(|one| one.name != made.identity)
                    && made.identity != ANONYMOUS =>
            {
                format!("  DELETE {}  by others: `{}` is not given", made.path, made.identity)
            }
            Some(_) => format!("  DELETE {}  by {}", made.path, made.identity),
            None => format!("  no operation deletes what {} made: {}", made.operation, called(made)),
        })
        .collect();
    let deletable = made.iter().filter(|made| made.delete.is_some()).count() as u64;
    match args.format {
        Format::Text => output::result(&inert_text(&format!(
            "{}\n{} of {} can be deleted.\nNothing was sent.",
            lines.join("\n"),
            deletable,
            count(made.len() as u64 + left.unlisted)
        ))),
        Format::Json => {
            output::result(&pretty(&json!({"target": left.target, "objects": made, "dry_run": true})));
        }
    }
    ExitCode::Proven
}

fn remove_all(
    args: &CleanArgs,
    left: &Left,
    made: Vec<Made>,
    resolved: &Resolved,
) -> Result<Outcome, Failure> {
    missing(&made, resolved)?;
    let vault = Arc::new(Vault::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    let unwritable = |error: std::io::Error| {
        Failure::Environment(format!("{}: {error}", args.report_dir.join(ledger::FILE).display()))
    };
    let mut marks = Marks::open(&args.report_dir, &left.target).map_err(unwritable)?;
    let halt = Arc::default();
    stop_on_signal(&halt);
    runtime.block_on(async {
        let session = resolved.session_until(&vault, &halt).await?;
        let mut outcome = Outcome { unlisted: left.unlisted, ..Outcome::default() };
        let (mut nobody, all) = (0, made.len());
        for (index, made) in made.into_iter().enumerate() {
            let removal = ledger::remove(&made, &session).await;
            nobody = if matches!(removal, Removal::Unreachable(_)) { nobody + 1 } else { 0 };
            if matches!(removal, Removal::Removed | Removal::Absent) {
                marks.gone(&made).map_err(unwritable)?;
            }
            match removal {
                Removal::Removed => outcome.removed.push(made),
                Removal::Absent => outcome.absent.push(made),
                Removal::NoWay => outcome.no_way.push(made),
                Removal::Unreachable(why) if nobody >= NOBODY || index + 1 == all => {
                    outcome.left.push((made, why.clone()));
                    outcome.unreachable = Some(why);
                    outcome.untried = all - index - 1;
                    break;
                }
                Removal::Left(why) | Removal::Unreachable(why) => outcome.left.push((made, why)),
                Removal::Stopped => {
                    outcome.stopped = true;
                    outcome.untried = all - index;
                    break;
                }
            }
        }
        Ok(outcome)
    })
}

/// Where nobody is given who made anything, or could help, an identity was forgotten.
fn missing(made: &[Made], resolved: &Resolved) -> Result<(), Failure> {
    let deletable = made.iter().filter(|made| made.delete.is_some());
    let makers: BTreeSet<&str> = deletable.map(|made| made.identity.as_str()).collect();
    if makers.is_empty() || makers.contains(ANONYMOUS) || !resolved.identities.is_empty() {
        return Ok(());
    }
    let makers: Vec<_> = makers.into_iter().collect();
    Err(Failure::Usage(format!(
        "what is left was made by {}: give the same --identity or --config as in the run",
        makers.join(", ")
    )))
}

impl Outcome {
    fn code(&self) -> ExitCode {
        let is_left =
            !self.left.is_empty() || !self.no_way.is_empty() || self.untried > 0 || self.unlisted > 0;
        ExitCode::worst(
            [
                self.unreachable.as_ref().map(|_| ExitCode::Unreachable),
                self.stopped.then_some(ExitCode::Interrupted),
                is_left.then_some(ExitCode::NotProven),
            ]
            .into_iter()
            .flatten(),
        )
    }

    fn text(&self, target: &str) -> String {
        let mut text = format!("{target}\n");
        let mut by_operation: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        let left = self.left.iter().map(|(made, _)| made);
        for (kind, made) in
            [self.removed.iter().collect(), self.absent.iter().collect(), left.collect::<Vec<_>>()]
                .into_iter()
                .enumerate()
        {
            for made in made {
                by_operation.entry(made.delete.as_deref().unwrap_or_default()).or_default()[kind] += 1;
            }
        }
        for (operation, [removed, absent, left]) in &by_operation {
            let parts = [(removed, "removed"), (absent, "gone before"), (left, "left")];
            let parts: Vec<_> =
                parts.iter().filter(|(n, _)| **n > 0).map(|(n, what)| format!("{n} {what}")).collect();
            let _ = writeln!(text, "  {operation:34}  {}", parts.join(", "));
        }
        let mut without: BTreeMap<&str, Vec<&Made>> = BTreeMap::new();
        for made in &self.no_way {
            without.entry(&made.operation).or_default().push(made);
        }
        for (operation, made) in without {
            let named: Vec<_> = made.iter().take(4).map(|made| called(made)).collect();
            let more = if made.len() > named.len() { ", …" } else { "" };
            let _ = writeln!(
                text,
                "  {operation:34}  {} left: no operation deletes what it made ({}{more})",
                made.len(),
                named.join(", ")
            );
        }
        for (made, why) in self.left.iter().take(SHOWN) {
            let _ = writeln!(text, "  left  {}, made by {}: {why}", made.path, made.identity);
        }
        if self.left.len() > SHOWN {
            let _ = writeln!(
                text,
                "  left  … and {} more: --format json names them all",
                self.left.len() - SHOWN
            );
        }
        if self.unlisted > 0 {
            let _ = writeln!(
                text,
                "  {} more were counted and not listed; their names begin with `ph-`",
                self.unlisted
            );
        }
        if let Some(why) = &self.unreachable {
            let _ = writeln!(text, "Nobody answers at {target}: {why}.");
        }
        let gone = self.removed.len() + self.absent.len();
        let left = (self.left.len() + self.no_way.len() + self.untried) as u64 + self.unlisted;
        let _ = match left {
            0 => writeln!(text, "{} gone, nothing is left.", count(gone as u64)),
            left => writeln!(text, "{} gone, {left} left.", count(gone as u64)),
        };
        text
    }

    fn json(&self, target: &str, book: &Book, code: ExitCode) -> String {
        let left = self.left.iter().map(|(made, why)| json!({"object": made, "why": inert_text(why)}));
        pretty(&json!({
            "target": target,
            "ledger": book.path.display().to_string(),
            "removed": self.removed,
            "gone_before": self.absent,
            "left": left.collect::<Vec<_>>(),
            "without_delete": self.no_way,
            "untried": self.untried,
            "unlisted": self.unlisted,
            "exit_code": code as u8,
        }))
    }
}

/// What an object is called where it has no path.
fn called(made: &Made) -> String {
    match (made.path.as_str(), made.id.as_str()) {
        ("", "") => "its id is a secret".to_owned(),
        ("", id) => id.to_owned(),
        (path, _) => path.to_owned(),
    }
}

fn count(objects: u64) -> String {
    if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") }
}

fn pretty(json: &serde_json::Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}
