//! # What it sends
//! After a quiet window, half as many requests again as the declared limit allows, as close together as the
//! target takes them. If none is refused, the same again twice, not a whole number of windows apart.
//!
//! # What must hold
//! At least one is refused with the declared status (429 unless declared otherwise). A violation is what no sound
//! limiter explains, on a clock a tenth off and a tenth laxer than declared: more was let through than a bucket
//! holds and refills meanwhile, and not both bursts can have fallen on the end of a fixed window. A target too
//! slow for that proves nothing. Without a declared limit there is no finding, unless `gate.strict = ["rate-limit"]` asks for
//! one everywhere: then 200 requests at once to a safe operation, of which none is refused, are a medium finding.
//! Smallest effect: half as many requests again as declared, sent within half a window, and none refused.
//!
//! # Why it matters
//! Without a limit one caller takes what is there for all, and tries passwords as fast as the network goes.
//!
//! # How to fix
//! Count requests where they arrive, in one place for all workers, by the caller that the policy names.
//!
//! # References
//! CWE-770, CWE-799; OWASP API4:2023; RFC 6585 section 4.

use super::limited::{self, Burst};
use crate::case::{Case, Role, Step, Wait};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::generate::{Source, World};
use crate::trace::{Exchange, Trace};

/// An operation whose declared limit is not there.
pub struct Missing;

static ABOUT: About = About {
    id: "ratelimit-missing",
    title: "an operation whose declared rate limit is not there",
    practice: Practice::RateLimiting,
    source: include_str!("ratelimit_missing.rs"),
    grain: Grain::Operation,
    phase: Phase::Limits,
    needs: &[Need::RateLimitOrStrict],
    effect: Effect::Poisons,
    isolation: Isolation::Alone,
    budget: 70_000,
    confirm: Confirm::AT_ONCE,
    severity: Severity::High,
    chance: 20,
    cwe: &[770, 799],
    owasp: &["API4:2023"],
    wfc: None,
    once: false,
};

/// Each burst, with the silence before it in windows. The second begins some 1.45 windows after the first: where the
/// one falls on the end of a fixed window, the other cannot.
const BURSTS: [(&str, f64); 2] = [("burst", 2.2), ("burst-2", 1.45)];
/// The burst of the first round; what it left must be out of every window before the two.
const FIRST: (&str, f64) = ("burst", 1.2);
/// What one burst alone says.
const ONE_BURST: &str = "one burst without a refusal may have fallen on the end of a window";

/// The fact of a case that looks for a limit that nobody declared.
const UNDECLARED: &str = "undeclared";
/// Requests that look for one.
const DISCOVERY: u32 = 200;

impl Check for Missing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        if at.operation.is_some_and(|operation| world.discovers_limit(operation)) {
            return discovery(at, world);
        }
        let (draft, limit, status) = match limited::draft_of(at, world) {
            Ok(found) => found,
            Err(verdict) => return Plan::Done(verdict),
        };
        // A service that refuses in the first burst is done with; only a suspect has to take two more.
        let bursts = match rounds.last().and_then(|round| round.cases.first()) {
            None => &[FIRST],
            Some((case, trace)) => match self.judge(case, trace) {
                Verdict::Vacuous(why) if why == ONE_BURST => &BURSTS[..],
                done => return Plan::Done(done),
            },
        };
        let mut case = draft.open(ABOUT.id, world);
        limited::note(&mut case, limit, status);
        for (name, windows) in bursts {
            let quiet = (limit.window as f64 * windows).ceil() as u64;
            let wait = Wait { millis: quiet, retry_after: None, at_most: quiet };
            case.steps.push(Step::wait(format!("quiet-{name}"), wait));
            case.steps.push(draft.step(name, Role::Attack, vec![]).copied(limited::burst(limit)));
        }
        case.note_identities(|name| world.role_of(name));
        if rounds.is_empty() { Plan::Run(vec![case]) } else { Plan::suspect(case) }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        if case.facts.contains_key(UNDECLARED) {
            return judge_discovery(case, trace);
        }
        let Some(limit) = limited::noted(case) else { return Verdict::vacuous("the case declares no limit") };
        let bursts: Vec<_> = BURSTS
            .iter()
            .filter(|(name, _)| case.step(name).is_some())
            .map(|(name, _)| Burst::of(trace.all(case, name), &limit))
            .collect();
        // An answer from in front of the limit, such as 415, says nothing of it.
        let looked_at =
            |burst: &Burst<'_>| burst.allowed.iter().any(|exchange| limited::is_let_through(case, exchange));
        if bursts.iter().any(|burst| burst.denied == 0 && !looked_at(burst)) {
            return Verdict::vacuous("the operation did not look at the requests of the burst");
        }
        let refused: Vec<_> = bursts.iter().map(|burst| burst.is_refused(&limit)).collect();
        if !refused.is_empty() && refused.iter().all(|refused| *refused == Some(true)) {
            return Verdict::Held;
        }
        if refused.contains(&Some(true)) {
            return Verdict::vacuous(
                "one burst was refused, another was not: the limit is another than declared",
            );
        }
        if refused.contains(&None) {
            return Verdict::vacuous("refusals and failures look alike here");
        }
        let mut surpluses = Vec::new();
        for burst in &bursts {
            if burst.allowed.is_empty() {
                return Verdict::vacuous("the burst was not answered");
            }
            let Some(surplus) = burst.surplus(&limit) else {
                return Verdict::vacuous(format!(
                    "of {} requests only {} were let through fast enough: too few for a limit of {} in {} ms",
                    burst.sent,
                    burst.allowed.len(),
                    limit.count,
                    limit.window
                ));
            };
            surpluses.push(surplus);
        }
        let [first, second] = surpluses[..] else { return Verdict::vacuous(ONE_BURST) };
        if limited::windows_explain(first, second, &limit) {
            return Verdict::vacuous("both bursts may have fallen on the end of a window");
        }
        let (Some(last), most) = (second.last(), first.len().min(second.len())) else {
            return Verdict::vacuous("the burst was not answered");
        };
        Violation::new(
            last.step,
            format!("{} lets {most} requests through where {} are declared", case.operation, limit.count),
            format!(
                "Within half a window of {} ms, {most} requests were let through and none was refused, twice, and not \
                 a whole number of windows apart.",
                limit.window
            ),
        )
        .expected(
            format!("{} after {} requests in {} ms", limit.answer, limit.count, limit.window),
            format!("{most} times {}", last.status().unwrap_or_default()),
        )
        .falsified_by(
            "a limit that counts something else than the document says: per connection, per address",
        )
        .cause("no-refusal", last)
        .verdict()
    }
}

