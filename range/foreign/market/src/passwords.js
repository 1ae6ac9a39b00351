'use strict';

const bcrypt = require('bcryptjs');

const COST = 10;
/** Compared when the username is unknown, so that both cases take the same time. */
const NOBODY = bcrypt.hashSync('nobody has this password', COST);

const hashPassword = (password) => bcrypt.hash(password, COST);
const hashPasswordNow = (password) => bcrypt.hashSync(password, COST);

async function passwordMatches(password, stored) {
  // bcrypt looks at 72 bytes only; registration admits no more.
  const fits = Buffer.byteLength(password) <= 72;
  const same = await bcrypt.compare(password, stored ?? NOBODY);
  return same && fits && stored !== undefined;
}

module.exports = { hashPassword, hashPasswordNow, passwordMatches };
