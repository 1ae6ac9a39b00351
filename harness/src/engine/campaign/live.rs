//! Lanes to a live API.

use std::sync::Arc;

use super::worker::LaneFactory;
use crate::scope::{Scope, TargetUrl};
use crate::target::{HttpLane, Lane, LocalFuture};
use crate::wire::{Limits, Proxy, TlsSettings};

/// Makes lanes to a live API, which its workers share.
pub struct HttpFactory {
    target: TargetUrl,
    scope: Arc<Scope>,
    tls: Arc<rustls::ClientConfig>,
    proxy: Option<Proxy>,
}

impl HttpFactory {
    /// Lanes to this target; nothing leaves the scope.
    pub fn new(target: TargetUrl, scope: Arc<Scope>, tls: Arc<rustls::ClientConfig>) -> Self {
        Self { target, scope, tls, proxy: None }
    }

    /// Lanes to a target of this machine: the scope is loopback, and certificates are checked as usual. An error
    /// where no certificates are known.
    pub fn loopback(target: TargetUrl) -> Result<Self, String> {
        let tls = TlsSettings::default().build().map_err(|error| error.to_string())?;
        Ok(Self::new(target, Arc::new(Scope::loopback()), tls))
    }

    /// The same, through a proxy that the user named.
    pub fn via(mut self, proxy: Option<Proxy>) -> Self {
        self.proxy = proxy;
        self
    }
}

impl LaneFactory for HttpFactory {
    fn lane(&self) -> LocalFuture<'_, Result<Box<dyn Lane>, String>> {
        let (scope, tls) = (Arc::clone(&self.scope), Arc::clone(&self.tls));
        let lane = HttpLane::new(&self.target, scope, tls, Limits::default()).via(self.proxy.clone());
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        false
    }

    fn waits(&self) -> bool {
        true
    }
}
