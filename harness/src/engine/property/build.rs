//! The factory of a test: builds the service for each worker, and for each state that must be fresh.

use std::fmt::Debug;
use std::sync::Arc;

use http_body::Body as HttpBody;
use tower_service::Service;

use crate::engine::campaign::{LaneFactory, Opened};
use crate::identity::Identity;
use crate::target::{Body, Lane, LocalFuture, ServiceLane, watched};

/// How the lanes of a test are to be.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// The operations hang below this path.
    pub(super) base_path: String,
    /// Time passes without waiting.
    pub(super) virtual_clock: bool,
    /// Whose connections may show a certificate.
    #[cfg(feature = "http")]
    pub(super) identities: Arc<[Identity]>,
    /// Whom connections trust.
    #[cfg(feature = "http")]
    pub(super) tls: crate::wire::TlsSettings,
}

/// Makes one lane.
pub(super) type Make = Arc<dyn Fn(Wanted) -> LocalFuture<'static, Result<Opened, String>> + Send + Sync>;

/// What a test attacks.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) make: Make,
    /// Each lane has a service of its own.
    pub(super) own_state: bool,
    /// There is a network between.
    pub(super) waits: bool,
    /// What reports and command lines call it.
    pub(super) name: String,
}

/// The factory that a campaign asks for lanes.
pub(super) struct Factory {
    pub(super) target: Target,
    pub(super) wanted: Wanted,
}

impl LaneFactory for Factory {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        Box::pin(async { Ok(self.open().await?.lane) })
    }

    fn open(&self) -> LocalFuture<'_, Result<Opened, String>> {
        (self.target.make)(self.wanted.clone())
    }

    fn own_state(&self) -> bool {
        self.target.own_state
    }

    fn virtual_clock(&self) -> bool {
        self.wanted.virtual_clock
    }

    fn waits(&self) -> bool {
        self.target.waits
    }
}

/// A lane into this service.
pub(super) fn opened<S, R>(service: S, identities: Vec<Identity>, wanted: &Wanted) -> Opened
where
    S: Service<http::Request<Body>, Response = http::Response<R>> + Clone + 'static,
    S::Error: Debug,
    R: HttpBody + 'static,
{
    let lane = ServiceLane::<S, Body>::new(service).below(&wanted.base_path);
    let lane = if wanted.virtual_clock { lane.on_virtual_clock() } else { lane };
    Opened { lane: Box::new(lane), identities }
}

/// What was built; a panic is told in words.
pub(super) async fn built<T>(building: impl Future<Output = T>) -> Result<T, String> {
    watched(building).await.map_err(|panic| {
        let at = panic.location.map(|at| format!(" at {at}")).unwrap_or_default();
        format!("the service could not be built: its factory panicked{at}: {}", panic.message)
    })
}
