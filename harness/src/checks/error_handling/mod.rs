//! Errors tell the caller what to mend and nobody anything else.

mod error_db_detail;
mod error_panic_spreads;
mod error_path_disclosure;
mod error_shape_inconsistent;
mod error_stack_trace;

pub use error_db_detail::DbDetail;
pub use error_panic_spreads::PanicSpreads;
pub use error_path_disclosure::PathDisclosure;
pub use error_shape_inconsistent::ShapeInconsistent;
pub use error_stack_trace::StackTrace;
