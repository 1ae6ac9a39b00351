'use strict';

const Ajv = require('ajv');
const addFormats = require('ajv-formats');
const express = require('express');
const { parse: parseMediaType } = require('content-type');
const document = require('../openapi.json');
const { Refusal } = require('./errors');
const { MAX_BODY_BYTES } = require('./settings');

// The document's own schemas judge the bodies, so the two cannot differ.
const ajv = addFormats(new Ajv({ strict: false }));
ajv.addSchema(document, 'document');

const utf8 = new TextDecoder('utf-8', { fatal: true });

const read = express.json({
  limit: MAX_BODY_BYTES,
  inflate: false,
  type: () => true,
  verify(req, res, bytes) {
    try {
      utf8.decode(bytes);
    } catch {
      throw new Refusal(400, 'bad_request', 'The body is not UTF-8');
    }
  },
});

function refuseOtherMediaTypes(req, res, next) {
  const header = req.get('Content-Type');
  const hasBody = req.get('Transfer-Encoding') !== undefined || Number(req.get('Content-Length') ?? 0) > 0;
  if (header === undefined && !hasBody) return next();
  if (!isJson(header)) throw new Refusal(415, 'unsupported_media_type', 'The body must be application/json in UTF-8');
  return next();
}

function isJson(header) {
  try {
    const { type, parameters } = parseMediaType(header ?? '');
    return type === 'application/json' && (parameters.charset ?? 'utf-8').toLowerCase() === 'utf-8';
  } catch {
    return false;
  }
}

/** Middlewares that read a JSON body and hold it against a schema of the document. */
function jsonBody(name) {
  const valid = ajv.compile({ $ref: `document#/components/schemas/${name}` });
  const validate = (req, res, next) => {
    if (!valid(req.body)) {
      const [{ instancePath, message }] = valid.errors;
      throw new Refusal(400, 'invalid_input', `The body${instancePath} ${message}`);
    }
    // Bodies are flat. Half a surrogate pair is no text (RFC 8259, section 8.2).
    for (const value of Object.values(req.body)) {
      if (typeof value === 'string' && !value.isWellFormed()) {
        throw new Refusal(400, 'invalid_input', 'The body holds text that is not Unicode');
      }
    }
    next();
  };
  return [refuseOtherMediaTypes, read, validate];
}

module.exports = { jsonBody };
