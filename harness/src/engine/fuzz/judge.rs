//! What is seen in traces, looked at again, made small and kept: each finding once, and the run goes on.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::feedback;
use super::fuzzer::executed;
use crate::case::Case;
use crate::checks::{Verdict, Violation, witness};
use crate::corpora::Corpora;
use crate::engine::campaign::Lookout;
use crate::engine::property::Rig;
use crate::engine::twice::differences;
use crate::finding::{fingerprint, fingerprint_of};
use crate::identity::Wallet;
use crate::message::inert_text;
use crate::trace::Trace;

/// How often a suspicion must be seen again, each time.
const TIMES: u64 = 3;
/// How often one that was not seen again is looked at once more.
const PATIENCE: u8 = 3;
/// Cases that are not answered alike twice.
const UNSTEADY: &str = "unsteady";
/// What making one finding small may take.
const SHRINKING: Duration = Duration::from_secs(2);
const EXECUTIONS: u32 = 400;

/// Judges traces and keeps findings.
pub(super) struct Judge {
    lookout: Lookout,
    corpora: Option<Corpora>,
    /// What was found already.
    known: HashSet<String>,
    /// How often a suspicion was not seen again.
    doubtful: HashMap<String, u8>,
    /// The process ends with the first finding.
    aborts: bool,
}

impl Judge {
    pub(super) fn new(rig: &Rig) -> Self {
        let parts = rig.fuzz_parts();
        let surface = &rig.world().surface;
        Self {
            lookout: Lookout::new(surface, rig.checks(), |id| parts.selection.has(id)),
            corpora: rig.corpora().map(Corpora::at),
            known: HashSet::new(),
            doubtful: HashMap::new(),
            aborts: parts.abort,
        }
    }

    /// Looks at a trace; whether more was sent to be sure of something.
    pub(super) fn look(
        &mut self,
        rig: &Rig,
        case: &Case,
        trace: &Trace,
        wallet: &Wallet,
        seed: u64,
        is_guided: bool,
    ) -> bool {
        let mut suspects: Vec<(String, Case)> = Vec::new();
        let tell = |check: &str, operation: &str, verdict: &str| {
            if is_guided {
                feedback::judged(check, operation, verdict);
            }
        };
        let place = panicked_at(trace);
        if rig.checks().by_id(&case.check).is_some() {
            let verdict = rig.checks().judge(case, trace);
            tell(&case.check, &case.operation, verdict.name());
            if verdict.violation().is_some() {
                self.suspect(format!("{} {place}", fingerprint(case)), || Some(case.clone()), &mut suspects);
            }
        }
        for invariant in self.lookout.broken(case, trace) {
            let id = invariant.about().id;
            // Where it panicked says enough: to find out which request it was costs as much as sending it.
            tell(id, place, "violated");
            if place.is_empty() {
                if let Some(witness) = invariant.witness(case, trace) {
                    self.suspect(fingerprint(&witness), || Some(witness.clone()), &mut suspects);
                }
            } else {
                self.suspect(format!("{id} {place}"), || invariant.witness(case, trace), &mut suspects);
            }
        }
        for (check, exchange, sighting) in self.lookout.sightings(case, trace, wallet) {
            let Some(step) = case.steps.get(exchange.step) else { continue };
            let operation = if sighting.once { Some("*") } else { case.operation_of(step) };
            let id = check.about().id;
            tell(id, operation.unwrap_or_default(), &sighting.class);
            let key = fingerprint_of(id, operation.unwrap_or_default(), "", &sighting.class);
            self.suspect(key, || witness(check, case, exchange, &sighting), &mut suspects);
        }
        let has_any = !suspects.is_empty();
        for (key, witness) in suspects {
            self.look_again(rig, key, witness, seed);
        }
        has_any
    }

    /// Takes a suspicion up, unless it is known.
    fn suspect(&self, key: String, witness: impl FnOnce() -> Option<Case>, into: &mut Vec<(String, Case)>) {
        if !self.known.contains(&key) && into.iter().all(|(known, _)| *known != key) {
            into.extend(witness().map(|witness| (key, witness)));
        }
    }

