//! Bad media types are refused, answers say what they are.

mod ctype_absent_accepted;
mod ctype_mismatch_body;
mod ctype_nosniff_missing;
mod ctype_refusal_not_415;
mod ctype_response_undeclared;
mod ctype_undocumented_accepted;
mod typed;

pub use ctype_absent_accepted::AbsentAccepted;
pub use ctype_mismatch_body::MismatchBody;
pub use ctype_nosniff_missing::NosniffMissing;
pub use ctype_refusal_not_415::RefusalNot415;
pub use ctype_response_undeclared::ResponseUndeclared;
pub use ctype_undocumented_accepted::UndocumentedAccepted;
