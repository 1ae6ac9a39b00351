//! # What it sends
//! A valid body under a dozen types that the document does not name, to operations that take one. Where a type is taken, that
//! one again, between valid requests, with a garbled body under the same type beside it.
//!
//! # What must hold
//! A body of an undocumented type is refused: 415 is what there is for it, and 400, 406 and 422 refuse too. A success counts
//! only with an effect: the answer is like the one to the valid request, and a garbled body of the same type gets
//! another, so that the body was read. Types of one family (`json` and `+json`, `application/xml` and `text/xml`) are one type. Medium where a cookie is the
//! credential and the type is one that a page of another origin may send; else low. Smallest effect: one type.
//!
//! # Why it matters
//! Filters, validators and browsers go by the type. What they take for text is parsed as data behind them: a page of
//! another origin can send it without asking, and a rule for JSON does not look at it.
//!
//! # How to fix
//! Compare the type with the documented ones before the body is read, and answer 415.
//!
//! # References
//! CWE-436, CWE-20; OWASP API8:2023; RFC 9110 section 15.5.16; ASVS 5.0 4.1.1.

use super::typed::{self, Taken};
use crate::case::{Case, Edit, Place, Role};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject, Verdict,
};
use crate::generate::{Source, World};
use crate::trace::{Exchange, Trace};

/// An operation that reads bodies of undocumented types.
pub struct UndocumentedAccepted;

static ABOUT: About = About {
    id: "ctype-undocumented-accepted",
    title: "an operation that reads bodies of undocumented types",
    practice: Practice::ContentType,
    source: include_str!("ctype_undocumented_accepted.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 60,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 40,
    cwe: &[436, 20],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

/// The types that are tried, those first that pages of other origins may send.
const TYPES: &[&str] = &[
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/json",
    "application/xml",
    "application/octet-stream",
    "text/csv",
    "text/html",
    "application/javascript",
    "application/yaml",
    "image/png",
    "application/x-proofhouse",
];
/// What a page may send to another origin without asking (WHATWG Fetch, "CORS-safelisted request-header").
const SIMPLE: &[&str] = &["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

impl Check for UndocumentedAccepted {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let target = match typed::target_of(at, world) {
            Ok(target) => target,
            Err(verdict) => return Plan::Done(verdict),
        };
        let attack = |name: &str, kind: &str| {
            let edit = Edit::set(Place::MediaType, kind).labelled("undocumented type");
            target.draft.step(name, Role::Attack, vec![edit]).retried(2)
        };
        let Some((case, trace)) = rounds.last().and_then(|round| round.cases.first()) else {
            let families = target.families();
            let types = TYPES.iter().filter(|kind| !families.contains(&typed::family(kind)));
            let types: Vec<_> = types.take(target.most_attacks()).collect();
            let steps =
                types.iter().enumerate().map(|(index, kind)| attack(&format!("type-{}", index + 1), kind));
            let case = target.frame(ABOUT.id, "undocumented", vec![], vec![], steps.collect());
            return if types.is_empty() {
                Plan::vacuous("a limit leaves no room for another request")
            } else {
                Plan::Run(vec![case])
            };
        };
        let taken = typed::Lesson::learn(case, trace).ok().and_then(|lesson| {
            trace.in_role(case, Role::Attack).find(|attack| lesson.of(attack) == Taken::Granted)
        });
        let Some(kind) = taken.and_then(typed::sent_type) else {
            return Plan::Done(self.judge(case, trace));
        };
        let twin = vec![Edit::set(Place::MediaType, kind.as_str())];
        Plan::suspect(target.frame(
            ABOUT.id,
            "undocumented",
            vec![],
            vec![twin],
            vec![attack("attack", &kind)],
        ))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let documented = typed::documented(case);
        let is_attack = |exchange: &Exchange| {
            let body = !exchange.sent.request.body.is_empty();
            let other = |kind: String| !documented.contains(&typed::family(&kind));
            body && !documented.is_empty() && typed::sent_type(exchange).is_some_and(other)
        };
        typed::judge(case, trace, is_attack, |attack| {
            let kind = typed::sent_type(attack).unwrap_or_default();
            let plain = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let cookie =
                attack.sent.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"cookie"));
            let severity =
                if cookie && SIMPLE.contains(&plain.as_str()) { Severity::Medium } else { Severity::Low };
            let title = format!("{} reads a body sent as {plain}", case.operation);
            (title, format!("A valid body was sent as {plain}, which the document does not name."), severity)
        })
    }
}
