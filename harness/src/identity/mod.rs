//! Identities: who sends, with which credential; and the secrets of a run.

mod login;
mod spec;
mod vault;
mod wallet;

pub use login::{Companion, Login, Refresh, Registration, SendAs};
pub use spec::{Certificate, Identity, Spec, SpecError};
pub use vault::Vault;
pub(crate) use vault::is_secret_member;
pub(crate) use wallet::Granted;
pub use wallet::{Attach, Credential, Wallet};
