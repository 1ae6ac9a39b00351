//! # What it sends
//! A valid body without a `Content-Type` to operations that take one, between valid requests, with a garbled body without a type beside it.
//!
//! # What must hold
//! A body that does not say what it is gets refused: 415 is what there is for it, and 400, 406 and 422 refuse too. A success
//! counts only with an effect: the answer is like the one to the valid request, and the garbled body gets another, so that
//! the body was read. Smallest effect: one such answer.
//!
//! # Why it matters
//! What guesses here may guess otherwise in front: a filter that goes by the type does not look at a body without one.
//!
//! # How to fix
//! Ask for the type before the body is read, and answer 415 where there is none.
//!
//! # References
//! CWE-20, CWE-436; OWASP API8:2023; RFC 9110 section 8.3.

use super::typed;
use crate::case::{Case, Edit, Place, Role};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject, Verdict,
};
use crate::generate::{Source, World};
use crate::trace::{Exchange, Trace};

/// An operation that reads bodies without a type.
pub struct AbsentAccepted;

static ABOUT: About = About {
    id: "ctype-absent-accepted",
    title: "an operation that reads bodies without a type",
    practice: Practice::ContentType,
    source: include_str!("ctype_absent_accepted.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 30,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 40,
    cwe: &[20, 436],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

impl Check for AbsentAccepted {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let target = match typed::target_of(at, world) {
            Ok(target) => target,
            Err(verdict) => return Plan::Done(verdict),
        };
        let without = || Edit::remove(Place::MediaType).labelled("no type");
        let attack = target.draft.step("attack", Role::Attack, vec![without()]).retried(2);
        Plan::suspect(target.frame(ABOUT.id, "absent", vec![], vec![vec![without()]], vec![attack]))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let is_attack = |exchange: &Exchange| {
            !exchange.sent.request.body.is_empty() && typed::sent_type(exchange).is_none()
        };
        typed::judge(case, trace, is_attack, |_| {
            let title = format!("{} reads a body without a type", case.operation);
            (title, "A valid body was sent without a Content-Type.".to_owned(), Severity::Low)
        })
    }
}
