//! The database: SQLite, one for each service.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

/// Members with their passwords, for whoever tries this out.
pub(crate) const MEMBERS: [(&str, &str); 2] = [("alice", "alice-reads-a-lot"), ("bob", "bob-reads-at-night")];

const BOOKS: [(&str, &str); 5] = [
    ("The Left Hand of Darkness", "Ursula K. Le Guin"),
    ("The Dispossessed", "Ursula K. Le Guin"),
    ("Kindred", "Octavia E. Butler"),
    ("Solaris", "Stanisław Lem"),
    ("Roadside Picnic", "Arkady and Boris Strugatsky"),
];

pub(crate) struct Store(Mutex<Connection>);

impl Store {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().expect("SQLite is built in");
        connection
            .execute_batch(
                "CREATE TABLE members (name TEXT PRIMARY KEY, password BLOB NOT NULL);
                 CREATE TABLE tokens (token TEXT PRIMARY KEY, member TEXT NOT NULL);
                 CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL);
                 CREATE TABLE loans (id TEXT PRIMARY KEY, member TEXT NOT NULL, book INTEGER NOT NULL,
                                     days INTEGER NOT NULL, note TEXT NOT NULL);",
            )
            .expect("the schema is ours");
        for (name, password) in MEMBERS {
            let row = params![name, digest(name, password)];
            connection.execute("INSERT INTO members VALUES (?1, ?2)", row).expect("names differ");
        }
        for (title, author) in BOOKS {
            let row = params![title, author];
            connection
                .execute("INSERT INTO books (title, author) VALUES (?1, ?2)", row)
                .expect("well-formed");
        }
        Self(Mutex::new(connection))
    }

    /// A handler that panicked has left nothing half done: each does one statement.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A salted digest. A service that is not an example takes a slow one.
pub(crate) fn digest(name: &str, password: &str) -> Vec<u8> {
    Sha256::digest(format!("{name}\0{password}")).to_vec()
}

/// A number that nobody guesses.
pub(crate) fn secret() -> String {
    format!("{:032x}", rand::random::<u128>())
}