    /// Runs a witness several times; what holds up is made small, saved and told.
    fn look_again(&mut self, rig: &Rig, key: String, witness: Case, seed: u64) {
        let Some((violation, place)) = certain(rig, &witness, seed) else {
            let doubts = self.doubtful.entry(key.clone()).or_default();
            *doubts += 1;
            if *doubts >= PATIENCE {
                self.known.insert(key);
            }
            return;
        };
        self.known.insert(key);
        let small = rig.shrink(witness.clone(), EXECUTIONS, Instant::now() + SHRINKING);
        // Another panic on the same operation is another finding.
        let (case, violation) = match certain(rig, &small, seed) {
            Some((violation, at)) if at == place => (small, violation),
            _ => (witness, violation),
        };
        self.tell(rig, &case, &violation, &place);
        if self.aborts {
            std::process::abort();
        }
    }

    /// Tells of a case that is not answered alike twice, once for each operation: what it shows may be chance, and what
    /// the fuzzer learns of it, too.
    pub(super) fn compare(&mut self, rig: &Rig, case: &Case, once: &Trace, again: &Trace) {
        let Some(difference) = differences(case, once, again).into_iter().next() else { return };
        let operation =
            case.step(&difference.step).and_then(|step| case.operation_of(step)).unwrap_or_default();
        if !self.known.insert(format!("twice {operation}")) {
            return;
        }
        let file = match &self.corpora {
            None => String::new(),
            Some(corpora) => {
                let key = fingerprint_of(UNSTEADY, operation, "", "");
                let name = format!("{UNSTEADY}/{}.json", key.rsplit(':').next().unwrap_or_default());
                match corpora.save(&name, case) {
                    Ok(()) => format!("; the case: {}", corpora.root().join(name).display()),
                    Err(error) => format!("; the case could not be saved: {error}"),
                }
            }
        };
        let text = rig.vault().redact(&inert_text(&format!("{operation}, {difference}")));
        // Nobody can be told that nobody can be told.
        let _ = writeln!(std::io::stderr(), "proofhouse: not answered alike twice: {text}{file}");
    }

    fn tell(&self, rig: &Rig, case: &Case, violation: &Violation, place: &str) {
        let clean = |text: &str| rig.vault().redact(&inert_text(text));
        let at = if place.is_empty() { String::new() } else { format!(" ({place})") };
        let title = clean(&format!("{}{at}: {}", violation.title, violation.actual));
        let program = std::env::args().next().unwrap_or_default();
        let again = match &self.corpora {
            None => "it is kept nowhere, as this target says".to_owned(),
            Some(corpora) => match corpora.save_finding(case) {
                Ok(file) => {
                    format!("PROOFHOUSE_FUZZ_ABORT=1 {program} {}", corpora.root().join(file).display())
                }
                Err(error) => format!("it could not be saved below {}: {error}", corpora.root().display()),
            },
        };
        // Nobody can be told that nobody can be told.
        let _ = writeln!(std::io::stderr(), "proofhouse: found {}: {title}; again: {again}", case.check);
    }
}

/// What a witness shows each time, and where it panicked.
fn certain(rig: &Rig, case: &Case, seed: u64) -> Option<(Violation, String)> {
    let mut seen = None;
    for turn in 1..=TIMES {
        // Fresh values must not matter.
        let (trace, _) = executed(rig, case, seed.wrapping_add(turn), false);
        rig.vault().learn(&trace);
        match rig.checks().judge(case, &trace) {
            Verdict::Violated(violation) => seen = Some((*violation, panicked_at(&trace).to_owned())),
            _ => return None,
        }
    }
    seen
}

fn panicked_at(trace: &Trace) -> &str {
    let panic = trace.exchanges.iter().find_map(|exchange| exchange.panic.as_ref());
    panic.map_or("", |panic| panic.location.as_deref().unwrap_or("an unknown place"))
}
