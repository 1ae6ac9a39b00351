//! From the fold to the report.

use std::collections::{BTreeMap, HashMap};

use super::fold::{Folded, Valid};
use super::look::Lookout;
use super::select::Selection;
use crate::case::Case;
use crate::checks::{self, About, Invariant, Kind, Need, Practice, Severity};
use crate::finding::{Finding, OperationName, State};
use crate::generate::World;
use crate::ledger::Summary;
use crate::report::{
    Behaviours, Cell, CheckSummary, Environment, IdentitySummary, LeftOut, OperationSummary, PracticeSummary,
    Report, SCHEMA_VERSION, Skipped, Tool, Vacuous,
};

/// What the report says of the run itself.
pub(super) struct Facts {
    pub(super) target: String,
    pub(super) kind: String,
    pub(super) seed: u64,
    pub(super) started: String,
    pub(super) finished: String,
    pub(super) seconds: f64,
    pub(super) requests: u64,
    pub(super) waited: std::time::Duration,
    pub(super) behaviours: Behaviours,
    pub(super) left_behind: Summary,
    pub(super) workers: usize,
    /// Requests under way at once, where they were bounded.
    pub(super) at_once: Option<usize>,
    /// What came of making accounts.
    pub(super) accounts: String,
    pub(super) config_digest: String,
}

/// Whether nobody ever answered.
pub(super) fn nobody(folded: &Folded) -> bool {
    folded.statuses.values().all(|statuses| statuses.keys().all(|status| status == "none"))
}

pub(super) fn conclude(
    facts: Facts,
    world: &World,
    lookout: &Lookout,
    folded: Folded,
    earlier: &[Finding],
    files: &HashMap<String, String>,
    selection: &Selection,
) -> (Report, BTreeMap<String, Case>) {
    let mut findings: Vec<Finding> = Vec::new();
    let mut cases = BTreeMap::new();
    for (mut finding, case) in folded.findings {
        if let Some(file) = files.get(&finding.fingerprint) {
            finding.case_file.clone_from(file);
        }
        cases.insert(finding.fingerprint.clone(), case);
        findings.push(finding);
    }
    for old in earlier {
        if !findings.iter().any(|new| new.fingerprint == old.fingerprint && new.cause.matches(&old.cause)) {
            findings.push(old.clone());
        }
    }
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                std::cmp::Reverse((finding.severity, finding.confidence)),
                finding.check.clone(),
                finding.operation.clone(),
                finding.place.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    let mut matrix: Vec<Cell> =
        folded.cells.into_iter().map(|(_, cell)| cell).filter(|cell| cell.verdict != "not-mine").collect();
    matrix.extend(passive_cells(world, lookout, &findings, selection));
    matrix.extend(invariant_cells(lookout, &findings));
    crate::report::group_issues(&mut findings, &matrix);
    let selected = || world.checks.abouts().filter(|about| selection.has(about.id));
    let skipped: Vec<_> = selected().filter_map(|about| skip(about, world, &matrix)).collect();
    let checks: Vec<(&About, CheckSummary)> = selected()
        .map(|about| {
            (about, summary(about, &matrix, &findings, folded.check_requests.get(about.id).copied()))
        })
        .collect();
    let practices =
        Practice::ALL.iter().filter_map(|practice| practice_of(*practice, &checks, &findings)).collect();
    let report = Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool { name: "proofhouse".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        target: facts.target,
        seed: facts.seed,
        started: facts.started,
        finished: facts.finished,
        requests: facts.requests,
        requests_per_second: (facts.requests as f64 / facts.seconds.max(0.001) * 10.0).round() / 10.0,
        waited_seconds: (facts.waited.as_secs_f64() * 10.0).round() / 10.0,
        behaviours: facts.behaviours,
        left_behind: facts.left_behind.into(),
        left_out: left_out(world),
        environment: Environment {
            workers: facts.workers,
            at_once: facts.at_once,
            kind: facts.kind,
            document: world.surface.title.clone(),
        },
        config_digest: facts.config_digest,
        practices,
        findings,
        operations: operations(world, &folded.statuses, &folded.valid),
        vacuous: vacuous(&matrix),
        coverage: crate::report::coverage(&matrix),
        matrix,
        series: Vec::new(),
        skipped,
        identities: identities(world, &folded.alive),
        accounts: facts.accounts,
    };
    (report, cases)
}

/// A passive check holds on an operation that gave answers which would have shown the weakness.
fn passive_cells(world: &World, lookout: &Lookout, findings: &[Finding], selection: &Selection) -> Vec<Cell> {
    let mut cells = Vec::new();
    for kind in world.checks.iter() {
        let Kind::Passive(check) = kind else { continue };
        let about = check.about();
        if !selection.has(about.id) {
            continue;
        }
        for operation in &world.surface.operations {
            let name = OperationName::of(&operation.name());
            let looked = lookout.looked(&operation.name(), about.id);
            let violated = findings.iter().any(|finding| {
                let here = finding.operation == name || (finding.operation.method == "*" && looked.sighted);
                finding.check == about.id && here && is_seen(finding)
            });
            let (verdict, why) = match (violated, looked.telling) {
                (true, _) => ("violated", ""),
                (false, false) => ("vacuous", check.unseen()),
                (false, true) => ("held", ""),
            };
            cells.push(Cell {
                check: about.id.to_owned(),
                operation: name,
                identity: "*".to_owned(),
                place: String::new(),
                verdict: verdict.to_owned(),
                why: why.to_owned(),
                requests: 0,
                cases: Vec::new(),
            });
        }
    }
    cells
}