/// Many requests at once where no limit is declared.
fn discovery(at: &Subject, world: &World) -> Plan {
    let Some(draft) = at.operation.and_then(|operation| world.granted_draft(operation, &at.identity)) else {
        return Plan::vacuous("no valid request was ever granted here");
    };
    let mut case = draft.open(ABOUT.id, world);
    case.facts.insert(UNDECLARED.to_owned(), true.into());
    case.steps.push(draft.step("burst", Role::Attack, vec![]).copied(DISCOVERY));
    case.note_identities(|name| world.role_of(name));
    Plan::suspect(case)
}

fn judge_discovery(case: &Case, trace: &Trace) -> Verdict {
    let statuses: Vec<_> = trace.all(case, "burst").map(Exchange::status).collect();
    if statuses.contains(&Some(429)) {
        return Verdict::Held;
    }
    let granted = statuses.iter().flatten().filter(|status| (200..300).contains(*status)).count();
    let Some(last) = trace.all(case, "burst").last().filter(|_| granted >= DISCOVERY as usize) else {
        return Verdict::vacuous(format!("only {granted} of {DISCOVERY} requests were granted"));
    };
    Violation::new(
        last.step,
        format!("{} has no rate limit that {DISCOVERY} requests reach", case.operation),
        format!("{DISCOVERY} requests at once were all granted. No limit is declared; the configuration asks for one."),
    )
    .expected(format!("429 within {DISCOVERY} requests"), format!("{granted} successes"))
    .falsified_by("a limit above that, which `[[rate_limit]]` declares")
    .cause("no-limit", last)
    .severity(Severity::Medium)
    .verdict()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn judge(statuses: impl Iterator<Item = u16>) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /items");
        case.facts.insert(UNDECLARED.to_owned(), true.into());
        case.steps.push(Step::send("burst", Role::Attack, "anonymous", "base", vec![]).copied(DISCOVERY));
        let exchanges = statuses.map(|status| answer(status, "{}")).collect();
        Missing.judge(&case, &Trace { exchanges, ..Trace::default() })
    }

    #[test]
    fn a_limit_that_nobody_declared_is_missed_where_it_is_asked_for() {
        let missing = judge(std::iter::repeat_n(200, 200));
        assert_eq!(missing.violation().and_then(|violation| violation.severity), Some(Severity::Medium));
        assert_eq!(judge(std::iter::repeat_n(200, 120).chain(std::iter::repeat_n(429, 80))), Verdict::Held);
        for failure in [500, 503] {
            assert!(matches!(judge(std::iter::repeat_n(200, 199).chain([failure])), Verdict::Vacuous(_)));
        }
        assert!(matches!(judge(std::iter::empty()), Verdict::Vacuous(_)));
    }
}
