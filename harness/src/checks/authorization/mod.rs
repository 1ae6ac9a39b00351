//! Everybody does what they may, to what is theirs.

mod authz_object_read;

pub use authz_object_read::ObjectRead;
