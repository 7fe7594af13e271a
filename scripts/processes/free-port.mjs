import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port of the loopback interface that nothing listens on now. It is below those that systems lend to outgoing connections: one of
 * these may be lent in the moment before the server that it is for listens. Drawn by chance, so that several processes that ask at once differ.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    const server = createServer();
    const listens = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (listens) return port;
  }
}
