//! The one execution loop: the only place that sends, waits, calls a hook or reads a log.

mod amend;
mod bind;
mod body;
mod door;
mod encode;
mod forge;
mod governor;
mod json;
mod login;
#[cfg(test)]
mod patience;
mod percent;
#[cfg(test)]
mod returning;
mod run;
#[cfg(test)]
mod scripted;
mod session;
mod settle;

pub use door::Door;
pub use forge::{KeyError, SigningKey};
pub use governor::Governor;
pub use run::execute;
pub use session::{Halt, Session, SessionConfig};

pub(crate) use forge::read_token;
pub(crate) use login::{login_base, set_cookies, taken};
pub(crate) use percent::{FORM, QUERY, SEGMENT, percent};
