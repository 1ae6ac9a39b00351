//! Reads one answer.

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite};

use super::chunked::read_chunks;
use super::fault::Fault;
use super::framing::{Asked, Framing, framing, keeps_alive};
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
    asked: Asked,
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
    let framing = framing(&head, asked)?;
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
        && !asked.opens_tunnel(head.status)
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

#[cfg(test)]
mod tests {
    use super::super::testing::{answer_to, dice};
    use super::*;

    fn answer(bytes: &str) -> Result<Answer, Fault> {
        answer_to("GET", bytes.as_bytes(), usize::MAX, &Limits::default()).0
    }

    fn garbled(bytes: &str) -> String {
        match answer(bytes) {
            Err(Fault::Garbled(reason)) => reason.into_owned(),
            other => panic!("{bytes:?}: {other:?}"),
        }
    }

    #[test]
    fn bodies_of_each_framing_are_read() {
        for (bytes, body, reusable) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", true),
            ("\r\nHTTP/1.1 200 OK\nContent-Length: 3\n\nabc", "abc", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "abc", false),
            ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 3\r\n\r\nabc", "abc", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", false),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc", "abc", true),
            ("HTTP/1.1 200 OK\r\n\r\nabc", "abc", false),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                "abc",
                true,
            ),
            ("HTTP/1.1 204 OK\r\n\r\n", "", true),
            ("HTTP/1.1 101 Switching\r\n\r\n", "", false),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 OK\r\n\r\n",
                "",
                true,
            ),
        ] {
            let answer = answer(bytes).unwrap_or_else(|fault| panic!("{bytes:?}: {fault:?}"));
            assert_eq!(answer.incoming.body, body, "{bytes:?}");
            assert_eq!(answer.reusable, reusable, "{bytes:?}");
        }
    }

    #[test]
    fn head_and_connect_are_answered_without_a_body() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        let (answer, _) = answer_to("HEAD", bytes, usize::MAX, &Limits::default());
        let answer = answer.unwrap();
        assert!(answer.incoming.body.is_empty() && answer.reusable);
        let (answer, _) = answer_to("CONNECT", b"HTTP/1.1 200 OK\r\n\r\n", usize::MAX, &Limits::default());
        let answer = answer.unwrap();
        assert!(answer.incoming.body.is_empty() && !answer.reusable);
    }

    #[test]
    fn trailers_are_kept() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nDigest: x\r\n\r\n";
        let trailers = answer(chunked).unwrap().incoming.trailers.unwrap();
        assert_eq!(trailers.get("digest"), Some(&b"x"[..]));
    }

    #[test]
    fn what_is_not_http_is_garbled() {
        assert_eq!(garbled("SSH-2.0-x\x1b\r\n"), "it starts with SSH-2.0-x\\x1b\\r\\n");
        assert_eq!(garbled("HTTP/2 200\r\n\r\n"), "it starts with HTTP/2 200\\r\\n\\r\\n");
        let chunked =
            |rest: &str| garbled(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{rest}"));
        assert_eq!(chunked("2\r\nabc\r\n0\r\n\r\n"), "a chunk is not as long as it says");
        assert_eq!(chunked("xyz"), "a chunk size that is not a number");
        assert_eq!(chunked(&format!("1;{}", "e".repeat(5000))), "a chunk size that does not end");
        assert_eq!(chunked(&format!("0\r\n{}", "A: b\r\n".repeat(20_000))), "trailers that do not end");
        assert_eq!(
            garbled(&format!("HTTP/1.1 200 OK\r\n{}", "A: b\r\n".repeat(20_000))),
            "a head that does not end"
        );
        assert_eq!(garbled(&"\r\n".repeat(80_000)), "a head that does not end");
        assert_eq!(garbled(&"HTTP/1.1 100 Go\r\n\r\n".repeat(20)), "interim answers that do not end");
        assert!(garbled(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(257))).contains("headers"));
    }

    #[test]
    fn bodies_are_cut_at_the_cap_and_not_buffered_beyond_it() {
        let limits = Limits { body: 1000, ..Limits::default() };
        let big = "x".repeat(5000);
        let chunked = format!("Transfer-Encoding: chunked\r\n\r\n258\r\n{}\r\nfff\r\n{big}", &big[..0x258]);
        for rest in [format!("Content-Length: 9999999\r\n\r\n{big}"), format!("A: b\r\n\r\n{big}"), chunked] {
            for step in [1, 300, usize::MAX] {
                let bytes = format!("HTTP/1.1 200 OK\r\n{rest}");
                let (answer, buf) = answer_to("GET", bytes.as_bytes(), step, &limits);
                let answer = answer.unwrap();
                assert_eq!(
                    (answer.incoming.body.len(), answer.incoming.cut, answer.reusable),
                    (1000, true, false)
                );
                assert!(buf.capacity() <= 32 << 10);
            }
        }
        let (exact, _) =
            answer_to("GET", format!("HTTP/1.1 200 OK\r\n\r\n{}", &big[..1000]).as_bytes(), 7, &limits);
        assert!(!exact.unwrap().incoming.cut);
    }

    #[test]
    fn short_bodies_are_closed_connections() {
        for rest in
            ["Content-Length: 4\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "Half: "]
        {
            assert!(matches!(answer(&format!("HTTP/1.1 200 OK\r\n{rest}")), Err(Fault::Closed)), "{rest}");
        }
        assert!(matches!(answer(""), Err(Fault::Closed)));
    }

    /// Neither panics, nor an answer that depends on how the network cuts it up.
    #[test]
    fn random_and_mutated_answers_are_read_alike_however_they_come() {
        let limits = Limits { body: 64, head: 256, ..Limits::default() };
        let seeds = [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: y\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n40\r\nabc\r\n0\r\nT: x\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not\r\nConnection: keep-alive\r\n\r\n<html>",
        ];
        let alphabet = b"\r\n\0:; ,0123456789abcdefHTP/.\xff";
        let mut dice = dice(42);
        for round in 0..6_000 {
            let mut bytes: Vec<u8> = match round % 4 {
                3 => (0..dice() % 200).map(|_| alphabet[dice() as usize % alphabet.len()]).collect(),
                seed => seeds[seed].into(),
            };
            for _ in 0..dice() % 4 {
                let at = dice() as usize % (bytes.len() + 1);
                let byte = alphabet[dice() as usize % alphabet.len()];
                match dice() % 3 {
                    0 => bytes.insert(at, byte),
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.extend_from_within(at..),
                }
            }
            let read = |step| {
                let (answer, buf) = answer_to("GET", &bytes, step, &limits);
                assert!(buf.capacity() <= 64 << 10);
                match answer {
                    Ok(Answer { incoming, .. }) => {
                        Ok((incoming.status, incoming.body, incoming.cut, incoming.trailers))
                    }
                    Err(Fault::Garbled(_)) => Err("garbled"),
                    Err(_) => Err("closed"),
                }
            };
            let whole = read(usize::MAX);
            assert_eq!(read(1), whole, "{}", crate::message::inert(&bytes, 900));
            assert_eq!(read(13), whole, "{}", crate::message::inert(&bytes, 900));
        }
    }
}
