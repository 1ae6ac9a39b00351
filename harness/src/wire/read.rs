//! Reads one answer.

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite};

use super::chunked::read_chunks;
use super::fault::Fault;
use super::framing::{Framing, framing, keeps_alive};
use super::head::{Head, could_be_answer, end_of_head, parse_head};
use super::limits::Limits;
use super::pump::Pump;
use crate::message::{Incoming, Phase};

/// Room for a body is made for at most this much ahead of what came.
const AHEAD: usize = 64 << 10;

/// An answer as it came, with its transfer coding taken off.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) incoming: Incoming,
    /// Whether the connection stands where another answer could begin.
    pub(super) reusable: bool,
}

/// Reads one final answer; interim ones before it are counted and dropped.
pub(super) async fn read_answer<S: AsyncRead + AsyncWrite + Unpin>(
    pump: &mut Pump<'_, S>,
    of_head_request: bool,
    limits: &Limits,
) -> Result<Answer, Fault> {
    let mut interim = 0;
    let head = loop {
        let head = read_head(pump, limits).await?;
        if !matches!(head.status, 100 | 102..=199) {
            break head;
        }
        interim += 1;
        if interim > limits.interim {
            return Err("interim answers that do not end".into());
        }
    };
    pump.progress.status.set(Some(head.status));
    pump.progress.phase.set(Phase::Body);
    let framing = framing(&head, of_head_request)?;
    let mut body = Body::new(limits.body);
    let mut trailers = None;
    match framing {
        Framing::Length(length) => body.read_exactly(pump, length).await?,
        Framing::UntilClose => body.read_to_end(pump).await?,
        Framing::Chunked => trailers = read_chunks(pump, &mut body, limits).await?,
    }
    let surplus = if body.cut { 0 } else { pump.buf.len() as u32 };
    let reusable = !body.cut
        && surplus == 0
        && framing != Framing::UntilClose
        && pump.is_written()
        && keeps_alive(&head);
    let incoming = Incoming {
        status: head.status,
        version: head.version,
        headers: head.headers,
        cut: body.cut,
        interim,
        trailers: trailers.filter(|fields| !fields.is_empty()).map(Box::new),
        body_on_wire: body.kept.len() as u64,
        body: Bytes::from(body.kept),
        surplus,
        ..Incoming::default()
    };
    Ok(Answer { incoming, reusable })
}

async fn read_head<S: AsyncRead + AsyncWrite + Unpin>(
    pump: &mut Pump<'_, S>,
    limits: &Limits,
) -> Result<Head, Fault> {
    let (mut searched, mut skipped) = (0, 0);
    loop {
        // Empty lines before a status line are tolerated, as everywhere.
        let empty = pump.buf.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if searched == 0 && empty > 0 {
            pump.buf.advance(empty);
            skipped += empty;
        }
        if !could_be_answer(pump.buf) {
            let start = crate::message::inert(pump.buf, 40);
            return Err(Fault::Garbled(format!("it starts with {start}").into()));
        }
        if let Some(end) = end_of_head(pump.buf, searched).filter(|end| *end <= limits.head) {
            let head = parse_head(&pump.buf[..end], limits.fields)?;
            pump.buf.advance(end);
            return Ok(head);
        }
        if pump.buf.len() + skipped >= limits.head {
            return Err("a head that does not end".into());
        }
        searched = pump.buf.len();
        pump.fill().await?;
    }
}

/// A body that is kept up to a cap.
pub(super) struct Body {
    kept: Vec<u8>,
    cap: usize,
    /// Whether there is more than the cap.
    pub(super) cut: bool,
}

impl Body {
    fn new(cap: usize) -> Self {
        Self { kept: Vec::new(), cap, cut: false }
    }

    /// Takes `length` bytes, or as many as fit.
    pub(super) async fn read_exactly<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        pump: &mut Pump<'_, S>,
        length: u64,
    ) -> Result<(), Fault> {
        let room = self.cap - self.kept.len();
        self.cut = length > room as u64;
        let mut missing = if self.cut { room } else { length as usize };
        self.kept.reserve(missing.min(AHEAD));
        while missing > 0 {
            if pump.buf.is_empty() {
                pump.fill().await?;
            }
            missing -= self.take(pump, missing);
        }
        Ok(())
    }

    async fn read_to_end<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        pump: &mut Pump<'_, S>,
    ) -> Result<(), Fault> {
        loop {
            self.take(pump, self.cap - self.kept.len());
            if !pump.buf.is_empty() {
                self.cut = true;
                return Ok(());
            }
            if pump.fill_or_end().await? == 0 {
                return Ok(());
            }
        }
    }

    fn take<S>(&mut self, pump: &mut Pump<'_, S>, at_most: usize) -> usize {
        let taken = pump.buf.len().min(at_most);
        self.kept.extend_from_slice(&pump.buf[..taken]);
        pump.buf.advance(taken);
        taken
    }
}
