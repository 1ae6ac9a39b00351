//! Everybody does what they may, to what is theirs.

mod authz_function;
mod authz_object_read;

pub use authz_function::Function;
pub use authz_object_read::ObjectRead;
pub(in crate::checks) use authz_object_read::plant;
