//! Everybody does what they may, to what is theirs.

mod authz_field_matrix;
mod authz_function;
mod authz_object_read;
mod canaries;
mod condition;
mod lists;
mod office;
mod privacy;

pub use authz_field_matrix::FieldMatrix;
pub use authz_function::Function;
pub use authz_object_read::ObjectRead;
pub(in crate::checks) use canaries::plant;
