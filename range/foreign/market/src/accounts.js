'use strict';

const { randomUUID } = require('node:crypto');
const { Router } = require('express');
const { jsonBody } = require('./bodies');
const { Refusal, only } = require('./errors');
const { hashPassword, passwordMatches } = require('./passwords');
const { issue } = require('./tokens');

/** An account as its owner and the administrators see it. */
const accountView = ({ id, username, role, full_name, email, created_at }) => ({
  id,
  username,
  role,
  fullName: full_name,
  email,
  createdAt: created_at,
});

function routes(store, guard) {
  const router = Router({ strict: true });
  const byName = (name) => store.one('SELECT * FROM accounts WHERE username = ?', [name]);

  async function register(req, res) {
    const { username, password, fullName, email } = req.body;
    const password_hash = await hashPassword(password);
    // Looked up after the wait: nothing comes between this and the insertion.
    if (byName(username)) throw new Refusal(409, 'taken', 'This username is taken');
    store.insert('accounts', {
      id: randomUUID(),
      username,
      password_hash,
      role: 'customer',
      full_name: fullName,
      email,
      internal_note: 'New account, seller limit 500 until reviewed.',
      created_at: new Date().toISOString(),
    });
    res.status(201).json({ data: { account: accountView(byName(username)) } });
  }

  async function logIn(req, res) {
    const account = byName(req.body.username);
    if (!(await passwordMatches(req.body.password, account?.password_hash))) {
      throw new Refusal(401, 'unauthenticated', 'Wrong username or password');
    }
    res.status(201).json({ data: { session: issue(account.id), account: accountView(account) } });
  }

  const readAccount = (req, res) => res.json({ data: { account: accountView(req.account) } });

  router.route('/accounts').post(jsonBody('NewAccount'), register).all(only('POST'));
  router.route('/sessions').post(jsonBody('NewSession'), logIn).all(only('POST'));
  router.route('/account').get(guard.account, readAccount).all(only('GET'));
  return router;
}

module.exports = { accountView, routes };
