//! The property engine: a service's own tests prove it, with the checks, cases, shrinker and corpora of every other
//! engine.
//!
//! ```no_run
//! # use proofhouse::identity::Identity;
//! # async fn service() -> axum::Router { axum::Router::new() }
//! # const DOCUMENT: &str = "";
//! #[test]
//! # fn hidden() {}
//! fn the_api_holds() {
//!     proofhouse::prove_with(|| async { service().await })
//!         .openapi(DOCUMENT) // include_str!("../openapi.yaml")
//!         .identity(Identity::bearer("alice", "token-of-alice").role("customer"))
//!         .identity(Identity::bearer("bob", "token-of-bob").role("customer"))
//!         .invariant("balance-negative", |trace| {
//!             trace.all().all(|one| one.answer_json().is_none_or(|json| json["balance"].as_i64() >= Some(0)))
//!         })
//!         .cases(2_000)
//!         .run() // inside a runtime: `.run_async().await`
//!         .assert_holds();
//! }
//! ```

mod build;
#[cfg(feature = "proptest")]
mod cases;
mod drawn;
mod environment;
mod instance;
mod message;
mod panics;
mod proof;
mod prove;
mod ran;
mod record;
mod rig;
mod run;
mod saved;
#[cfg(test)]
mod tests;

#[cfg(feature = "proptest")]
pub use cases::Cases;
pub use drawn::Drawn;
pub use instance::{Instance, IntoInstance, WithBody, with_body};
pub use proof::Proof;
#[cfg(feature = "http")]
pub use prove::prove_url;
pub use prove::{Prove, prove, prove_with};
pub use ran::{Broken, Ran};
pub use record::{Record, RecordLayer};
pub use rig::Rig;
pub use run::ProveError;
