//! A live API as the target, over our own HTTP/1.1 client.

use std::sync::Arc;

use super::{Capabilities, Delivered, How, Lane, LocalFuture};
use crate::message::Outgoing;
use crate::scope::{Scheme, Scope, TargetUrl};
use crate::wire::{Client, Limits, Proxy, SendOptions};

/// A lane to a live API. Each worker has one, with connections of its own.
pub struct HttpLane {
    client: Client,
    /// Clients of identities whose connections show a certificate.
    own: Vec<(String, Client)>,
    authority: String,
    base_path: String,
}

impl HttpLane {
    /// A lane to this target; nothing leaves the scope.
    pub fn new(
        target: &TargetUrl,
        scope: Arc<Scope>,
        tls: Arc<rustls::ClientConfig>,
        limits: Limits,
    ) -> Self {
        let client = Client::new(scope, target.origin().clone(), tls, limits);
        let base_path = target.base().trim_end_matches('/').to_owned();
        Self { client, own: Vec::new(), authority: target.origin().authority(), base_path }
    }

    /// The same, through a proxy that the user named.
    pub fn via(mut self, proxy: Option<Proxy>) -> Self {
        self.client = self.client.via(proxy.clone());
        self.own = self.own.into_iter().map(|(name, own)| (name, own.via(proxy.clone()))).collect();
        self
    }

    /// The same, where the connections of this identity show a certificate of their own.
    pub fn with_own(mut self, identity: String, tls: Arc<rustls::ClientConfig>) -> Self {
        let connector = self.client.connector();
        let (scope, origin) = (connector.shared_scope(), connector.origin().clone());
        self.own.push((identity, Client::new(scope, origin, tls, self.client.limits().clone())));
        self
    }

    fn client(&self, how: How<'_>) -> &Client {
        let own = || self.own.iter().find(|(name, _)| Some(name.as_str()) == how.identity);
        if self.own.is_empty() { &self.client } else { own().map_or(&self.client, |(_, own)| own) }
    }
}

fn options(how: How<'_>) -> SendOptions<'_> {
    SendOptions { connection: how.connection, source: how.source, ..SendOptions::default() }
}

impl Lane for HttpLane {
    fn send<'a>(&'a self, request: &'a Outgoing, how: How<'a>) -> LocalFuture<'a, Delivered> {
        Box::pin(async move { self.client(how).send(request, &options(how)).await.into() })
    }

    fn send_raw<'a>(&'a self, bytes: &'a [u8], how: How<'a>) -> LocalFuture<'a, Delivered> {
        Box::pin(async move { self.client(how).send_raw(bytes, &options(how)).await.into() })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            wire_bytes: true,
            tls: self.client.origin().scheme() == Scheme::Https,
            source_addresses: self.client.origin().is_loopback(),
            parallel: true,
            ..Capabilities::default()
        }
    }

    fn authority(&self) -> &str {
        &self.authority
    }

    fn base_path(&self) -> &str {
        &self.base_path
    }
}
