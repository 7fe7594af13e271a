import { Client, Pool, type PoolConfig } from 'pg';

/** The driver leaves a connection open whose login it gave up itself, where there is no password: the process would not end. */
class ClosingClient extends Client {
  override connect(): Promise<Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): unknown {
    if (callback === undefined) return super.connect();
    super.connect((error: Error | null, client?: Client) => {
      if (error !== null) void this.end();
      (callback as (error: Error | null, client?: Client) => void)(error, client);
    });
    return undefined;
  }
}

/** As the driver has it: an error, or none and the client. */
type Connected = ((error: Error) => void) | ((error: null, client: Client) => void);

/** The driver's pool, in which no error of a connection ends the process. */
export function newPool(config: PoolConfig): Pool {
  const pool = new Pool({ ...config, Client: ClosingClient });
  // A connection that ends while it is idle is taken out by the pool; one that is in use tells whoever uses it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
