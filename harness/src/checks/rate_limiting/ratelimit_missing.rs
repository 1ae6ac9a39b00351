//! # What it sends
//! After a quiet window, half as many requests again as the declared limit allows, as close together as the
//! target takes them.
//!
//! # What must hold
//! At least one is refused with the declared status (429 unless declared otherwise) once more than the limit and
//! a slack of a tenth were let through within one window. A target too slow for that proves nothing. Without a
//! declared limit there is no finding. Smallest effect: half as many requests again as declared, and none refused.
//!
//! # Why it matters
//! Without a limit one caller takes what is there for all, and tries passwords as fast as the network goes.
//!
//! # How to fix
//! Count requests where they arrive, in one place for all workers, by the caller that the policy names.
//!
//! # References
//! CWE-770, CWE-799; OWASP API4:2023; RFC 6585 section 4.

use std::time::Duration;

use super::limited;
use crate::case::{Case, Role, Step, Wait};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::Framed;
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation whose declared limit is not there.
pub struct Missing;

static ABOUT: About = About {
    id: "ratelimit-missing",
    title: "an operation whose declared rate limit is not there",
    practice: Practice::RateLimiting,
    source: include_str!("ratelimit_missing.rs"),
    grain: Grain::Operation,
    phase: Phase::Limits,
    needs: &[Need::RateLimit],
    effect: Effect::Poisons,
    isolation: Isolation::Alone,
    budget: 40_000,
    confirm: Confirm::AT_ONCE,
    severity: Severity::High,
    chance: 20,
    cwe: &[770, 799],
    owasp: &["API4:2023"],
    wfc: None,
    once: false,
};

impl Check for Missing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let (draft, limit, status) = match limited::draft_of(at, world) {
            Ok(found) => found,
            Err(verdict) => return Plan::Done(verdict),
        };
        let mut case = draft.open(ABOUT.id, world);
        limited::note(&mut case, limit, status);
        let quiet = limit.window + limit.window / 5;
        case.steps.push(Step::wait("quiet", Wait { millis: quiet, retry_after: None, at_most: quiet }));
        case.steps.push(draft.step("burst", Role::Attack, vec![]).copied(limited::burst(limit)));
        case.note_identities(|name| world.role_of(name));
        Plan::suspect(case)
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let Some(limit) = limited::noted(case) else { return Verdict::vacuous("the case declares no limit") };
        let burst: Vec<_> = trace.all(case, "burst").collect();
        let denied =
            burst.iter().filter(|exchange| limited::framed(exchange, &limit) == Framed::Denied).count();
        let mut allowed: Vec<_> =
            burst.iter().filter(|exchange| limited::is_let_through(case, exchange)).collect();
        if burst.is_empty() || allowed.is_empty() && denied == 0 {
            return Verdict::vacuous("the burst was not answered");
        }
        if denied > 0 {
            return Verdict::Held;
        }
        // Requests count from when they were sent to when they were answered: both must lie in one window.
        allowed.sort_by_key(|exchange| exchange.began);
        let bound = f64::from(limit.count) * (1.0 + limited::SLACK) + 1.0;
        let window = Duration::from_millis(limit.window);
        let most = (0..allowed.len()).map(|first| {
            let end = allowed[first].began + window;
            allowed[first..].iter().filter(|exchange| exchange.ended() <= end).count()
        });
        let most = most.max().unwrap_or_default();
        if (most as f64) <= bound {
            return Verdict::vacuous(format!(
                "only {most} requests fitted into one window of {} ms: too few for a limit of {}",
                limit.window, limit.count
            ));
        }
        let last = allowed[allowed.len() - 1];
        Violation::new(
            last.step,
            format!("{} lets {most} requests through where {} are declared", case.operation, limit.count),
            format!(
                "Within one window of {} ms, {most} requests were let through and none was refused.",
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
