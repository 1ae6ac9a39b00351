'use strict';

module.exports = {
  /** Port to listen on, on the loopback address only. */
  PORT: Number(process.env.PORT ?? 8000),
  /** The twin without the six defects of ../../DEFECTS.md. */
  HARDENED: process.env.HARDENED === '1',
  /** Longest request body in bytes. */
  MAX_BODY_BYTES: 64 * 1024,
};
