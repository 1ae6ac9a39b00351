//! # What it sends
//! A request, twice as many as the limit allows at once, a silence of one window and a fifth, and the request
//! again, three times.
//!
//! # What must hold
//! The frame closes: let through, refused while over the limit, let through again after the window. If every
//! request after the silence is still refused, the limit does not recover as declared. A burst that takes most of a
//! window proves no recovery. Smallest effect: still refused a fifth of a window after the window's end, counted
//! from the last answer of the burst; where answers are slow, two windows after its first request.
//!
//! # Why it matters
//! A limit that does not end is a lock: anybody who can send for a caller can shut that caller out.
//!
//! # How to fix
//! Let windows end by time alone, and do not count refused requests towards the next window.
//!
//! # References
//! CWE-799, CWE-645; OWASP API4:2023; RFC 6585 section 4.

use std::time::Duration;

use super::limited;
use crate::case::{Case, Role, Step, Wait};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::{Frame, Framed};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation whose limit does not end with its window.
pub struct NeverRecovers;

static ABOUT: About = About {
    id: "ratelimit-never-recovers",
    title: "an operation whose rate limit does not end with its window",
    practice: Practice::RateLimiting,
    source: include_str!("ratelimit_never_recovers.rs"),
    grain: Grain::Operation,
    phase: Phase::Limits,
    needs: &[Need::RateLimit],
    effect: Effect::Poisons,
    isolation: Isolation::Alone,
    budget: 40_000,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 5,
    cwe: &[799, 645],
    owasp: &["API4:2023"],
    wfc: None,
    once: false,
};

const AFTER: [&str; 3] = ["after-1", "after-2", "after-3"];

impl Check for NeverRecovers {
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
        case.steps.push(draft.step("before", Role::Control, vec![]));
        case.steps.push(draft.step("burst", Role::Attack, vec![]).copied(limited::burst(limit) * 4 / 3));
        let silence = limit.window + limit.window / 5 + 50;
        case.steps.push(Step::wait("silence", Wait { millis: silence, retry_after: None, at_most: silence }));
        for name in AFTER {
            case.steps.push(draft.step(name, Role::Control, vec![]));
        }
        case.note_identities(|name| world.role_of(name));
        Plan::suspect(case)
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let Some(limit) = limited::noted(case) else { return Verdict::vacuous("the case declares no limit") };
        let of = |name: &str| {
            trace.of(case, name).map_or(Framed::Unclear, |exchange| limited::framed(exchange, &limit))
        };
        // What an earlier execution closed proves nothing for a case that could not have closed it itself.
        if case.step("burst").is_none_or(|step| step.copies <= limit.count) {
            return Verdict::vacuous("the burst is smaller than the limit");
        }
        let burst: Vec<_> = trace.all(case, "burst").collect();
        let denied = burst.iter().find(|exchange| limited::framed(exchange, &limit) == Framed::Denied);
        let Some(refusal) = denied else { return Verdict::vacuous("the limit was not reached") };
        let afters = AFTER.map(of);
        // A request that failed may have taken a share: what is refused after it says nothing.
        let after = match afters[0] {
            Framed::Denied if afters.contains(&Framed::Allowed) => Framed::Allowed,
            Framed::Denied if afters[1..].contains(&Framed::Denied) => Framed::Denied,
            Framed::Allowed => Framed::Allowed,
            _ => Framed::Unclear,
        };
        if after == Framed::Denied && matches!(limit.answer, 502..=504) && limit.count < 3 {
            return Verdict::vacuous("refusals and failures look alike here");
        }
        let frame = Frame { before: of("before"), variant: Framed::Denied, after };
        if after == Framed::Unclear {
            return Verdict::vacuous("the requests after the silence were not answered");
        }
        if !frame.is_stuck() {
            // One slow answer in the burst is enough for a lock to have ended before it was looked at.
            let first = burst.iter().map(|exchange| exchange.began).min().unwrap_or_default();
            let open = AFTER.iter().zip(afters).find(|(_, framed)| *framed == Framed::Allowed);
            let open = open.and_then(|(name, _)| trace.of(case, name));
            let asked = open.map_or(first, |exchange| exchange.began);
            return if asked.saturating_sub(first) <= Duration::from_millis(limit.window) * 2 {
                Verdict::Held
            } else {
                Verdict::vacuous("the burst took too long to tell when the limit ended")
            };
        }
        Violation::new(
            refusal.step,
            format!("{} stays closed after its rate limit's window", case.operation),
            format!(
                "{} ms after the last request, with a declared window of {} ms, every request is still refused.",
                limit.window + limit.window / 5 + 50,
                limit.window
            ),
        )
        .expected("the answer from before the burst", format!("{} again", limit.answer))
        .falsified_by("somebody else using the same caller's share in the meantime")
        .cause("still-refused", refusal)
        .verdict()
    }
}
