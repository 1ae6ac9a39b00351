'use strict';

const { randomUUID } = require('node:crypto');
const { Router } = require('express');
const { addressView } = require('./addresses');
const { jsonBody } = require('./bodies');
const { Refusal, notFound, only } = require('./errors');
const { idOf, pageOf } = require('./inputs');
const { HARDENED } = require('./settings');

const orderView = (row) => ({
  id: row.id,
  listingId: row.listing_id,
  addressId: row.address_id,
  quantity: row.quantity,
  totalCents: row.total_cents,
  createdAt: row.created_at,
});

function routes(store, guard) {
  const router = Router({ strict: true });
  const find = (table, id) => store.one(`SELECT * FROM ${table} WHERE id = ?`, [id]);

  function list(req, res) {
    const { rows, page } = pageOf(store, req, 'FROM orders WHERE buyer_id = ?', [req.account.id]);
    res.json({ data: { orders: rows.map(orderView) }, page });
  }

  function place(req, res) {
    const { quantity } = req.body;
    const address = find('addresses', req.body.addressId.toLowerCase());
    if (address?.account_id !== req.account.id) throw notFound('address');
    const listing = find('listings', req.body.listingId.toLowerCase());
    if (listing?.state !== 'active') throw notFound('listing');
    const taken = store.change('UPDATE listings SET stock = stock - ? WHERE id = ? AND stock >= ?', [
      quantity,
      listing.id,
      quantity,
    ]);
    if (taken === 0) throw new Refusal(409, 'sold_out', 'There are not so many left');
    const id = randomUUID();
    store.insert('orders', {
      id,
      buyer_id: req.account.id,
      listing_id: listing.id,
      address_id: address.id,
      quantity,
      total_cents: quantity * listing.price_cents,
      created_at: new Date().toISOString(),
    });
    res.status(201).json({ data: { order: orderView(find('orders', id)) } });
  }

  function invoice(req, res) {
    const order = find('orders', idOf(req, 'orderId'));
    // Without an account only where the guard below lets strangers in.
    if (!order || (req.account && order.buyer_id !== req.account.id)) throw notFound('order');
    const buyer = find('accounts', order.buyer_id);
    res.json({
      data: {
        invoice: {
          order: orderView(order),
          title: find('listings', order.listing_id).title,
          buyer: { fullName: buyer.full_name, email: buyer.email },
          deliverTo: addressView(find('addresses', order.address_id)),
        },
      },
    });
  }

  router
    .route('/orders')
    .get(guard.account, list)
    .post(guard.account, jsonBody('NewOrder'), place)
    .all(only('GET', 'POST'));
  router
    .route('/orders/:orderId/invoice')
    .get(HARDENED ? guard.account : guard.accountIfAny, invoice)
    .all(only('GET'));
  return router;
}

module.exports = { orderView, routes };
