'use strict';

const { Refusal } = require('./errors');
const { accountIdOf } = require('./tokens');

/** Who may call what; each is a middleware that sets `req.account`. */
function guards(store) {
  function account(req, res, next) {
    const id = accountIdOf(req.get('X-Auth-Token') ?? '');
    req.account = id && store.one('SELECT * FROM accounts WHERE id = ?', [id]);
    if (!req.account) throw new Refusal(401, 'unauthenticated', 'Log in and send the token in X-Auth-Token');
    next();
  }

  /** Looks at a token only if there is one. */
  function accountIfAny(req, res, next) {
    if (req.get('X-Auth-Token') === undefined) return next();
    return account(req, res, next);
  }

  function administrator(req, res, next) {
    if (req.account.role !== 'administrator') throw new Refusal(403, 'forbidden', 'Administrators only');
    next();
  }

  return { account, accountIfAny, administrator: [account, administrator] };
}

module.exports = { guards };
