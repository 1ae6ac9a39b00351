//! Errors tell the caller what to mend and nobody anything else.

mod error_shape_inconsistent;
mod error_stack_trace;

pub use error_shape_inconsistent::ShapeInconsistent;
pub use error_stack_trace::StackTrace;
