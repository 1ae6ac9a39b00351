//! # What it sends
//! A request without any credential, between two with the genuine one, beside one with a random credential that must
//! be refused, and beside another operation that refuses. Reads ask for what the genuine caller has just made, or put
//! there where all data may be lost and another caller reads something else, with canaries in it; writes are looked for afterwards by that caller.
//!
//! # What must hold
//! Where the document asks for a credential, or its neighbours do, nobody gets without one: a canary, an effect
//! (something made, changed or deleted), content that depends on who asks, or, where the document asks for a credential
//! here and not everywhere, two kinds of personal data, such as a mail address and a telephone number; or personal
//! data that two known callers are not shown, where the document knows a refusal. Otherwise the
//! same bytes for everybody are no finding: such a document is wrong, not the service. Where no operation refuses anybody, `authn-not-enforced` says so
//! once. Smallest effect: one canary in one answer, or one object made, changed or deleted.
//!
//! # Why it matters
//! Whoever finds the address has what only those who log in should have.
//!
//! # How to fix
//! Ask for the credential in one place in front of all operations, and name those that go without.
//!
//! # References
//! CWE-306; OWASP API2:2023; RFC 9110 section 11.6.1; ASVS 5.0 8.3.1; WFC 207.

use super::entry::{self, Frame};
use super::proof::{self, Say};
use crate::case::{ANONYMOUS, Case, Role};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that lets in whoever has no credential.
pub struct MissingCredential;

static ABOUT: About = About {
    id: "authn-missing-credential",
    title: "an operation that lets in whoever has no credential",
    practice: Practice::Authentication,
    source: include_str!("authn_missing_credential.rs"),
    grain: Grain::Operation,
    phase: Phase::Authentication,
    needs: &[Need::Identity],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 70,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 20,
    cwe: &[306],
    owasp: &["API2:2023"],
    wfc: Some(207),
    once: false,
};

impl Check for MissingCredential {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let (draft, needs) = match entry::draft_of(at, world) {
            Ok(found) => found,
            Err(verdict) => return Plan::Done(verdict),
        };
        let Some(mut frame) = Frame::open(ABOUT.id, draft, needs, None, world) else {
            return Plan::vacuous("nothing reads what this operation changes");
        };
        frame.attack("without-a-credential", None);
        Plan::suspect(frame.close("missing", world))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let attacks = case.steps.iter().filter(|step| step.role == Role::Attack);
        if attacks.clone().any(|step| step.identity != ANONYMOUS) {
            return Verdict::vacuous("an attack carries a credential");
        }
        proof::judge(case, trace, &Say { title: "answers without a credential", presence: false })
    }
}
