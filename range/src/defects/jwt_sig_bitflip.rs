//! Verifiers that compare a part of the signature.

use super::loose::Loose;
use super::{BEARER, Defect, Part};

const FIRES: &[&str] = &["jwt-sig-bitflip"];
const TRUNCATED: (&str, &str) = ("jwt-sig-truncated", "what is not compared may be missing");

pub(super) const FIRST_HALF: Defect = Defect {
    id: "jwt-sig-bitflip-in-second-half",
    title: "of a signature only the first half is compared",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[TRUNCATED],
    build: |plan| {
        plan.equip(|state| {
            state.verifier = Loose::arc(&state.tokens, |signature, right| {
                signature.is_some_and(|given| given.len() == right.len() && given[..16] == right[..16])
            });
        });
    },
};

pub(super) const ALL_BUT_FIRST: Defect = Defect {
    id: "jwt-sig-bitflip-in-first-byte",
    title: "on one route the comparison of signatures begins with the second byte",
    operations: &["GET /orders/{id}/receipt"],
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| {
        plan.equip(|state| {
            state.verifier = Loose::arc(&state.tokens, |signature, right| {
                signature.is_some_and(|given| given.len() == right.len() && given[1..] == right[1..])
            });
        });
    },
};
