'use strict';

const express = require('express');
const document = require('../openapi.json');
const { Refusal, answerError, only } = require('./errors');
const { guards } = require('./guards');

const GROUPS = [
  require('./accounts'),
  require('./listings'),
  require('./addresses'),
  require('./orders'),
  require('./administration'),
];

function buildApp(store) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.use((req, res, next) => {
    res.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    next();
  });
  app.route('/openapi.json').get((req, res) => res.json(document)).all(only('GET'));
  for (const { routes } of GROUPS) app.use(routes(store, guards(store)));
  app.use(() => {
    throw new Refusal(404, 'not_found', 'There is nothing here');
  });
  app.use(answerError);
  return app;
}

module.exports = { buildApp };
