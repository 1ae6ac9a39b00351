//! `import`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofhouse::case::{Case, cases_in};
use proofhouse::checks;
use proofhouse::corpora::Corpora;
use proofhouse::engine;
use proofhouse::exit::ExitCode;
use proofhouse::identity::Vault;
use proofhouse::message::inert_text;

use super::replay::{prepare, ready};
use crate::args::ImportArgs;
use crate::error::Failure;
use crate::output;
use crate::resolve::Resolved;

/// The most files that folders are searched for.
const MOST_FILES: usize = 100_000;

/// A case, where it was found, and where it is kept now.
struct Taken {
    from: PathBuf,
    to: String,
    case: Case,
    is_new: bool,
}

pub(crate) fn import(args: &ImportArgs) -> Result<ExitCode, Failure> {
    let files = files(&args.files)?;
    let corpora = Corpora::at(&args.corpora);
    let mut taken: BTreeMap<String, Taken> = BTreeMap::new();
    let mut empty = 0_usize;
    for file in &files {
        let bytes =
            std::fs::read(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        let found = cases_in(&bytes);
        empty += usize::from(found.is_empty());
        for case in found {
            match case {
                Ok(case) => keep(&corpora, file, case, &mut taken)?,
                Err(error) => output::note(&format!("{}: {error}", file.display())),
            }
        }
    }
    if taken.is_empty() {
        let among = files.first().map(|file| file.display().to_string()).unwrap_or_default();
        return Err(Failure::Usage(format!(
            "no case in {} ({among} …): an artifact of a target whose inputs are bytes holds none, and running \
             the target with it writes what it finds",
            counted(files.len(), "file")
        )));
    }
    for one in taken.values() {
        output::result(&described(one));
    }
    let new = taken.values().filter(|one| one.is_new).count();
    output::result(&format!(
        "{} from {}: {new} new, {} known before{}",
        counted(taken.len(), "case"),
        counted(files.len(), "file"),
        taken.len() - new,
        if empty == 0 { String::new() } else { format!("; without a case: {}", counted(empty, "file")) }
    ));
    if args.twice { check(args, &taken) } else { Ok(ExitCode::Proven) }
}

/// Every file that is named, and those of folders, deep ones too.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut open: Vec<PathBuf> = named.to_vec();
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        let failure = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
        let about = std::fs::metadata(&path).map_err(failure)?;
        if about.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(failure)? {
                open.push(entry.map_err(failure)?.path());
            }
        } else {
            files.push(path);
        }
        if files.len() > MOST_FILES {
            return Err(Failure::Usage(format!("more than {MOST_FILES} files: name a smaller folder")));
        }
    }
    files.sort();
    Ok(files)
}

/// What a check judges goes to the findings, and what shows how a service answers to the seeds.
fn keep(
    corpora: &Corpora,
    from: &Path,
    case: Case,
    taken: &mut BTreeMap<String, Taken>,
) -> Result<(), Failure> {
    let part = match checks::by_id(&case.check) {
        Some(_) => "findings",
        None if case.check == "explore" => "seeds",
        None => {
            output::note(&format!(
                "{}: this proofhouse has no check `{}`: kept as a seed of the tests that have it",
                from.display(),
                inert_text(&case.check)
            ));
            "seeds"
        }
    };
    let to = format!("{part}/{}-{}.json", inert_name(&case.check), case.digest());
    let is_new = !corpora.root().join(&to).exists();
    if is_new {
        corpora.save(&to, &case).map_err(|error| {
            Failure::Environment(format!("{}: {error}", corpora.root().join(&to).display()))
        })?;
    }
    let to = corpora.root().join(to).display().to_string();
    taken.entry(to.clone()).or_insert(Taken { from: from.to_owned(), to, case, is_new });
    Ok(())
}

/// A name that is a file's: a check of somebody else's may be called anything.
fn inert_name(check: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    check.chars().take(64).map(plain).collect()
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn described(taken: &Taken) -> String {
    format!(
        "{}  {} in {}, from {}{}",
        taken.to,
        inert_text(&taken.case.operation),
        counted(taken.case.steps.len(), "step"),
        taken.from.display(),
        if taken.is_new { "" } else { " (known before)" }
    )
}

/// Runs each case twice, each time in a session of its own, and names those that are not answered alike.
fn check(args: &ImportArgs, taken: &BTreeMap<String, Taken>) -> Result<ExitCode, Failure> {
    let cases = taken.values().map(|one| &one.case);
    let (resolved, runtime, vault) = prepare(args.target.as_deref(), &args.about, cases)?;
    let (mut runs, mut unstable) = (0_usize, 0_usize);
    for one in taken.values() {
        let differences = runtime.block_on(twice(&resolved, &one.case, &vault))?;
        runs += 1;
        unstable += usize::from(!differences.is_empty());
        for difference in differences {
            let text = vault.redact(&inert_text(&difference.to_string()));
            output::result(&format!("{}: not deterministic: {text}", one.to));
        }
    }
    output::result(&format!("run twice: {unstable} of {} not answered alike", counted(runs, "case")));
    Ok(if unstable == 0 { ExitCode::Proven } else { ExitCode::NotProven })
}

async fn twice(
    resolved: &Resolved,
    case: &Case,
    vault: &Arc<Vault>,
) -> Result<Vec<engine::Difference>, Failure> {
    let (first, second) = (resolved.session(vault).await?, resolved.session(vault).await?);
    ready(case, &first)?;
    Ok(engine::twice(case, &first, &second).await)
}
