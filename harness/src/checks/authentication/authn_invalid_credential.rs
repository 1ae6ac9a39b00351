//! # What it sends
//! Requests with credentials that nobody issued, of the caller's own scheme: random letters (a bearer token, a key, a
//! password), three random segments in place of a token, and garbled text; between two genuine ones, beside one without
//! any credential, and beside another operation that refuses.
//!
//! # What must hold
//! Each is refused as no credential is. A violation is a canary, an effect, or content that depends on who asks; being
//! let in where no credential at all is refused, on an API that refuses such a credential elsewhere, is *likely* one.
//! Where no operation refuses anybody, `authn-not-enforced` says so once. Smallest effect: one kind of credential let
//! in by one operation.
//!
//! # Why it matters
//! An operation that asks for a credential and does not look at it is open to whoever types anything.
//!
//! # How to fix
//! Verify the credential before anything else is done, in one place for all operations, and let failure refuse.
//!
//! # References
//! CWE-287; OWASP API2:2023; RFC 9110 section 11.6.1; ASVS 5.0 6.2.

use super::entry::{self, Frame, random};
use super::proof::{self, Say};
use crate::case::{Case, Dynamic, Edit, Place, Role, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict,
};
use crate::generate::{Source, World};
use crate::trace::Trace;

/// An operation that lets in whoever has any credential.
pub struct InvalidCredential;

static ABOUT: About = About {
    id: "authn-invalid-credential",
    title: "an operation that accepts a credential that nobody issued",
    practice: Practice::Authentication,
    source: include_str!("authn_invalid_credential.rs"),
    grain: Grain::Operation,
    phase: Phase::Authentication,
    needs: &[Need::Identity],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 80,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 15,
    cwe: &[287],
    owasp: &["API2:2023"],
    wfc: None,
    once: false,
};

impl Check for InvalidCredential {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let (draft, needs) = match entry::draft_of(at, world) {
            Ok(found) => found,
            Err(verdict) => return Plan::Done(verdict),
        };
        let nobody = Edit::set(Place::Credential, random("random", 40));
        let Some(mut frame) = Frame::open(ABOUT.id, draft, needs, Some(&nobody), world) else {
            return Plan::vacuous("nothing reads what this operation changes");
        };
        let set = |value| Some(Edit::set(Place::Credential, value));
        frame.attack("random", Some(nobody));
        // A second deletion of one object proves nothing.
        if world.operation(draft.operation).method != "DELETE" {
            let segments =
                [random("s1", 36), Value::text("."), random("s2", 60), Value::text("."), random("s3", 43)];
            frame.attack("segments", set(Value::concat(segments)));
            frame.attack(
                "garbled",
                set(Value::concat([Value::text("~!"), random("garbled", 9), Value::text("*'")])),
            );
        }
        Plan::suspect(frame.close("invalid", world))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let attacks =
            case.steps.iter().filter(|step| step.role == Role::Attack).filter_map(|step| step.request());
        if attacks.clone().any(|send| !send.edits.iter().any(is_invented)) {
            return Verdict::vacuous("an attack carries no invented credential");
        }
        proof::judge(case, trace, &Say { title: "accepts a credential that nobody issued", presence: true })
    }
}

/// A credential with a random part: nobody's by chance.
fn is_invented(edit: &Edit) -> bool {
    fn is_fresh(value: &Value) -> bool {
        match value {
            Value::Dynamic(leaf) => match &**leaf {
                Dynamic::Fresh(fresh) => fresh.min.is_some_and(|least| least >= 8),
                Dynamic::Concat(parts) => parts.iter().any(is_fresh),
                _ => false,
            },
            _ => false,
        }
    }
    matches!(edit, Edit::Set { at: Place::Credential, value, .. } if is_fresh(value))
}
