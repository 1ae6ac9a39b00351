//! # What it sends
//! The caller's own token with other claims and the genuine header and signature: one that nobody knows, a later `exp`,
//! and, on reads, the subject of another identity; between two requests with the genuine token, and beside two that must
//! be refused.
//!
//! # What must hold
//! Each is refused as a random token is: the signature covers the claims. Smallest effect: one changed claim accepted by
//! one operation.
//!
//! # Why it matters
//! Whoever has one token of their own writes any other: any user, any role, for ever.
//!
//! # How to fix
//! Verify the signature over the bytes that the claims are then read from; never look one up by a part of the token.
//!
//! # References
//! CWE-345, CWE-347; RFC 7515 section 5.2; OWASP API2:2023; ASVS 5.0 9.1.1.

use serde_json::{Map, Value as Json, json};

use super::forged;
use crate::case::{Case, Edit, Forgery, Signature};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that accepts other claims under the genuine signature.
pub struct JwtPayloadSwap;

static ABOUT: About = About {
    id: "jwt-payload-swap",
    title: "an operation that accepts changed claims under a genuine signature",
    practice: Practice::Authentication,
    source: include_str!("jwt_payload_swap.rs"),
    grain: Grain::Identity,
    phase: Phase::Authentication,
    needs: &[Need::Jwt],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 80,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 5,
    cwe: &[345, 347],
    owasp: &["API2:2023"],
    wfc: None,
    once: false,
};

impl Check for JwtPayloadSwap {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = match forged::draft_of(at, world) {
            Ok(draft) => draft,
            Err(verdict) => return Plan::Done(verdict),
        };
        let with = |name: &str, value: Json| {
            let claims = Map::from_iter([(name.to_owned(), value)]);
            Edit::forge(Forgery { claims, ..Forgery::default() })
        };
        let mut forgeries = vec![
            ("unknown-claim", with("ph", json!("x"))),
            ("later-exp", with("exp", json!({"$now": 7_201}))),
        ];
        let safe = world.operation(draft.operation).is_safe();
        if let Some(subject) = other_subject(world, &at.identity).filter(|_| safe) {
            forgeries.push(("another-subject", with("sub", subject)));
        }
        Plan::suspect(forged::frame(draft, ABOUT.id, "payload", world, vec![], forgeries))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        if let Some(verdict) = forged::unchanged(case, trace) {
            return verdict;
        }
        forged::judge(case, trace, &[], "changed claims under a genuine signature", is_swapped)
    }
}

/// The subject of somebody else whose token has one.
fn other_subject(world: &World, identity: &str) -> Option<Json> {
    let others =
        world.profiles.iter().filter(|profile| profile.jwt && !world.are_one(&profile.name, identity));
    let mut subjects = others.filter_map(|profile| profile.subject.as_ref());
    subjects.find_map(|subject| serde_json::from_str(subject).ok())
}

/// Other claims, and the header and signature as they were.
fn is_swapped(edit: &Edit) -> bool {
    matches!(edit, Edit::ForgeToken { forgery, .. }
        if forgery.signature == Signature::Keep
            && forgery.header.is_empty()
            && forgery.claims.values().any(|value| !value.is_null()))
}
