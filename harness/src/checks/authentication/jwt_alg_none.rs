//! # What it sends
//! The caller's own token with `alg` set to `none` in several spellings and no signature, between two requests
//! with the genuine token, and beside two that must be refused: no credential, and three random segments.
//!
//! # What must hold
//! Every forged token is refused as the random one is. Accepted means: like the answer to the genuine token, and
//! unlike the refusals. An operation that grants the random token too looks at no token, and proves nothing.
//! Smallest effect: one spelling accepted by one operation.
//!
//! # Why it matters
//! Whoever can drop the signature can write any claim: any user, any role.
//!
//! # How to fix
//! Verify with a fixed list of algorithms that is not read from the token, and does not hold `none`.
//!
//! # References
//! CVE-2015-2951, CVE-2015-9235; CWE-347; RFC 8725 section 3.1; OWASP API2:2023; ASVS 5.0 9.1.2.

use serde_json::{Map, Value as Json, json};

use super::forged;
use crate::case::{Case, Edit, Forgery, Signature};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that accepts an unsigned token.
pub struct JwtAlgNone;

static ABOUT: About = About {
    id: "jwt-alg-none",
    title: "an operation that accepts a token without a signature",
    practice: Practice::Authentication,
    source: include_str!("jwt_alg_none.rs"),
    grain: Grain::Identity,
    phase: Phase::Authentication,
    needs: &[Need::Jwt],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 80,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 5,
    cwe: &[347],
    owasp: &["API2:2023"],
    wfc: None,
    once: false,
};

/// Spelling and what becomes of the signature.
const FORGERIES: &[(&str, &str, Signature)] = &[
    ("none-empty", "none", Signature::Empty),
    ("none-absent", "none", Signature::Absent),
    ("None-empty", "None", Signature::Empty),
    ("NONE-empty", "NONE", Signature::Empty),
    ("nOnE-empty", "nOnE", Signature::Empty),
    ("none-kept", "none", Signature::Keep),
];

impl Check for JwtAlgNone {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = match forged::draft_of(at, world) {
            Ok(draft) => draft,
            Err(verdict) => return Plan::Done(verdict),
        };
        let forgeries = FORGERIES.iter().map(|(name, alg, signature)| {
            let header = Map::from_iter([("alg".to_owned(), json!(alg))]);
            (*name, Edit::forge(Forgery { header, claims: Map::new(), signature: signature.clone() }))
        });
        Plan::suspect(forged::frame(draft, ABOUT.id, "alg-none", world, vec![], forgeries.collect()))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let is_none = |edit: &Edit| match edit {
            Edit::ForgeToken { forgery, .. } => forgery
                .header
                .get("alg")
                .and_then(Json::as_str)
                .is_some_and(|alg| alg.eq_ignore_ascii_case("none")),
            _ => false,
        };
        forged::judge(case, trace, &[], "a token without a signature", is_none)
    }
}
