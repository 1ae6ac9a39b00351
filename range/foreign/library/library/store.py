"""The database: SQLite in memory, new at each start."""

import sqlite3
from collections.abc import Sequence
from threading import RLock
from typing import Any

SCHEMA = """
CREATE TABLE members (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('customer', 'administrator')),
  full_name TEXT NOT NULL,
  email TEXT NOT NULL,
  staff_note TEXT NOT NULL DEFAULT '',
  joined_at TEXT NOT NULL
);
CREATE TABLE books (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  author TEXT NOT NULL,
  genre TEXT NOT NULL,
  year INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE reservations (
  id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES members (id),
  book_id INTEGER NOT NULL REFERENCES books (id),
  branch TEXT NOT NULL,
  made_at TEXT NOT NULL
);
CREATE TABLE lists (
  id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES members (id),
  title TEXT NOT NULL,
  note TEXT NOT NULL,
  book_ids TEXT NOT NULL,
  made_at TEXT NOT NULL
);
CREATE TABLE fines (
  id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES members (id),
  amount_cents INTEGER NOT NULL,
  reason TEXT NOT NULL,
  incurred_on TEXT NOT NULL
);
CREATE TABLE ended_sessions (jti TEXT PRIMARY KEY);
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

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """How many rows were changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **row: Any) -> int:
        """The id of the new row; table and columns are never input."""
        marks = ", ".join("?" for _ in row)
        sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
        with self._lock:
            return self._connection.execute(sql, tuple(row.values())).lastrowid


store = Store()
