//! What can be wrong with the range: one file for each check, each defect declared as data.
//!
//! A defect replaces, wraps or equips operations of the hardened range, which knows nothing of it. To add one: declare it in the file of its
//! check, `also` before `build`; list it in [`defects`]; and add to `tests/range/defects.rs` what it changes.

mod answer;
mod authn_challenge_missing;
mod authn_invalid_credential;
mod authn_missing_credential;
mod authn_not_enforced;
mod authz_field_matrix;
mod authz_function;
mod authz_object_read;
mod ctype_absent_accepted;
mod ctype_mismatch_body;
mod ctype_nosniff_missing;
mod ctype_refusal_not_415;
mod ctype_response_undeclared;
mod ctype_undocumented_accepted;
mod error_db_detail;
mod error_panic_spreads;
mod error_path_disclosure;
mod error_shape_inconsistent;
mod error_stack_trace;
mod expose_seeded_secret;
mod expose_undocumented_field;
mod input_body_size;
mod input_flaky_operation;
mod input_json_depth;
mod input_json_malformed;
mod input_schema_violation_accepted;
mod input_server_error;
mod input_sqli_boolean;
mod input_sqli_error;
mod intake;
mod inventory_trace;
mod jwt_alg_none;
mod jwt_exp_ignored;
mod jwt_payload_swap;
mod jwt_sig_bitflip;
mod jwt_sig_stripped;
mod loose;
mod plan;
mod ratelimit_missing;
mod ratelimit_never_recovers;
mod ratelimit_retry_after_dishonest;

use std::fmt;

use plan::Plan;

use crate::routes::Operation;

/// One thing that can be wrong.
pub struct Defect {
    /// Its stable id, which contains the id of the check that it makes fire.
    pub id: &'static str,
    /// What is wrong, in one line.
    pub title: &'static str,
    /// The operations that it lives on, as `METHOD path`.
    pub operations: &'static [&'static str],
    /// What it changes about them.
    pub part: Part,
    /// The checks that must fire.
    pub fires: &'static [&'static str],
    /// The checks that may fire as well, each with the reason.
    pub also: &'static [(&'static str, &'static str)],
    pub(crate) build: fn(&mut Plan),
}

/// What a defect changes about its operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// How they answer.
    Answer,
    /// Which tokens they believe.
    Verifier,
    /// Both: who gets in, and what they are answered.
    Handler,
    /// How often they answer.
    Limit,
    /// How their bodies are read.
    Intake,
    /// Which other methods their path knows.
    Method,
    /// All that anybody gets there, now and then: it stands alone.
    Whole,
}

impl Part {
    fn holds(self, other: Self) -> bool {
        self == Self::Handler && matches!(other, Self::Answer | Self::Verifier)
    }
}

impl Defect {
    /// Whether the two would hide each other: they change the same about the same operation.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        let whole = self.part == Part::Whole || other.part == Part::Whole;
        let same = self.part == other.part || self.part.holds(other.part) || other.part.holds(self.part);
        whole || same && self.operations.iter().any(|operation| other.operations.contains(operation))
    }
}

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Defect").field(&self.id).finish()
    }
}

