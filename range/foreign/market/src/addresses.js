'use strict';

const { randomUUID } = require('node:crypto');
const { Router } = require('express');
const { jsonBody } = require('./bodies');
const { notFound, only } = require('./errors');
const { idOf } = require('./inputs');
const { HARDENED } = require('./settings');

const addressView = ({ id, recipient, street, city, postcode }) => ({ id, recipient, street, city, postcode });

function routes(store, guard) {
  const router = Router({ strict: true });
  const byId = (id) => store.one('SELECT * FROM addresses WHERE id = ?', [id]);

  function list(req, res) {
    const rows = store.all('SELECT * FROM addresses WHERE account_id = ? ORDER BY rowid LIMIT 100', [req.account.id]);
    res.json({ data: { addresses: rows.map(addressView) } });
  }

  function add(req, res) {
    const { recipient, street, city, postcode } = req.body;
    const id = randomUUID();
    store.insert('addresses', { id, account_id: req.account.id, recipient, street, city, postcode });
    res.status(201).json({ data: { address: addressView(byId(id)) } });
  }

  function read(req, res) {
    const row = byId(idOf(req, 'addressId'));
    if (!row) throw notFound('address');
    if (HARDENED && row.account_id !== req.account.id) throw notFound('address');
    res.json({ data: { address: addressView(row) } });
  }

  router
    .route('/addresses')
    .get(guard.account, list)
    .post(guard.account, jsonBody('NewAddress'), add)
    .all(only('GET', 'POST'));
  router.route('/addresses/:addressId').get(guard.account, read).all(only('GET'));
  return router;
}

module.exports = { addressView, routes };
