//! Identities: who sends, with which credential; and the secrets of a run.

mod spec;
mod vault;
mod wallet;

pub use spec::{Certificate, Companion, Identity, Login, Refresh, Registration, SendAs, Spec, SpecError};
pub use vault::Vault;
pub(crate) use vault::is_secret_member;
pub(crate) use wallet::Granted;
pub use wallet::{Attach, Credential, Wallet};
