//! # What it sends
//! Tokens that expired an hour, a day and decades ago, between two requests with the genuine token, and beside two
//! that must be refused. With a signing key (`jwt.signing_key`) they are minted from the caller's own token, and
//! one that expires in an hour shows that the key is the issuer's. With a sample (`jwt.samples.expired`) that is
//! sent instead.
//!
//! # What must hold
//! Every expired token is refused as a random one is. An hour is more than any sound leeway for clocks. Smallest
//! effect: a token an hour past its `exp` accepted by one operation.
//!
//! # Why it matters
//! A token that never expires is a password that cannot be changed: whatever leaked once works for ever.
//!
//! # How to fix
//! Verify `exp` with a leeway of a minute at most, and refuse tokens without it.
//!
//! # References
//! CWE-613; RFC 7519 section 4.1.4; RFC 8725; OWASP API2:2023; ASVS 5.0 9.2.1.

use serde_json::{Map, Value as Json, json};

use super::forged;
use crate::case::{Case, CredentialRef, Dynamic, Edit, Forgery, Place, Signature, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that accepts an expired token.
pub struct JwtExpIgnored;

static ABOUT: About = About {
    id: "jwt-exp-ignored",
    title: "an operation that accepts an expired token",
    practice: Practice::Authentication,
    source: include_str!("jwt_exp_ignored.rs"),
    grain: Grain::Identity,
    phase: Phase::Authentication,
    needs: &[Need::Jwt, Need::SigningKeyOrSample],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 80,
    confirm: Confirm::AT_ONCE,
    severity: Severity::High,
    chance: 10,
    cwe: &[613],
    owasp: &["API2:2023"],
    wfc: None,
    once: false,
};

const VALID: &str = "signed-valid";

impl Check for JwtExpIgnored {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = match forged::draft_of(at, world) {
            Ok(draft) => draft,
            Err(verdict) => return Plan::Done(verdict),
        };
        if world.settings.signing_key {
            let valid = vec![(VALID, expiring(json!({"$now": 3_600})))];
            let expired = vec![
                ("expired-an-hour-ago", expiring(json!({"$now": -3_600}))),
                ("expired-two-days-ago", expiring(json!({"$now": -172_800}))),
                ("expired-in-1970", expiring(json!(1))),
            ];
            return Plan::suspect(forged::frame(draft, ABOUT.id, "expired", world, valid, expired));
        }
        if !world.settings.expired_sample {
            return Plan::vacuous("there is no signing key and no sample of an expired token");
        }
        let sample = CredentialRef { identity: at.identity.clone(), part: "sample:expired".to_owned() };
        let sample = Edit::set(Place::Credential, Value::dynamic(Dynamic::Credential(sample)));
        Plan::suspect(forged::frame(
            draft,
            ABOUT.id,
            "expired-sample",
            world,
            vec![],
            vec![("expired-sample", sample)],
        ))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let minted = case.step(VALID).is_some();
        let is_expired = |edit: &Edit| match edit {
            Edit::ForgeToken { forgery, .. } => {
                forgery.signature == Signature::Sign && is_past(forgery.claims.get("exp"))
            }
            Edit::Set { at: Place::Credential, value: Value::Dynamic(leaf), .. } => {
                matches!(&**leaf, Dynamic::Credential(sample) if sample.part == "sample:expired")
            }
            _ => false,
        };
        forged::judge(case, trace, if minted { &[VALID] } else { &[] }, "an expired token", is_expired)
    }
}

/// An hour ago or longer: no sound leeway is as large.
fn is_past(exp: Option<&Json>) -> bool {
    let relative =
        exp.and_then(|exp| exp.get("$now")).and_then(Json::as_i64).is_some_and(|seconds| seconds <= -3_600);
    relative || exp.and_then(Json::as_i64).is_some_and(|seconds| (0..1_500_000_000).contains(&seconds))
}

/// The caller's own token with another `exp`, signed anew; `iat` and `nbf` stay in the past.
fn expiring(exp: Json) -> Edit {
    let claims = Map::from_iter([("exp".to_owned(), exp)]);
    Edit::forge(Forgery { header: Map::new(), claims, signature: Signature::Sign })
}
