//! Every check, by practice.

use super::{
    About, Check, Checks, Invariant, Passive, Verdict, authentication, authorization, content_type,
    error_handling, exposure, input_validation, inventory, rate_limiting,
};
use crate::case::Case;
use crate::trace::Trace;

/// A check of either kind.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Plans and judges cases of its own.
    Active(&'static dyn Check),
    /// Looks at every exchange.
    Passive(&'static dyn Passive),
    /// Looks at every trace.
    Invariant(&'static Invariant),
}

impl Kind {
    /// What the check declares of itself.
    pub fn about(&self) -> &'static About {
        match self {
            Self::Active(check) => check.about(),
            Self::Passive(check) => check.about(),
            Self::Invariant(invariant) => invariant.about(),
        }
    }
}

/// Every check. Add a line here for a new one.
pub const CHECKS: &[Kind] = &[
    Kind::Passive(&error_handling::StackTrace),
    Kind::Passive(&error_handling::DbDetail),
    Kind::Passive(&error_handling::PathDisclosure),
    Kind::Passive(&content_type::NosniffMissing),
    Kind::Passive(&content_type::ResponseUndeclared),
    Kind::Passive(&exposure::UndocumentedField),
    Kind::Passive(&exposure::SeededSecret),
    Kind::Active(&inventory::Trace),
    Kind::Active(&error_handling::ShapeInconsistent),
    Kind::Active(&error_handling::PanicSpreads),
    Kind::Active(&content_type::UndocumentedAccepted),
    Kind::Active(&content_type::AbsentAccepted),
    Kind::Active(&content_type::MismatchBody),
    Kind::Active(&content_type::RefusalNot415),
    Kind::Active(&authentication::JwtAlgNone),
    Kind::Active(&authentication::JwtExpIgnored),
    Kind::Active(&authentication::JwtSigStripped),
    Kind::Active(&authentication::JwtSigBitflip),
    Kind::Active(&authentication::JwtPayloadSwap),
    Kind::Active(&authentication::MissingCredential),
    Kind::Active(&authentication::InvalidCredential),
    Kind::Active(&authentication::ChallengeMissing),
    Kind::Active(&authentication::NotEnforced),
    Kind::Active(&authorization::ObjectRead),
    Kind::Active(&authorization::Function),
    Kind::Active(&authorization::FieldMatrix),
    Kind::Active(&input_validation::ServerError),
    Kind::Active(&input_validation::FlakyOperation),
    Kind::Active(&input_validation::JsonMalformed),
    Kind::Active(&input_validation::SchemaViolationAccepted),
    Kind::Active(&input_validation::SqliError),
    Kind::Active(&input_validation::SqliBoolean),
    Kind::Active(&input_validation::JsonDepth),
    Kind::Active(&input_validation::BodySize),
    Kind::Active(&rate_limiting::Missing),
    Kind::Active(&rate_limiting::NeverRecovers),
    Kind::Active(&rate_limiting::RetryAfterDishonest),
];

/// The check of this id.
pub fn by_id(id: &str) -> Option<&'static Kind> {
    CHECKS.iter().find(|check| check.about().id == id)
}

/// Judges a trace by the check that its case names, among those that ship.
pub fn judge(case: &Case, trace: &Trace) -> Verdict {
    Checks::default().judge(case, trace)
}
