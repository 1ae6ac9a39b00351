//! What the tests beside the code share.

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

/// The same numbers for the same seed (SplitMix64).
pub(super) fn dice(mut seed: u64) -> impl FnMut() -> u64 {
    move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

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
