//! Cases: the value that is sent, saved, replayed and shrunk.

mod value;

pub use value::{
    Compress, CredentialRef, Dynamic, Fresh, FreshKind, Nest, Ref, Repeat, Value, escape_token, tokens,
};
