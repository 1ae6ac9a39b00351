//! Lanes to a live API.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::worker::LaneFactory;
use crate::identity::Identity;
use crate::scope::{Scope, TargetUrl};
use crate::target::{HttpLane, Lane, LocalFuture};
use crate::wire::{Limits, Proxy, TlsSettings};

/// Makes lanes to a live API, which its workers share.
pub struct HttpFactory {
    target: TargetUrl,
    scope: Arc<Scope>,
    tls: Arc<rustls::ClientConfig>,
    proxy: Option<Proxy>,
    /// How the connections of single identities speak TLS.
    own: Vec<(String, Arc<rustls::ClientConfig>)>,
}

impl HttpFactory {
    /// Lanes to this target; nothing leaves the scope.
    pub fn new(target: TargetUrl, scope: Arc<Scope>, tls: Arc<rustls::ClientConfig>) -> Self {
        Self { target, scope, tls, proxy: None, own: Vec::new() }
    }

    /// Lanes to a target of this machine: the scope is loopback, and certificates are checked as usual. An error
    /// where no certificates are known.
    pub fn loopback(target: TargetUrl) -> Result<Self, String> {
        let tls = TlsSettings::default().build().map_err(|error| error.to_string())?;
        Ok(Self::new(target, Arc::new(Scope::loopback()), tls))
    }

    /// The same, where identities that have a certificate show it; `settings` say the rest. An error names the
    /// identity whose certificate is of no use.
    pub fn with_certificates<'i>(
        mut self,
        identities: impl IntoIterator<Item = &'i Identity>,
        settings: &TlsSettings,
    ) -> Result<Self, String> {
        for identity in identities {
            let Some(certificate) = &identity.certificate else { continue };
            let (chain, key) = (certificate.chain.as_bytes(), certificate.key.expose_secret().as_bytes());
            let tls = settings.clone().client_pem(chain, key).and_then(TlsSettings::build);
            let tls = tls.map_err(|error| format!("identity `{}`: {error}", identity.name))?;
            self.own.push((identity.name.clone(), tls));
        }
        Ok(self)
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
        let mut lane = HttpLane::new(&self.target, scope, tls, Limits::default());
        for (identity, tls) in &self.own {
            lane = lane.with_own(identity.clone(), Arc::clone(tls));
        }
        let lane = lane.via(self.proxy.clone());
        Box::pin(std::future::ready(Ok(Box::new(lane) as Box<dyn Lane>)))
    }

    fn own_state(&self) -> bool {
        false
    }

    fn waits(&self) -> bool {
        true
    }
}
