//! Answers without a socket: a server that is a run of bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::exchange::exchange;
use super::fault::Fault;
use super::framing::Asked;
use super::limits::Limits;
use super::progress::Progress;
use super::read::Answer;

/// A server that takes everything and answers with fixed bytes, `step` at a time, and then closes.
struct Script<'a> {
    left: &'a [u8],
    step: usize,
}

impl AsyncRead for Script<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let taken = self.left.len().min(self.step).min(buf.remaining());
        let (now, later) = self.left.split_at(taken);
        buf.put_slice(now);
        self.left = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What the reader makes of these bytes when they come `step` at a time.
pub(super) fn answer_to(
    method: &str,
    bytes: &[u8],
    step: usize,
    limits: &Limits,
) -> (Result<Answer, Fault>, BytesMut) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut buf = BytesMut::new();
    let progress = Progress::start(Instant::now());
    let mut io = Script { left: bytes, step };
    let asked = Asked::by(method.as_bytes());
    let answer =
        runtime.block_on(exchange(&mut io, &mut buf, b"GET / HTTP/1.1\r\n\r\n", asked, limits, &progress));
    (answer, buf)
}

/// What the client makes of these bytes when they come `step` at a time, its content coding taken off; `None` when it
/// makes no answer of them. For whoever tries the reader on bytes of strangers.
#[cfg(feature = "libfuzzer")]
pub fn answer_of(
    method: &str,
    bytes: &[u8],
    step: usize,
    limits: &Limits,
) -> Option<crate::message::Incoming> {
    let mut incoming = answer_to(method, bytes, step.max(1), limits).0.ok()?.incoming;
    super::decode::decode(&mut incoming, limits);
    Some(incoming)
}
