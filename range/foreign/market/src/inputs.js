'use strict';

const { Refusal } = require('./errors');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const invalid = (message) => new Refusal(400, 'invalid_input', message);

/** An id of the path. */
function idOf(req, name) {
  if (!UUID.test(req.params[name])) throw invalid(`${name} is not a UUID`);
  return req.params[name].toLowerCase();
}

/** A query parameter that is given at most once; undefined if it is not there. */
function textOf(req, name) {
  const value = req.query[name];
  if (value !== undefined && typeof value !== 'string') throw invalid(`${name} is given twice`);
  return value;
}

function numberOf(req, name, { least, most, otherwise }) {
  const text = textOf(req, name);
  if (text === undefined) return otherwise;
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw invalid(`${name} is not a whole number from ${least} to ${most}`);
  return value;
}

function choiceOf(req, name, choices) {
  const text = textOf(req, name);
  if (text !== undefined && !choices.includes(text)) throw invalid(`${name} is none of ${choices.join(', ')}`);
  return text;
}

/** Which part of a list is asked for. */
function windowOf(req) {
  const number = numberOf(req, 'page', { least: 1, most: 100000, otherwise: 1 });
  const perPage = numberOf(req, 'perPage', { least: 1, most: 100, otherwise: 20 });
  return { perPage, first: (number - 1) * perPage, view: (total) => ({ number, perPage, total }) };
}

/** A page of `from`, which is FROM and WHERE of a query over one table. */
function pageOf(store, req, from, values = []) {
  const window = windowOf(req);
  const { total } = store.one(`SELECT COUNT(*) AS total ${from}`, values);
  const bounds = [window.perPage, window.first];
  const rows = store.all(`SELECT * ${from} ORDER BY created_at, id LIMIT ? OFFSET ?`, [...values, ...bounds]);
  return { rows, page: window.view(total) };
}

module.exports = { choiceOf, idOf, invalid, numberOf, pageOf, textOf, windowOf };
