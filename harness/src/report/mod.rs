//! Reports: what a run says of itself. The JSON is the source; every other form is made from it.

mod curl;
mod model;
mod transcript;

pub use curl::curl;
pub use model::{
    Cell, CheckSummary, Environment, IdentitySummary, OperationSummary, PracticeSummary, Report,
    SCHEMA_VERSION, Skipped, Tool, Vacuous,
};
pub use transcript::evidence;
