//! Verifiers that compare a signature only when there is one.

use super::loose::Loose;
use super::{BEARER, Defect, Part};

const FIRES: &[&str] = &["jwt-sig-stripped"];

pub(super) const EMPTY: Defect = Defect {
    id: "jwt-sig-stripped-empty",
    title: "a token whose third segment is empty is believed",
    operations: BEARER,
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| {
        plan.equip(|state| {
            state.verifier =
                Loose::arc(&state.tokens, |signature, _| signature.is_some_and(<[u8]>::is_empty));
        });
    },
};

pub(super) const TWO_SEGMENTS: Defect = Defect {
    id: "jwt-sig-stripped-two-segments",
    title: "a token of two segments is believed on one route",
    operations: &["GET /orders/{id}"],
    part: Part::Verifier,
    fires: FIRES,
    also: &[],
    build: |plan| {
        plan.equip(|state| state.verifier = Loose::arc(&state.tokens, |signature, _| signature.is_none()));
    },
};
