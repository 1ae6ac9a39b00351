//! # What it sends
//! The caller's own token with one bit of its signature flipped: in the first, the middle and the last byte, counted in
//! the decoded bytes (the last letter of the text may carry bits that mean nothing); between two requests with the
//! genuine token, and beside two that must be refused.
//!
//! # What must hold
//! Each is refused as a random token is. Smallest effect: one bit in one of the three places accepted by one operation.
//!
//! # Why it matters
//! A signature that is not compared to its end, or not at all, is none: it can be found by trying, or made up.
//!
//! # How to fix
//! Compare all bytes, in constant time, with a library that does nothing else.
//!
//! # References
//! CWE-347; RFC 7515 section 5.2; RFC 8725 section 3.3; OWASP API2:2023; ASVS 5.0 9.1.1.

use super::forged;
use crate::case::{Case, Edit, FlipAt, Forgery, Signature};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that accepts a token whose signature is off by a bit.
pub struct JwtSigBitflip;

static ABOUT: About = About {
    id: "jwt-sig-bitflip",
    title: "an operation that accepts a token whose signature is wrong by one bit",
    practice: Practice::Authentication,
    source: include_str!("jwt_sig_bitflip.rs"),
    grain: Grain::Identity,
    phase: Phase::Authentication,
    needs: &[Need::Jwt],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 70,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 5,
    cwe: &[347],
    owasp: &["API2:2023"],
    wfc: None,
    once: false,
};

impl Check for JwtSigBitflip {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = match forged::draft_of(at, world) {
            Ok(draft) => draft,
            Err(verdict) => return Plan::Done(verdict),
        };
        let flipped = |at| Edit::forge(Forgery { signature: Signature::Flip(at), ..Forgery::default() });
        let forgeries = vec![
            ("first-byte", flipped(FlipAt::First)),
            ("middle-byte", flipped(FlipAt::Middle)),
            ("last-byte", flipped(FlipAt::Last)),
        ];
        Plan::suspect(forged::frame(draft, ABOUT.id, "bitflip", world, vec![], forgeries))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        if let Some(verdict) = forged::unchanged(case, trace) {
            return verdict;
        }
        forged::judge(case, trace, &[], "a token whose signature is wrong by one bit", is_flipped)
    }
}

/// Nothing but the signature differs.
fn is_flipped(edit: &Edit) -> bool {
    matches!(edit, Edit::ForgeToken { forgery, .. }
        if matches!(forgery.signature, Signature::Flip(_)) && forgery.header.is_empty() && forgery.claims.is_empty())
}
