//! Makes connections, and only to where the scope allows.

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::progress::Progress;
use super::proxy::Proxy;
use super::stream::Stream;
use super::tls::ended_at;
use crate::message::{Outcome, Phase, Stage, Unsent};
use crate::scope::{Origin, OutOfScope, Scheme, Scope};

/// Makes connections to one origin. Every one of them passes the scope twice: by name, and by address.
#[derive(Debug)]
pub struct Connector {
    scope: Arc<Scope>,
    origin: Origin,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    /// Whom to ask for a tunnel to the origin.
    proxy: Option<Proxy>,
    /// Addresses that the name had, until one of them fails.
    known: RefCell<Option<Rc<[SocketAddr]>>>,
}

impl Connector {
    /// A connector to `origin` that speaks TLS, if that is its scheme, as `tls` says.
    pub fn new(scope: Arc<Scope>, origin: Origin, tls: Arc<ClientConfig>) -> Self {
        let name = match origin.address() {
            Some(address) => Some(ServerName::from(address)),
            None => ServerName::try_from(origin.host().to_owned()).ok(),
        };
        let tls = match origin.scheme() {
            Scheme::Http => None,
            Scheme::Https => name.map(|name| (tls, name)),
        };
        Self { scope, origin, tls, proxy: None, known: RefCell::default() }
    }

    /// The same, through a proxy that the user named.
    pub fn via(mut self, proxy: Option<Proxy>) -> Self {
        self.proxy = proxy;
        self
    }

    /// What it may connect to.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same, to be shared.
    pub(crate) fn shared_scope(&self) -> Arc<Scope> {
        Arc::clone(&self.scope)
    }

    /// Where it connects to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) async fn connect(
        &self,
        source: Option<IpAddr>,
        deadline: Instant,
        progress: &Progress,
    ) -> Result<Connection, Outcome> {
        let timed_out = |phase| Outcome::TimedOut { phase, status: None };
        progress.phase.set(Phase::Connect);
        let start = Instant::now();
        let (tcp, ends) = timeout_at(deadline, self.connect_tcp(source))
            .await
            .map_err(|_| self.forget(timed_out(Phase::Connect)))??;
        progress.connect.set(Some(start.elapsed()));
        let stream = match &self.tls {
            None if self.origin.scheme() == Scheme::Https => {
                return Err(refused(Stage::Handshake, "the host is not a name that TLS knows"));
            }
            None => Stream::Plain(tcp),
            Some((config, name)) => {
                progress.phase.set(Phase::Handshake);
                let start = Instant::now();
                let connector = TlsConnector::from(Arc::clone(config));
                let stream = timeout_at(deadline, connector.connect(name.clone(), tcp))
                    .await
                    .map_err(|_| timed_out(Phase::Handshake))?
                    .map_err(|error| refused(ended_at(&error), &error.to_string()))?;
                progress.tls.set(Some(start.elapsed()));
                Stream::Tls(Box::new(stream))
            }
        };
        Ok(Connection::new(stream, source, ends))
    }

    /// Opens a TCP connection and speaks nothing on it, within `limit`; for hand-made TLS and the like.
    pub async fn open(&self, source: Option<IpAddr>, limit: Duration) -> Result<TcpStream, Outcome> {
        let timed_out = Outcome::TimedOut { phase: Phase::Connect, status: None };
        let opened = timeout(limit, self.connect_tcp(source)).await.map_err(|_| self.forget(timed_out))?;
        opened.map(|(tcp, _)| tcp)
    }

    async fn connect_tcp(
        &self,
        source: Option<IpAddr>,
    ) -> Result<(TcpStream, (SocketAddr, SocketAddr)), Outcome> {
        self.scope.admit_origin(&self.origin).map_err(out_of_scope)?;
        let mut last =
            refused(Stage::Connect, "the source address is of another family than every address of the host");
        for address in self.resolve().await?.iter() {
            // Behind a proxy it is the proxy that knows the target's address: the scope has admitted the name.
            if self.proxy.is_none() {
                self.scope.admit_address(&self.origin, address.ip()).map_err(out_of_scope)?;
            }
            if source.is_some_and(|source| source.is_ipv4() != address.is_ipv4()) {
                continue;
            }
            let socket = open(*address, source).map_err(not_here)?;
            let mut connected = socket.connect(*address).await.and_then(|tcp| {
                tcp.set_nodelay(true)?;
                let ends = (tcp.peer_addr()?, tcp.local_addr()?);
                Ok((tcp, ends))
            });
            if let (Some(proxy), Ok((tcp, _))) = (&self.proxy, &mut connected) {
                proxy.tunnel(tcp, &self.origin).await.map_err(|why| refused(Stage::Connect, &why))?;
            }
            match connected {
                Ok(connected) => return Ok(connected),
                Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => last = not_here(error),
                Err(error) => last = refused(Stage::Connect, &error.to_string()),
            }
        }
        Err(self.forget(last))
    }

    async fn resolve(&self) -> Result<Rc<[SocketAddr]>, Outcome> {
        if let Some(known) = &*self.known.borrow() {
            return Ok(Rc::clone(known));
        }
        let to = self.proxy.as_ref().map_or(&self.origin, Proxy::origin);
        let port = to.port();
        let found: Rc<[SocketAddr]> = match to.address() {
            Some(address) => Rc::new([SocketAddr::new(address, port)]),
            None => lookup_host((to.host(), port))
                .await
                .map_err(|error| refused(Stage::Resolve, &error.to_string()))?
                .collect(),
        };
        if found.is_empty() {
            return Err(refused(Stage::Resolve, "the name has no address"));
        }
        *self.known.borrow_mut() = Some(Rc::clone(&found));
        Ok(found)
    }

    fn forget(&self, outcome: Outcome) -> Outcome {
        *self.known.borrow_mut() = None;
        outcome
    }
}

fn open(address: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    Ok(socket)
}

fn refused(at: Stage, reason: &str) -> Outcome {
    Outcome::Refused { at, reason: reason.into() }
}

fn not_here(error: io::Error) -> Outcome {
    Outcome::NotSent { why: Unsent::Local, reason: error.to_string().into() }
}

pub(super) fn out_of_scope(error: OutOfScope) -> Outcome {
    Outcome::NotSent { why: Unsent::Scope, reason: error.to_string().into() }
}
