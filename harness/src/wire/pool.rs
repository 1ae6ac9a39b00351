//! Connections between two requests.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use tokio::sync::Semaphore;

use super::connection::Connection;

/// Idle connections, and named ones. No borrow outlives a call.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: RefCell<Vec<Connection>>,
    named: RefCell<HashMap<Box<str>, Rc<Named>>>,
    made: Cell<u64>,
}

/// The place of a named connection, which one request at a time may use.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) turn: Semaphore,
    connection: RefCell<Option<Connection>>,
}

impl Pool {
    pub(super) fn named(&self, name: &str) -> Rc<Named> {
        let mut named = self.named.borrow_mut();
        if let Some(known) = named.get(name) {
            return Rc::clone(known);
        }
        let new = Rc::new(Named { turn: Semaphore::new(1), connection: RefCell::default() });
        named.insert(name.into(), Rc::clone(&new));
        new
    }

    /// Takes the connection that was used last, since it is the least likely to have been closed.
    pub(super) fn take(&self, named: Option<&Named>, source: Option<IpAddr>) -> Option<Connection> {
        if let Some(named) = named {
            return named.connection.borrow_mut().take().filter(|kept| kept.source == source);
        }
        let mut idle = self.idle.borrow_mut();
        let at = idle.iter().rposition(|kept| kept.source == source)?;
        Some(idle.remove(at))
    }

    /// Keeps a connection; beyond `cap` idle ones the oldest is closed.
    pub(super) fn keep(&self, named: Option<&Named>, connection: Connection, cap: usize) {
        if let Some(named) = named {
            *named.connection.borrow_mut() = Some(connection);
            return;
        }
        let mut idle = self.idle.borrow_mut();
        idle.push(connection);
        if idle.len() > cap {
            idle.remove(0);
        }
    }

    pub(super) fn next_serial(&self) -> u64 {
        self.made.set(self.made.get() + 1);
        self.made.get()
    }

    /// Closes the connection of this name, once no request uses it.
    pub(super) fn close(&self, name: &str) {
        self.named.borrow_mut().remove(name);
    }

    /// Closes every connection that no request uses.
    pub(super) fn clear(&self) {
        self.idle.borrow_mut().clear();
        self.named.borrow_mut().clear();
    }

    pub(super) fn idle(&self) -> usize {
        self.idle.borrow().len()
    }
}
