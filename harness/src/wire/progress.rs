//! How far a request got: readable at any moment, also when time is up.

use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::message::{Delivery, Outcome, Phase, Timing};

#[derive(Debug)]
pub(super) struct Progress {
    start: Instant,
    pub(super) phase: Cell<Phase>,
    pub(super) status: Cell<Option<u16>>,
    /// Bytes of the answer so far.
    pub(super) received: Cell<u64>,
    /// Bytes of the request that the transport took.
    pub(super) written: Cell<u64>,
    written_first: Cell<Option<u64>>,
    writing: Cell<Option<Instant>>,
    first_byte: Cell<Option<Duration>>,
    pub(super) connect: Cell<Option<Duration>>,
    pub(super) tls: Cell<Option<Duration>>,
    ends: Cell<Option<(SocketAddr, SocketAddr)>>,
    connection: Cell<Option<u64>>,
    reused: Cell<bool>,
    pub(super) retried: Cell<bool>,
}

impl Progress {
    pub(super) fn start(at: Instant) -> Self {
        Self {
            start: at,
            phase: Cell::default(),
            status: Cell::default(),
            received: Cell::default(),
            written: Cell::default(),
            written_first: Cell::default(),
            writing: Cell::default(),
            first_byte: Cell::default(),
            connect: Cell::default(),
            tls: Cell::default(),
            ends: Cell::default(),
            connection: Cell::default(),
            reused: Cell::default(),
            retried: Cell::default(),
        }
    }

    /// The request goes out on this connection from here.
    pub(super) fn begin(&self, serial: u64, reused: bool, ends: (SocketAddr, SocketAddr)) {
        self.connection.set(Some(serial));
        self.reused.set(reused);
        self.ends.set(Some(ends));
        self.phase.set(Phase::Request);
        self.written.set(0);
        self.writing.set(Some(Instant::now()));
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.written.set(self.written.get() + bytes as u64);
    }

    pub(super) fn read(&self, bytes: usize) {
        if self.received.get() == 0 && bytes > 0 {
            self.written_first.set(Some(self.written.get()));
            self.first_byte.set(self.writing.get().map(|since| since.elapsed()));
            self.phase.set(Phase::Head);
        }
        self.received.set(self.received.get() + bytes as u64);
    }

    pub(super) fn deliver(&self, outcome: Outcome, length: usize) -> Delivery {
        let ends = self.ends.get();
        Delivery {
            outcome,
            timing: Timing {
                connect: self.connect.get(),
                tls: self.tls.get(),
                first_byte: self.first_byte.get(),
                total: self.start.elapsed(),
            },
            written: self.written_first.get().unwrap_or(self.written.get()),
            length: length as u64,
            peer: ends.map(|(peer, _)| peer),
            local: ends.map(|(_, local)| local),
            connection: self.connection.get(),
            reused: self.reused.get(),
            retried: self.retried.get(),
        }
    }
}
