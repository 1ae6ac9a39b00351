'use strict';

const { randomUUID } = require('node:crypto');
const accounts = require('../accounts.json');
const { hashPasswordNow } = require('./passwords');

const PEOPLE = {
  alice: ['Alice Marlow', 'alice.marlow@example.org', 'Two chargebacks last year, watch her orders.'],
  bob: ['Bob Tanner', 'bob.tanner@example.org', 'Sells for his brother, who is banned.'],
  ops: ['Olive Parsons', 'olive.parsons@example.org', 'Support desk, second line.'],
};

/** seller, title, description, category, price in cents, stock, state */
const LISTINGS = [
  ['alice', 'Oak bookcase', 'Five shelves, a scratch on the left side.', 'furniture', 8500, 3, 'active'],
  ['alice', 'Box of spy novels', 'Forty paperbacks, read once.', 'books', 2400, 40, 'active'],
  ['bob', 'Touring bicycle', 'Steel frame, 58 cm, new chain.', 'sport', 31000, 5, 'active'],
  ['bob', 'Film camera', 'Light meter works, with a 50 mm lens.', 'electronics', 12900, 12, 'active'],
  ['bob', 'Tent for two', 'Dry and complete.', 'sport', 6400, 8, 'active'],
  ['bob', 'Signed first edition', 'Not for sale yet, price under talks.', 'books', 90000, 1, 'withdrawn'],
];

function seed(store) {
  const created_at = new Date().toISOString();
  const ids = {};
  const listings = {};
  for (const { username, password, role } of Object.values(accounts)) {
    const [full_name, email, internal_note] = PEOPLE[username];
    const id = (ids[username] = randomUUID());
    const password_hash = hashPasswordNow(password);
    store.insert('accounts', { id, username, password_hash, role, full_name, email, internal_note, created_at });
  }
  for (const [seller, title, description, category, price_cents, stock, state] of LISTINGS) {
    const id = (listings[title] = randomUUID());
    const seller_id = ids[seller];
    store.insert('listings', { id, seller_id, title, description, category, price_cents, stock, state, created_at });
  }
  order(store, ids.alice, listings['Film camera'], 12900, ['Alice Marlow', '4 Quay Street', 'Bristol', 'BS1 4XX']);
  order(store, ids.bob, listings['Oak bookcase'], 8500, ['Bob Tanner', '19 Mill Lane', 'Leeds', 'LS2 7AA']);
}

function order(store, buyer_id, listing_id, total_cents, [recipient, street, city, postcode]) {
  const address_id = randomUUID();
  store.insert('addresses', { id: address_id, account_id: buyer_id, recipient, street, city, postcode });
  const created_at = new Date().toISOString();
  store.insert('orders', { id: randomUUID(), buyer_id, listing_id, address_id, quantity: 1, total_cents, created_at });
}

module.exports = { seed };
