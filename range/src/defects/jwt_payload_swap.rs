//! Verifiers that believe other claims under a signature that is right for some.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::loose::Loose;
use super::{BEARER, Defect, Part};
use crate::auth::Tokens;

const FIRES: &[&str] = &["jwt-payload-swap"];

pub(super) const REMEMBERED: Defect = Defect {
    id: "jwt-payload-swap-with-remembered-signature",
    title: "a signature that was right once is not computed again, whatever the claims are now",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[("jwt-cross-token-splice", "a signature is believed beside any claims")],
    build: |plan| plan.equip(|state| state.verifier = remembering(&state.tokens)),
};

pub(super) const UNVERIFIED: Defect = Defect {
    id: "jwt-payload-swap-on-unverified-route",
    title: "one route reads the claims, looks whether the signature has the right length, and compares nothing",
    operations: &["GET /admin/accounts"],
    part: Part::Verifier,
    fires: FIRES,
    also: &[
        ("jwt-sig-bitflip", "no signature is compared at all"),
        ("jwt-sig-constant", "no signature is compared at all"),
        ("jwt-cross-token-splice", "no signature is compared at all"),
    ],
    build: |plan| {
        plan.equip(|state| {
            let long_enough =
                |given: Option<&[u8]>, right: &[u8]| given.is_some_and(|given| given.len() == right.len());
            state.verifier = Loose::arc(&state.tokens, long_enough);
        });
    },
};

/// Remembers the signatures that it found right; of all else it asks what it should.
fn remembering(tokens: &Arc<Tokens>) -> Arc<Loose> {
    let right: Mutex<HashSet<Vec<u8>>> = Mutex::default();
    Loose::alone(tokens, move |signature, computed| {
        let Some(given) = signature else { return false };
        let mut right = right.lock().unwrap_or_else(PoisonError::into_inner);
        if given == computed {
            right.insert(given.to_owned());
        }
        right.contains(given)
    })
}
