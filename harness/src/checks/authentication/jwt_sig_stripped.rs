//! # What it sends
//! The caller's own token with its header and claims as they are and no signature: with an empty third segment, and
//! with two segments only; between two requests with the genuine token, and beside two that must be refused.
//!
//! # What must hold
//! Both are refused as a random token is. The algorithm in the header is the genuine one: a verifier that knows nothing
//! of `none` may still skip a signature that is not there. Smallest effect: one form accepted by one operation.
//!
//! # Why it matters
//! Whoever can take the signature away can write any claim: any user, any role.
//!
//! # How to fix
//! Refuse what is not three segments, and a signature that has not the length of the algorithm's, before comparing.
//!
//! # References
//! CVE-2020-28042; CWE-347; RFC 7515 section 5.2; RFC 8725 section 3.1; OWASP API2:2023; ASVS 5.0 9.1.1.

use super::forged;
use crate::case::{Case, Edit, Forgery, Signature};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that accepts a token whose signature was taken away.
pub struct JwtSigStripped;

static ABOUT: About = About {
    id: "jwt-sig-stripped",
    title: "an operation that accepts a token whose signature was taken away",
    practice: Practice::Authentication,
    source: include_str!("jwt_sig_stripped.rs"),
    grain: Grain::Identity,
    phase: Phase::Authentication,
    needs: &[Need::Jwt],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 60,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 5,
    cwe: &[347],
    owasp: &["API2:2023"],
    wfc: None,
    once: false,
};

impl Check for JwtSigStripped {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = match forged::draft_of(at, world) {
            Ok(draft) => draft,
            Err(verdict) => return Plan::Done(verdict),
        };
        let stripped = |signature| Edit::forge(Forgery { signature, ..Forgery::default() });
        let forgeries =
            vec![("empty", stripped(Signature::Empty)), ("two-segments", stripped(Signature::Absent))];
        Plan::suspect(forged::frame(draft, ABOUT.id, "stripped", world, vec![], forgeries))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        if let Some(verdict) = forged::unchanged(case, trace) {
            return verdict;
        }
        forged::judge(case, trace, &[], "a token whose signature was taken away", is_stripped)
    }
}

/// The genuine header and claims: what says `none` is another check's.
fn is_stripped(edit: &Edit) -> bool {
    matches!(edit, Edit::ForgeToken { forgery, .. }
        if matches!(forgery.signature, Signature::Empty | Signature::Absent) && forgery.header.is_empty())
}
