//! The database: SQLite, in memory, one for each range. Every statement is a constant, every value a bound parameter.

mod accounts;
mod dishes;
mod orders;
mod reports;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params};

use crate::accounts::Accounts;

pub(crate) use accounts::Profile;
pub(crate) use dishes::{Dish, Filter, Sort};
pub(crate) use orders::{Change, Line, Order, Placed, lines};
pub(crate) use reports::{Day, Ticket};

/// A handle to the database. Statements take microseconds, so a lock around one connection is all that is needed.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Connection>>);

impl Store {
    /// Opens a new database that knows these accounts and the menu.
    pub(crate) fn open(accounts: &Accounts) -> Self {
        let store = Self::try_open(accounts).expect("an in-memory database opens with this schema");
        Self(Arc::new(Mutex::new(store)))
    }

    fn try_open(accounts: &Accounts) -> rusqlite::Result<Connection> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
        connection.execute_batch(include_str!("schema.sql"))?;
        for account in accounts.people() {
            connection.execute(
                "INSERT INTO accounts (name, display_name, role, salt, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    account.name,
                    account.display_name,
                    account.role.as_str(),
                    account.hash.salt,
                    account.hash.hash
                ],
            )?;
        }
        Ok(connection)
    }

    /// The connection. A handler that panicked while it held the lock has at worst left a transaction, which was rolled back.
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
