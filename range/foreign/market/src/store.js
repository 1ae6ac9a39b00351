'use strict';

const initSqlJs = require('sql.js');

const SCHEMA = `
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('customer', 'administrator')),
  full_name TEXT NOT NULL,
  email TEXT NOT NULL,
  internal_note TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
);
CREATE TABLE listings (
  id TEXT PRIMARY KEY,
  seller_id TEXT NOT NULL REFERENCES accounts (id),
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  category TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  stock INTEGER NOT NULL CHECK (stock >= 0),
  state TEXT NOT NULL CHECK (state IN ('active', 'withdrawn')),
  featured INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
);
CREATE TABLE addresses (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  recipient TEXT NOT NULL,
  street TEXT NOT NULL,
  city TEXT NOT NULL,
  postcode TEXT NOT NULL
);
CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  buyer_id TEXT NOT NULL REFERENCES accounts (id),
  listing_id TEXT NOT NULL REFERENCES listings (id),
  address_id TEXT NOT NULL REFERENCES addresses (id),
  quantity INTEGER NOT NULL,
  total_cents INTEGER NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX addresses_by_account ON addresses (account_id);
CREATE INDEX orders_by_buyer ON orders (buyer_id);
`;

/** The database: SQLite in memory, new at each start. */
class Store {
  constructor(database) {
    this.database = database;
    this.database.run('PRAGMA foreign_keys = ON');
    this.database.exec(SCHEMA);
  }

  all(sql, values = []) {
    const statement = this.database.prepare(sql);
    try {
      statement.bind(values);
      const rows = [];
      while (statement.step()) rows.push(statement.getAsObject());
      return rows;
    } finally {
      statement.free();
    }
  }

  one(sql, values = []) {
    return this.all(sql, values)[0];
  }

  /** How many rows were changed. */
  change(sql, values = []) {
    this.database.run(sql, values);
    return this.database.getRowsModified();
  }

  /** Inserts a row; the keys of `row` are names of columns, never input. */
  insert(table, row) {
    const names = Object.keys(row);
    const marks = names.map(() => '?').join(', ');
    this.change(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`, Object.values(row));
  }
}

async function openStore() {
  const { Database } = await initSqlJs();
  return new Store(new Database());
}

module.exports = { openStore };