/// An invariant is one cell: it holds when something that it is about was seen, and nothing broke it.
fn invariant_cells(lookout: &Lookout, findings: &[Finding]) -> Vec<Cell> {
    let of = |(invariant, telling): (&Invariant, bool)| {
        let check = invariant.about().id;
        let violated = findings.iter().any(|finding| finding.check == check && is_seen(finding));
        let (verdict, why) = match (violated, telling) {
            (true, _) => ("violated", ""),
            (false, true) => ("held", ""),
            (false, false) => ("vacuous", checks::UNSEEN),
        };
        Cell {
            check: check.to_owned(),
            operation: OperationName::of("*"),
            identity: "*".to_owned(),
            place: String::new(),
            verdict: verdict.to_owned(),
            why: why.to_owned(),
            requests: 0,
            cases: Vec::new(),
        }
    };
    lookout.invariants().map(of).collect()
}

fn is_seen(finding: &Finding) -> bool {
    matches!(finding.state, State::Confirmed | State::Shrunk)
}

pub(super) fn skip(about: &About, world: &World, matrix: &[Cell]) -> Option<Skipped> {
    let skipped = |reason: &str, enable: &str| {
        Some(Skipped { check: about.id.to_owned(), reason: reason.to_owned(), enable: enable.to_owned() })
    };
    let alive = world.profiles.iter().filter(|profile| profile.alive).count();
    for need in about.needs {
        let missing = match need {
            Need::Identity if alive < 1 => skipped("no identity", "--identity NAME=SPEC, or [identity.NAME]"),
            Need::TwoIdentities if alive < 2 => skipped(
                "fewer than two identities",
                "--identity NAME=SPEC twice, or two [identity.NAME] tables",
            ),
            Need::Jwt if !world.profiles.iter().any(|profile| profile.jwt) => skipped(
                "no identity has a JSON web token",
                "an identity whose credential is one: bearer:TOKEN or login:…",
            ),
            Need::SigningKeyOrSample if !world.settings.signing_key && !world.settings.expired_sample => {
                skipped(
                    "no signing key and no expired token",
                    "[jwt] signing_key = \"file:jwt.key\", or [jwt] samples = { expired = \"env:OLD_TOKEN\" }",
                )
            }
            Need::HiddenFields
                if world.profiles.iter().all(|profile| world.hidden_fields(&profile.name).is_empty()) =>
            {
                skipped(
                    "the policy hides no members from the role of an identity",
                    "[policy] rules = [{ role = \"customer\", hidden_fields = [\"cost\"] }]",
                )
            }
            Need::RateLimit | Need::RateLimitOrStrict
                if !(0..world.surface.operations.len())
                    .any(|op| super::cells::may_measure(about, world, op)) =>
            {
                skipped(
                    "no limit is declared",
                    "[[rate_limit]] operations = [\"POST /login\"] limit = { count = 10, window = \"60s\" }, or x-rate-limit in the document",
                )
            }
            _ => None,
        };
        if missing.is_some() {
            return missing;
        }
    }
    let mut own = matrix.iter().filter(|cell| cell.check == about.id).peekable();
    if own.peek().is_none() {
        // A forecast has no matrix.
        if matrix.is_empty() {
            return None;
        }
        return skipped("no operation is of its kind", "nothing: the document has none");
    }
    let first = own.peek().map(|cell| cell.why.clone()).unwrap_or_default();
    if own.all(|cell| cell.verdict == "skipped" && cell.why == first) {
        return match first.as_str() {
            "budget" => skipped("budget", "more --time or --requests"),
            "stopped" => None,
            why => skipped(why, "a larger `budget` in [[operation]]"),
        };
    }
    None
}

fn summary(about: &About, matrix: &[Cell], findings: &[Finding], requests: Option<u64>) -> CheckSummary {
    let own: Vec<_> = matrix.iter().filter(|cell| cell.check == about.id).collect();
    let mut cells: BTreeMap<String, usize> = BTreeMap::new();
    for cell in &own {
        *cells.entry(cell.verdict.clone()).or_default() += 1;
    }
    let found = findings.iter().any(|finding| finding.check == about.id && is_seen(finding));
    let has = |verdict: &str| cells.contains_key(verdict);
    let verdict = if found || has("violated") {
        "violated"
    } else if has("held") {
        "held"
    } else if has("vacuous") {
        "vacuous"
    } else {
        "skipped"
    };
    let mut operations: Vec<_> = own
        .iter()
        .filter(|cell| matches!(cell.verdict.as_str(), "held" | "violated"))
        .map(|cell| cell.operation.to_string())
        .collect();
    operations.sort_unstable();
    operations.dedup();
    let spent = own.iter().map(|cell| cell.requests).sum::<u64>();
    CheckSummary {
        id: about.id.to_owned(),
        verdict: verdict.to_owned(),
        requests: requests.unwrap_or(spent),
        operations,
        cells,
    }
}

