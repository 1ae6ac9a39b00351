"""The database: SQLite in memory, new at each start."""

import sqlite3
from collections.abc import Sequence
from threading import RLock
from typing import Any

SCHEMA = """
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('customer', 'administrator')),
  full_name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT,
  internal_note TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
);
CREATE TABLE doctors (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  specialty TEXT NOT NULL,
  room TEXT NOT NULL,
  direct_phone TEXT NOT NULL,
  private_email TEXT NOT NULL,
  retired INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE appointments (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  doctor_id INTEGER NOT NULL REFERENCES doctors (id),
  day TEXT NOT NULL,
  slot TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX appointments_by_account ON appointments (account_id);
"""

Row = dict[str, Any]


class Store:
    """One connection behind a lock; each statement is a transaction of its own."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._connection = sqlite3.connect(
            ":memory:", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, values)]

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        with self._lock:
            row = self._connection.execute(sql, values).fetchone()
        return None if row is None else dict(row)

    def count(self, sql: str, values: Sequence[Any] = ()) -> int:
        with self._lock:
            return self._connection.execute(sql, values).fetchone()[0]

    def insert(self, sql: str, values: Sequence[Any]) -> int:
        """The id of the new row."""
        with self._lock:
            return self._connection.execute(sql, values).lastrowid

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """How many rows were changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount


store = Store()
