'use strict';

const { Router } = require('express');
const { accountView } = require('./accounts');
const { jsonBody } = require('./bodies');
const { notFound, only } = require('./errors');
const { idOf, pageOf } = require('./inputs');
const { listingView } = require('./listings');
const { orderView } = require('./orders');
const { HARDENED } = require('./settings');

function routes(store, guard) {
  const router = Router({ strict: true });

  function accounts(req, res) {
    const { rows, page } = pageOf(store, req, 'FROM accounts');
    res.json({ data: { accounts: rows.map(accountView) }, page });
  }

  function orders(req, res) {
    const { rows, page } = pageOf(store, req, 'FROM orders');
    res.json({ data: { orders: rows.map((row) => ({ ...orderView(row), buyerId: row.buyer_id })) }, page });
  }

  function feature(req, res) {
    const id = idOf(req, 'listingId');
    const changed = store.change('UPDATE listings SET featured = ? WHERE id = ?', [req.body.featured ? 1 : 0, id]);
    if (changed === 0) throw notFound('listing');
    res.json({ data: { listing: listingView(store.one('SELECT * FROM listings WHERE id = ?', [id])) } });
  }

  router.route('/admin/accounts').get(guard.administrator, accounts).all(only('GET'));
  router.route('/admin/orders').get(guard.administrator, orders).all(only('GET'));
  router
    .route('/admin/listings/:listingId/featured')
    .put(HARDENED ? guard.administrator : guard.account, jsonBody('Featured'), feature)
    .all(only('PUT'));
  return router;
}

module.exports = { routes };