/// All defects.
pub fn defects() -> &'static [Defect] {
    static ALL: &[Defect] = &[
        authn_challenge_missing::NO_CHALLENGE,
        authn_challenge_missing::SERVER_ERROR,
        authn_challenge_missing::UNKNOWN,
        authn_invalid_credential::REPORTS,
        authn_invalid_credential::FALLBACK,
        authn_missing_credential::LIST,
        authn_missing_credential::DELETION,
        authn_not_enforced::ANYWHERE,
        authn_not_enforced::PRESENCE,
        authz_field_matrix::PERMISSIONS,
        authz_field_matrix::HELPERS,
        authz_function::EVERYBODY,
        authz_function::NAMED,
        authz_object_read::ORDER,
        authz_object_read::RECEIPT,
        authz_object_read::FULL_VIEW,
        ctype_absent_accepted::ORDER,
        ctype_absent_accepted::LOGIN,
        ctype_mismatch_body::FORM,
        ctype_mismatch_body::QUOTES,
        ctype_nosniff_missing::MISSPELLED,
        ctype_nosniff_missing::ON_ERRORS,
        ctype_refusal_not_415::BAD_REQUEST,
        ctype_refusal_not_415::UNPROCESSABLE,
        ctype_response_undeclared::PAGE,
        ctype_response_undeclared::NO_JSON,
        ctype_undocumented_accepted::ANY,
        ctype_undocumented_accepted::TEXT,
        error_db_detail::UNKNOWN_DISH,
        error_db_detail::BAD_DATE,
        error_panic_spreads::DISH_NUMBER,
        error_panic_spreads::ORDER_NOTE,
        error_path_disclosure::ARCHIVE,
        error_path_disclosure::COUPONS,
        error_shape_inconsistent::PLAIN_TEXT,
        error_shape_inconsistent::OTHER_JSON,
        error_shape_inconsistent::HTML,
        error_shape_inconsistent::SUCCESS,
        error_stack_trace::RUST_PANIC,
        error_stack_trace::NESTED_PYTHON,
        error_stack_trace::JAVA_ON_QUOTE,
        error_stack_trace::NODE_ON_LONG_TEXT,
        input_server_error::ZERO,
        input_server_error::NOT_TEXT,
        input_flaky_operation::ONE_OF_THREE,
        input_flaky_operation::ONE_OF_FIVE,
        inventory_trace::HEALTH,
        inventory_trace::MENU,
        input_json_malformed::FIRST_ONLY,
        input_json_malformed::RELAXED,
        input_schema_violation_accepted::PLACED,
        input_schema_violation_accepted::CHANGED,
        input_sqli_error::SEARCH,
        input_sqli_error::DATE,
        expose_seeded_secret::ACCOUNTS,
        expose_seeded_secret::PROFILE,
        expose_undocumented_field::PURCHASE,
        expose_undocumented_field::PASSWORD_HASH,
        input_sqli_boolean::SEARCH,
        input_sqli_boolean::NUMBER,
        input_sqli_boolean::CATEGORY,
        input_sqli_boolean::SORT,
        input_json_depth::COUNTER,
        input_json_depth::STACK,
        input_body_size::ORDER,
        input_body_size::LOGIN,
        jwt_alg_none::LOWERCASE,
        jwt_alg_none::MIXED_CASE,
        jwt_alg_none::FORGOTTEN_ROUTE,
        jwt_exp_ignored::EVERYWHERE,
        jwt_exp_ignored::ONE_ROUTE,
        jwt_exp_ignored::DAY_OF_LEEWAY,
        jwt_payload_swap::REMEMBERED,
        jwt_payload_swap::UNVERIFIED,
        jwt_sig_bitflip::FIRST_HALF,
        jwt_sig_bitflip::ALL_BUT_FIRST,
        jwt_sig_stripped::EMPTY,
        jwt_sig_stripped::TWO_SEGMENTS,
        ratelimit_missing::COUPONS_UNLIMITED,
        ratelimit_missing::LOGIN_RECOUNT,
        ratelimit_missing::TENFOLD,
        ratelimit_never_recovers::TRIPPED,
        ratelimit_never_recovers::LONG_LOCKOUT,
        ratelimit_retry_after_dishonest::WORDS,
        ratelimit_retry_after_dishonest::AN_HOUR,
        ratelimit_retry_after_dishonest::TOO_SHORT,
    ];
    ALL
}

/// The operations that take a bearer token.
const BEARER: &[&str] = &[
    "GET /me",
    "GET /orders",
    "POST /orders",
    "GET /orders/{id}",
    "PATCH /orders/{id}",
    "DELETE /orders/{id}",
    "GET /orders/{id}/receipt",
    "POST /coupons/check",
    "GET /admin/accounts",
];

/// The defect with this id.
pub fn defect(id: &str) -> Option<&'static Defect> {
    defects().iter().find(|defect| defect.id == id)
}

/// Builds defects into the operations of the hardened range.
pub(crate) fn build_in(defects: &[&'static Defect], operations: Vec<Operation>) -> Vec<Operation> {
    let mut plan = Plan::new(operations);
    for defect in defects {
        (defect.build)(plan.of(defect.operations));
    }
    plan.finish()
}
