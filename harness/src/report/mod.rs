//! Reports: what a run says of itself. The JSON is the source; every other form is made from it.

mod advice;
mod coverage;
mod curl;
mod evidence;
mod generated;
mod issues;
mod markdown;
mod model;
#[cfg(feature = "schema")]
mod schema;
pub mod text;

pub(crate) use advice::advice;
pub(crate) use coverage::coverage;
pub use curl::curl;
pub use evidence::evidence;
pub use generated::generated_files;
pub(crate) use issues::group as group_issues;
pub use markdown::checks_markdown;
pub use model::{
    Behaviours, Cell, CheckSummary, Coverage, Environment, IdentitySummary, LeftBehind, LeftOut,
    OperationSummary, PracticeSummary, Report, SCHEMA_VERSION, Skipped, Tool, Vacuous,
};
#[cfg(feature = "schema")]
pub use schema::report_schema;
