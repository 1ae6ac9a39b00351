//! Input is what the operation expects, or is refused.

mod input_sqli_boolean;

pub use input_sqli_boolean::SqliBoolean;
