//! Identities: who sends, with which credential; and the secrets of a run.

mod spec;
mod vault;
mod wallet;

pub use spec::{Identity, Login, SendAs, Spec, SpecError};
pub use vault::Vault;
pub(crate) use vault::is_secret_member;
pub use wallet::{Attach, Credential, Wallet};
