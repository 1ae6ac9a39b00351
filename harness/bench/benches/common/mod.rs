//! A session into a service of this process.

use std::sync::Arc;

use proofhouse::execute::{Session, SessionConfig};
use proofhouse::identity::{Identity, Vault, Wallet};
use proofhouse::target::ServiceLane;

/// A session into this router, with these identities.
pub(crate) fn session(router: axum::Router, identities: Vec<Identity>) -> Session {
    let lane = ServiceLane::<_, axum::body::Body>::new(router);
    let wallet = Wallet::new(identities, Arc::new(Vault::default()));
    Session::new(Box::new(lane), Arc::new(wallet), SessionConfig::default())
}

/// A runtime like that of a worker.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
