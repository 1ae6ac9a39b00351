//! A connection and the buffer that goes with it.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::Poll;

use bytes::BytesMut;
use tokio::io::{AsyncRead, ReadBuf};

use super::exchange::exchange;
use super::fault::Fault;
use super::framing::Asked;
use super::limits::Limits;
use super::progress::Progress;
use super::read::Answer;
use super::stream::Stream;

#[derive(Debug)]
pub(super) struct Connection {
    io: Stream,
    buf: BytesMut,
    /// The address it was asked to come from.
    pub(super) source: Option<IpAddr>,
    peer: SocketAddr,
    local: SocketAddr,
    serial: u64,
    used: bool,
}

impl Connection {
    pub(super) fn new(io: Stream, source: Option<IpAddr>, (peer, local): (SocketAddr, SocketAddr)) -> Self {
        Self { io, buf: BytesMut::new(), source, peer, local, serial: 0, used: false }
    }

    pub(super) fn numbered(self, serial: u64) -> Self {
        Self { serial, ..self }
    }

    pub(super) async fn exchange(
        &mut self,
        out: &[u8],
        asked: Asked,
        limits: &Limits,
        progress: &Progress,
    ) -> Result<Answer, Fault> {
        progress.begin(self.serial, self.used, (self.peer, self.local));
        self.used = true;
        exchange(&mut self.io, &mut self.buf, out, asked, limits, progress).await
    }

    /// Whether, as far as this machine knows, the other side neither closed it nor spoke unasked.
    pub(super) async fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        poll_fn(|cx| {
            let read = Pin::new(&mut self.io).poll_read(cx, &mut ReadBuf::new(&mut byte));
            Poll::Ready(read.is_pending())
        })
        .await
    }
}
