//! Verifiers that believe a token which says that it is not signed.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{BEARER, Defect, Part};
use crate::accounts::{AUDIENCE, ISSUER};
use crate::auth::{Claims, Tokens, Verifier};
use crate::clock::unix_seconds;

const FIRES: &[&str] = &["jwt-alg-none"];

pub(super) const LOWERCASE: Defect = Defect {
    id: "jwt-alg-none-lowercase",
    title: "a token with \"alg\": \"none\" and an empty signature is believed",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| plan.equip(|state| state.verifier = Gullible::arc(&state.tokens, exactly_none)),
};

pub(super) const MIXED_CASE: Defect = Defect {
    id: "jwt-alg-none-mixed-case",
    title: "\"none\" is on a deny list, but \"nOnE\" and its like are believed, whatever the signature",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| plan.equip(|state| state.verifier = Gullible::arc(&state.tokens, none_but_not_so_spelt)),
};

pub(super) const FORGOTTEN_ROUTE: Defect = Defect {
    id: "jwt-alg-none-on-forgotten-route",
    title: "one route still has a verifier that believes \"alg\": \"none\"",
    operations: &["GET /orders"],
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| plan.equip(|state| state.verifier = Gullible::arc(&state.tokens, exactly_none)),
};

fn exactly_none(alg: &str, signature: &str) -> bool {
    alg == "none" && signature.is_empty()
}

fn none_but_not_so_spelt(alg: &str, _: &str) -> bool {
    alg != "none" && alg.eq_ignore_ascii_case("none")
}

/// Believes some unsigned tokens; of all others it asks what it should.
struct Gullible {
    sound: Arc<Tokens>,
    believes: fn(alg: &str, signature: &str) -> bool,
}

impl Gullible {
    fn arc(sound: &Arc<Tokens>, believes: fn(&str, &str) -> bool) -> Arc<Self> {
        Arc::new(Self { sound: sound.clone(), believes })
    }

    /// The claims of an unsigned token that it believes.
    fn unsigned(&self, token: &str) -> Option<Claims> {
        let mut parts = token.split('.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if parts.next().is_some() || !(self.believes)(header["alg"].as_str()?, signature) {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let now = unix_seconds();
        let current = claims.iat <= now && now < claims.exp;
        (current && claims.iss == ISSUER && claims.aud == AUDIENCE).then_some(claims)
    }
}

impl Verifier for Gullible {
    fn verify(&self, token: &str) -> Option<Claims> {
        self.unsigned(token).or_else(|| self.sound.verify(token))
    }
}
