'use strict';

/** A refusal with its HTTP status and a code for programs. */
class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

const CODES = {
  400: ['bad_request', 'The request could not be read'],
  413: ['too_large', 'The body is too large'],
  415: ['unsupported_media_type', 'The body must be application/json in UTF-8'],
};

const notFound = (what) => new Refusal(404, 'not_found', `There is no such ${what}`);

/** Ends a route: all methods but those named. */
function only(...methods) {
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  return (req, res) => {
    res.set('Allow', allow.join(', '));
    throw new Refusal(405, 'method_not_allowed', `Allowed here: ${allow.join(', ')}`);
  };
}

// Express knows an error handler by its four parameters.
function answerError(error, req, res, next) {
  if (error instanceof Refusal) {
    return res.status(error.status).json({ error: { code: error.code, message: error.message } });
  }
  const status = error.status >= 400 && error.status < 500 ? error.status : 500;
  if (status === 500) console.error(error);
  const [code, message] = CODES[status] ?? (status === 500 ? ['internal', 'Something went wrong'] : CODES[400]);
  return res.status(status).json({ error: { code, message } });
}

module.exports = { Refusal, answerError, notFound, only };
