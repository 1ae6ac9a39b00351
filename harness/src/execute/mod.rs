//! The one execution loop: the only place that sends, waits, calls a hook or reads a log.

mod bind;
mod door;
mod encode;
mod forge;
mod login;
#[cfg(test)]
mod returning;
mod run;
mod session;
mod settle;

pub use door::Door;
pub use forge::{KeyError, SigningKey};
pub use run::execute;
pub use session::{Governor, Halt, Session, SessionConfig};

pub(crate) use encode::{FORM, QUERY, SEGMENT, percent};
pub(crate) use forge::read_token;
pub(crate) use login::{login_base, set_cookies, taken};
