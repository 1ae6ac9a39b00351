//! The client of one lane for one origin.

use std::cell::RefCell;
use std::sync::Arc;

use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use super::connect::{Connector, out_of_scope};
use super::connection::Connection;
use super::decode::decode;
use super::fault::Fault;
use super::framing::Asked;
use super::limits::Limits;
use super::options::SendOptions;
use super::pool::{Named, Pool};
use super::progress::Progress;
use super::proxy::Proxy;
use super::read::Answer;
use crate::message::{Delivery, Outcome, Outgoing, encode};
use crate::scope::{Origin, OutOfScope, Scope};

/// Sends requests to one origin over connections that it keeps.
///
/// Any number of sends may be under way at once on one thread. A send that is dropped closes its connection.
#[derive(Debug)]
pub struct Client {
    connector: Connector,
    limits: Limits,
    pool: Pool,
    /// Buffers for requests, to be used again.
    spare: RefCell<Vec<Vec<u8>>>,
}

/// Bytes to send, and what the client must know about them.
struct Parcel<'a> {
    bytes: &'a [u8],
    asked: Asked,
    /// Whether its connection may serve others afterwards.
    shares: bool,
}

/// Buffers that grew beyond this are not kept.
const SPARE: usize = 256 << 10;

impl Client {
    /// A client of `origin` within `scope`.
    pub fn new(scope: Arc<Scope>, origin: Origin, tls: Arc<ClientConfig>, limits: Limits) -> Self {
        let connector = Connector::new(scope, origin, tls);
        Self { connector, limits, pool: Pool::default(), spare: RefCell::default() }
    }

    /// The same, through a proxy that the user named.
    pub fn via(mut self, proxy: Option<Proxy>) -> Self {
        self.connector = self.connector.via(proxy);
        self
    }

    /// Where it sends to.
    pub fn origin(&self) -> &Origin {
        self.connector.origin()
    }

    /// What makes its connections, for acts that need one of their own.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many connections wait for a request, named ones left out.
    pub fn idle(&self) -> usize {
        self.pool.idle()
    }

    /// Closes the connection of this name; the next request of that name makes a new one.
    pub fn close(&self, name: &str) {
        self.pool.close(name);
    }

    /// Closes every connection that no request uses.
    pub fn close_all(&self) {
        self.pool.clear();
    }

    /// Sends a request and waits for what becomes of it.
    ///
    /// After a request that plays with its framing, the connection serves no other, unless it is a named one.
    pub async fn send(&self, request: &Outgoing, options: &SendOptions<'_>) -> Delivery {
        let admitted = self.connector.scope().admit(self.connector.origin(), request);
        let mut bytes = self.spare.borrow_mut().pop().unwrap_or_default();
        encode(request, &mut bytes);
        let parcel =
            Parcel { bytes: &bytes, asked: Asked::by(&request.method), shares: request.is_plainly_framed() };
        let delivery = self.deliver(admitted, parcel, options).await;
        if bytes.capacity() <= SPARE {
            bytes.clear();
            self.spare.borrow_mut().push(bytes);
        }
        delivery
    }

    /// Sends these bytes as they are and waits for one answer.
    ///
    /// Its connection serves no other request, unless it is a named one.
    pub async fn send_raw(&self, bytes: &[u8], options: &SendOptions<'_>) -> Delivery {
        let admitted = self.connector.scope().admit_raw(self.connector.origin(), bytes);
        let asked = Asked::by(bytes.trim_ascii_start().split(|b| *b == b' ').next().unwrap_or_default());
        self.deliver(admitted, Parcel { bytes, asked, shares: false }, options).await
    }

    async fn deliver(
        &self,
        admitted: Result<(), OutOfScope>,
        parcel: Parcel<'_>,
        options: &SendOptions<'_>,
    ) -> Delivery {
        let start = Instant::now();
        let progress = Progress::start(start);
        let deadline = start + options.total.unwrap_or(self.limits.total);
        let outcome = match admitted {
            Err(error) => out_of_scope(error),
            Ok(()) => match timeout_at(deadline, self.attempt(&parcel, options, &progress)).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::TimedOut { phase: progress.phase.get(), status: progress.status.get() },
            },
        };
        progress.deliver(outcome, parcel.bytes.len())
    }

    async fn attempt(&self, parcel: &Parcel<'_>, options: &SendOptions<'_>, progress: &Progress) -> Outcome {
        let named = options.connection.map(|name| self.pool.named(name));
        let named = named.as_deref();
        let _turn = match named {
            // Fails only when it is closed, which nobody does.
            Some(named) => named.turn.acquire().await.ok(),
            None => None,
        };
        if let Some(mut kept) = self.kept(named, options).await {
            let answer = self.exchange(&mut kept, parcel, progress).await;
            let stale = progress.received.get() == 0 && answer.as_ref().is_err_and(Fault::is_gone);
            if !stale || options.no_retry {
                return self.conclude(answer, kept, named, parcel, options, progress);
            }
            progress.retried.set(true);
        }
        let deadline = Instant::now() + self.limits.connect;
        match self.connector.connect(options.source, deadline, progress).await {
            Err(outcome) => outcome,
            Ok(new) => {
                let mut new = new.numbered(self.pool.next_serial());
                let answer = self.exchange(&mut new, parcel, progress).await;
                self.conclude(answer, new, named, parcel, options, progress)
            }
        }
    }

    /// A connection that is still of use, as far as this machine knows.
    async fn kept(&self, named: Option<&Named>, options: &SendOptions<'_>) -> Option<Connection> {
        if options.fresh && named.is_none() {
            return None;
        }
        loop {
            let mut kept = self.pool.take(named, options.source)?;
            if !options.fresh && kept.is_quiet().await {
                return Some(kept);
            }
        }
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        parcel: &Parcel<'_>,
        progress: &Progress,
    ) -> Result<Answer, Fault> {
        connection.exchange(parcel.bytes, parcel.asked, &self.limits, progress).await
    }

    fn conclude(
        &self,
        answer: Result<Answer, Fault>,
        connection: Connection,
        named: Option<&Named>,
        parcel: &Parcel<'_>,
        options: &SendOptions<'_>,
        progress: &Progress,
    ) -> Outcome {
        let (received, status) = (progress.received.get(), progress.status.get());
        match answer {
            Ok(Answer { mut incoming, reusable }) => {
                if reusable && (named.is_some() || (parcel.shares && !options.fresh)) {
                    self.pool.keep(named, connection, self.limits.idle);
                }
                decode(&mut incoming, &self.limits);
                Outcome::Answered(incoming)
            }
            Err(Fault::Closed) => Outcome::Closed { received, status },
            Err(Fault::Reset) => Outcome::Reset { received, status },
            Err(Fault::Tls(at, reason)) if received == 0 => Outcome::Refused { at, reason: reason.into() },
            Err(Fault::Tls(_, reason)) => Outcome::Garbled { reason: reason.into() },
            Err(Fault::Garbled(reason)) => Outcome::Garbled { reason: reason.into() },
        }
    }
}
