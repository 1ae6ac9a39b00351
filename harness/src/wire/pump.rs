//! Reading that keeps the request moving: one poll writes what the other side takes, then reads.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fault::Fault;
use super::progress::Progress;
use crate::message::Phase;

/// How much is written before the answer is looked for again.
const SLICE: usize = 64 << 10;
/// How much room a read gets.
const ROOM: usize = 16 << 10;

/// One exchange on a connection: a request that is still being written, and the answer so far.
pub(super) struct Pump<'a, S> {
    io: &'a mut S,
    /// What was read and not yet taken.
    pub(super) buf: &'a mut BytesMut,
    out: &'a [u8],
    flushed: bool,
    /// The other side takes no more; it may have answered all the same.
    broken: Option<Fault>,
    pub(super) progress: &'a Progress,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Pump<'a, S> {
    pub(super) fn new(
        io: &'a mut S,
        buf: &'a mut BytesMut,
        out: &'a [u8],
        progress: &'a Progress,
    ) -> Pump<'a, S> {
        Pump { io, buf, out, flushed: false, broken: None, progress }
    }

    /// Whether the request is wholly written.
    pub(super) fn is_written(&self) -> bool {
        self.out.is_empty() && self.flushed && self.broken.is_none()
    }

    /// Waits for more of the answer; `Closed` at its end.
    pub(super) async fn fill(&mut self) -> Result<(), Fault> {
        match self.fill_or_end().await? {
            0 => Err(self.broken.take().unwrap_or(Fault::Closed)),
            _ => Ok(()),
        }
    }

    /// Waits for more of the answer; 0 at its end.
    pub(super) async fn fill_or_end(&mut self) -> Result<usize, Fault> {
        match poll_fn(|cx| self.poll_fill(cx)).await {
            Ok(read) => {
                self.progress.read(read);
                Ok(read)
            }
            Err(error) => match Fault::from(error) {
                Fault::Closed => Ok(0),
                fault => Err(fault),
            },
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            let more = self.poll_write(cx);
            let read = self.poll_read(cx);
            if read.is_ready() || !more {
                return read;
            }
        }
    }

    /// Reads into a place of its own first: answers are short, and what they leave behind of the buffer that they
    /// share would be lost to the next one.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut room = [MaybeUninit::uninit(); ROOM];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut *self.io).poll_read(cx, &mut read))?;
        self.buf.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Writes a slice; whether another one may be tried at once.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
        match self.poll_write_slice(cx) {
            Poll::Ready(Ok(more)) => more,
            Poll::Ready(Err(error)) => {
                self.broken = Some(error.into());
                self.out = &[];
                self.flushed = true;
                false
            }
            Poll::Pending => false,
        }
    }

    fn poll_write_slice(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if !self.out.is_empty() {
            let slice = &self.out[..self.out.len().min(SLICE)];
            let wrote = ready!(Pin::new(&mut *self.io).poll_write(cx, slice))?;
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            self.out = &self.out[wrote..];
            self.progress.wrote(wrote);
            if !self.out.is_empty() {
                return Poll::Ready(Ok(true));
            }
        }
        if !self.flushed {
            ready!(Pin::new(&mut *self.io).poll_flush(cx))?;
            self.flushed = true;
            if self.progress.phase.get() == Phase::Request {
                self.progress.phase.set(Phase::Answer);
            }
        }
        Poll::Ready(Ok(false))
    }
}
