'use strict';

const { buildApp } = require('./app');
const { seed } = require('./seed');
const { HARDENED, PORT } = require('./settings');
const { openStore } = require('./store');

async function main() {
  const store = await openStore();
  seed(store);
  const server = buildApp(store).listen(PORT, '127.0.0.1', (error) => {
    if (error) throw error;
    const twin = HARDENED ? 'hardened' : 'as it is';
    console.log(`market listens on http://127.0.0.1:${PORT} (${twin})`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
  }
}

main().catch((error) => {
  console.error(`market did not start: ${error.message}`);
  process.exit(1);
});
