//! Cases: the value that is sent, saved, replayed and shrunk.

mod edit;
mod file;
mod found;
mod model;
mod place;
mod request;
mod step;
mod value;

#[cfg(feature = "libfuzzer")]
pub(crate) use file::expansion;
pub(crate) use file::hex;
pub(crate) use model::declared_for;

pub use edit::{Edit, FlipAt, Forgery, Signature};
pub use file::{FileError, MAX_COPIES, MAX_EXPANSION, MAX_STEPS};
pub use found::cases_in;
pub use model::{Base, Case, Excerpt, FORMAT_VERSION, IdentityNeed};
pub use place::Place;
pub use request::{Body, Content, Pairs, Part, Request};
pub use step::{ANONYMOUS, Act, Role, Send, Step, Wait};
pub use value::{
    Compress, CredentialRef, Dynamic, Fresh, FreshKind, Nest, Ref, Repeat, Value, escape_token, tokens,
};
