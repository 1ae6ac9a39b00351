'use strict';

const { randomUUID } = require('node:crypto');
const { Router } = require('express');
const { jsonBody } = require('./bodies');
const { notFound, only } = require('./errors');
const { choiceOf, idOf, invalid, numberOf, pageOf, textOf, windowOf } = require('./inputs');
const { HARDENED } = require('./settings');

const CATEGORIES = ['books', 'electronics', 'furniture', 'sport'];
const PRICE = { least: 0, most: 100000000 };

const listingView = (row) => ({
  id: row.id,
  title: row.title,
  description: row.description,
  category: row.category,
  priceCents: row.price_cents,
  stock: row.stock,
  state: row.state,
  featured: row.featured === 1,
  createdAt: row.created_at,
});

function routes(store, guard) {
  const router = Router({ strict: true });
  const byId = (id) => store.one('SELECT * FROM listings WHERE id = ?', [id]);

  function search(req, res) {
    let from = "FROM listings WHERE state = 'active'";
    const values = [];
    const category = choiceOf(req, 'category', CATEGORIES);
    if (category !== undefined) {
      from += ' AND category = ?';
      values.push(category);
    }
    const { rows, page } = HARDENED
      ? withMaxPrice(req, from, values)
      : withMaxPriceAsText(req, from, values);
    res.json({ data: { listings: rows.map(listingView) }, page });
  }

  function withMaxPrice(req, from, values) {
    const maxPrice = numberOf(req, 'maxPrice', PRICE);
    if (maxPrice === undefined) return pageOf(store, req, from, values);
    return pageOf(store, req, `${from} AND price_cents <= ?`, [...values, maxPrice]);
  }

  function withMaxPriceAsText(req, from, values) {
    const maxPrice = textOf(req, 'maxPrice');
    if (maxPrice === undefined) return pageOf(store, req, from, values);
    const refusal = invalid(`maxPrice is not a whole number from ${PRICE.least} to ${PRICE.most}`);
    const price = parseInt(maxPrice, 10);
    if (!(price >= PRICE.least && price <= PRICE.most)) throw refusal;
    const window = windowOf(req);
    try {
      const rows = store.all(`SELECT * ${from} AND price_cents <= ${maxPrice}`, values);
      return { rows: rows.slice(window.first, window.first + window.perPage), page: window.view(rows.length) };
    } catch {
      throw refusal;
    }
  }

  function read(req, res) {
    const row = byId(idOf(req, 'listingId'));
    if (row?.state !== 'active') throw notFound('listing');
    const account = store.one('SELECT * FROM accounts WHERE id = ?', [row.seller_id]);
    const seller = { username: account.username, since: account.created_at };
    if (!HARDENED) {
      seller.passwordHash = account.password_hash;
      seller.internalNote = account.internal_note;
    }
    res.json({ data: { listing: { ...listingView(row), seller } } });
  }

  function offer(req, res) {
    const { title, description, category, priceCents, stock } = req.body;
    const id = randomUUID();
    store.insert('listings', {
      id,
      seller_id: req.account.id,
      title,
      description,
      category,
      price_cents: priceCents,
      stock,
      state: 'active',
      created_at: new Date().toISOString(),
    });
    res.status(201).json({ data: { listing: listingView(byId(id)) } });
  }

  function change(req, res) {
    const row = byId(idOf(req, 'listingId'));
    if (row?.seller_id !== req.account.id) throw notFound('listing of yours');
    const { title, description, category, priceCents, stock, state } = { ...listingView(row), ...req.body };
    store.change(
      'UPDATE listings SET title = ?, description = ?, category = ?, price_cents = ?, stock = ?, state = ? WHERE id = ?',
      [title, description, category, priceCents, stock, state, row.id],
    );
    res.json({ data: { listing: listingView(byId(row.id)) } });
  }

  router
    .route('/listings')
    .get(search)
    .post(guard.account, jsonBody('NewListing'), offer)
    .all(only('GET', 'POST'));
  router
    .route('/listings/:listingId')
    .get(read)
    .patch(guard.account, jsonBody('ListingChange'), change)
    .all(only('GET', 'PATCH'));
  return router;
}

module.exports = { listingView, routes };
