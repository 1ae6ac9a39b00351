//! Input is what the operation expects, or is refused.

mod edges;
mod grammar;
mod harm;
mod input_body_size;
mod input_flaky_operation;
mod input_json_depth;
mod input_json_malformed;
mod input_schema_violation_accepted;
mod input_server_error;
mod input_sqli_boolean;
mod input_sqli_error;
mod violations;

pub use input_body_size::BodySize;
pub use input_flaky_operation::FlakyOperation;
pub use input_json_depth::JsonDepth;
pub use input_json_malformed::JsonMalformed;
pub use input_schema_violation_accepted::SchemaViolationAccepted;
pub use input_server_error::ServerError;
pub use input_sqli_boolean::SqliBoolean;
pub use input_sqli_error::SqliError;
