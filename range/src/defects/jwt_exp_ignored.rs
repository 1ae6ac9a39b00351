//! Verifiers that do not mind when a token expired.

use std::sync::Arc;

use jsonwebtoken::{Validation, decode};

use super::{BEARER, Defect, Part};
use crate::auth::{Claims, Tokens, Verifier};
use crate::clock::unix_seconds;

const FIRES: &[&str] = &["jwt-exp-ignored"];

pub(super) const EVERYWHERE: Defect = Defect {
    id: "jwt-exp-ignored-everywhere",
    title: "tokens are good for ever",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| plan.equip(|state| state.verifier = Patient::arc(&state.tokens, i64::MAX)),
};

pub(super) const ONE_ROUTE: Defect = Defect {
    id: "jwt-exp-ignored-on-one-route",
    title: "tokens are good for ever on one route",
    operations: &["GET /me"],
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| plan.equip(|state| state.verifier = Patient::arc(&state.tokens, i64::MAX)),
};

pub(super) const DAY_OF_LEEWAY: Defect = Defect {
    id: "jwt-exp-ignored-for-a-day",
    title: "tokens are good for a day after they expired",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| plan.equip(|state| state.verifier = Patient::arc(&state.tokens, 24 * 60 * 60)),
};

/// Asks for all that it should, but for `leeway` seconds after the token expired. Tokens that have not are left to the sound verifier.
struct Patient {
    sound: Arc<Tokens>,
    leeway: i64,
}

impl Patient {
    fn arc(sound: &Arc<Tokens>, leeway: i64) -> Arc<Self> {
        Arc::new(Self { sound: sound.clone(), leeway })
    }

    fn expired(&self, token: &str) -> Option<Claims> {
        let sound = Tokens::validation();
        let validation = Validation { validate_exp: false, ..sound };
        let claims = decode::<Claims>(token, &self.sound.verifying, &validation).ok()?.claims;
        let now = unix_seconds();
        let tolerated = claims.exp <= now && now.saturating_sub(claims.exp) <= self.leeway;
        (tolerated && claims.iat <= now).then_some(claims)
    }
}

impl Verifier for Patient {
    fn verify(&self, token: &str) -> Option<Claims> {
        self.sound.verify(token).or_else(|| self.expired(token))
    }
}