fn practice_of(
    practice: Practice,
    checks: &[(&About, CheckSummary)],
    findings: &[Finding],
) -> Option<PracticeSummary> {
    let own: Vec<_> = checks.iter().filter(|(about, _)| about.practice == practice).collect();
    if own.is_empty() {
        return None;
    }
    let count = |names: &[&str]| -> usize {
        own.iter()
            .flat_map(|(_, check)| &check.cells)
            .filter(|(verdict, _)| names.contains(&verdict.as_str()))
            .map(|(_, n)| n)
            .sum()
    };
    let any = |verdict: &str| {
        own.iter().any(|(about, check)| check.verdict == verdict && about.severity > Severity::Info)
    };
    // What is only worth knowing turns no practice red.
    let grave = |finding: &Finding| {
        finding.practice == practice && is_seen(finding) && finding.severity > Severity::Info
    };
    let verdict = if any("violated") && findings.iter().any(grave) {
        "violated"
    } else if any("held") || any("violated") {
        "held"
    } else if any("vacuous") {
        "vacuous"
    } else {
        "skipped"
    };
    Some(PracticeSummary {
        id: practice,
        title: practice.title().to_owned(),
        verdict: verdict.to_owned(),
        proven: count(&["held", "violated"]),
        applicable: count(&["held", "violated", "vacuous", "skipped"]),
        figures: BTreeMap::new(),
        checks: own.iter().map(|(_, check)| check.clone()).collect(),
    })
}

fn operations(
    world: &World,
    statuses: &BTreeMap<String, BTreeMap<String, u64>>,
    valid: &BTreeMap<String, Valid>,
) -> Vec<OperationSummary> {
    let operations = world.surface.operations.iter().enumerate();
    operations
        .map(|(index, operation)| {
            let statuses = statuses.get(&operation.name()).cloned().unwrap_or_default();
            let of = valid.get(&operation.name()).copied().unwrap_or_default();
            let reached = world.entitled(index).is_some();
            let note = if reached {
                String::new()
            } else {
                let tried = world.tried_by(index).and_then(|name| world.access(index, name));
                let unsent = if world.may_send(index) {
                    "no valid request was tried"
                } else if world.is_hazard(index) {
                    if operation.is_hazard() {
                        "never sent: by its name it resets or ends something; with data = \"disposable\" it is sent"
                    } else {
                        "never sent: by the configuration it resets or ends something; with data = \"disposable\" it is sent"
                    }
                } else {
                    "never sent: only safe methods are"
                };
                tried.map_or_else(|| unsent.to_owned(), |access| access.note.clone())
            };
            OperationSummary {
                method: operation.method.clone(),
                path: operation.path.clone(),
                requests: statuses.values().sum(),
                valid: of.sent,
                granted: of.granted,
                statuses,
                reached,
                note,
            }
        })
        .collect()
}

fn left_out(world: &World) -> Vec<LeftOut> {
    let all = world.settings.left_out.iter();
    all.map(|left| LeftOut { operation: OperationName::of(&left.operation), reason: left.why.clone() })
        .collect()
}

fn vacuous(matrix: &[Cell]) -> Vec<Vacuous> {
    let mut grouped: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for cell in matrix.iter().filter(|cell| cell.verdict == "vacuous") {
        grouped.entry((cell.check.clone(), cell.why.clone())).or_default().push(cell.operation.to_string());
    }
    grouped
        .into_iter()
        .map(|((check, reason), mut operations)| {
            let cells = operations.len();
            operations.sort_unstable();
            operations.dedup();
            operations.truncate(8);
            let enable = crate::report::advice(&reason).to_owned();
            Vacuous { check, reason, enable, cells, operations }
        })
        .collect()
}

fn identities(world: &World, alive: &BTreeMap<String, bool>) -> Vec<IdentitySummary> {
    let profiles = world.profiles.iter();
    profiles
        .map(|profile| {
            // What nobody needs a credential for says nothing of a credential.
            let granted = (0..world.surface.operations.len())
                .filter(|op| {
                    world.is_granted(*op, &profile.name) && !world.is_granted(*op, crate::case::ANONYMOUS)
                })
                .count();
            let alive_at_end = alive.get(&profile.name).copied().unwrap_or_default();
            let note = if profile.alive {
                match (granted, alive_at_end) {
                    (0, _) => "no operation granted it anything that it does not grant to anybody".to_owned(),
                    (_, false) => "it stopped working during the run".to_owned(),
                    _ => String::new(),
                }
            } else {
                profile.note.clone()
            };
            IdentitySummary {
                name: profile.name.clone(),
                role: profile.role.clone(),
                granted,
                alive_at_end,
                note,
            }
        })
        .collect()
}
