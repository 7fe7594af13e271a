import type { Pool, PoolClient } from 'pg';

/** A client of a pool, for as long as it is lent. */
export interface LentClient {
  readonly client: PoolClient;
  /** It is thrown away when it is given back. */
  readonly markUnusable: () => void;
  readonly giveBack: () => void;
}

/**
 * Takes a client of the pool. While it is lent, nobody else listens to its errors, and one that nobody listens to ends the process: a
 * server that was killed, for one. So it is listened to from the very moment on, before a promise could tell of the client: what
 * the server said last may stand behind what the pool waited for, in the same packet.
 */
export function lendClient(pool: Pool): Promise<LentClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (client === undefined) {
        reject(error ?? new Error('the pool has no client'));
        return;
      }
      let isUnusable = false;
      const markUnusable = (): void => {
        isUnusable = true;
      };
      client.on('error', markUnusable);
      const giveBack = (): void => {
        client.off('error', markUnusable);
        client.release(isUnusable);
      };
      resolve({ client, markUnusable, giveBack });
    });
  });
}
