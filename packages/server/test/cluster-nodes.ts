/** Several nodes of the `tandem` command on one PostgreSQL, and what tests ask of them. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TandemProcess } from './tandem-process.js';

export const postgresUrl = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';

/** Times in ms, short, so that a test sees leases end, and longer than a busy machine lets a process wait for its turn. */
export const clusterTimes = { leaseMs: 5_000, claimIntervalMs: 500 } as const;

const settings = {
  TANDEM_LEASE: String(clusterTimes.leaseMs / 1_000),
  TANDEM_LEASE_SKEW: '0.5',
  TRANS_CRON_INTERVAL: String(clusterTimes.claimIntervalMs / 1_000),
  TANDEM_NODE_HEARTBEAT: '0.5',
};

export interface ClusterNode {
  readonly process: TandemProcess;
  readonly url: string;
}

export class Cluster {
  readonly #settings: Readonly<Record<string, string>>;
  readonly schema = `tandem cluster ${randomBytes(6).toString('hex')}`;
  readonly nodes: ClusterNode[] = [];

  /** `more`: of the settings of each node. */
  constructor(more: Readonly<Record<string, string>> = {}) {
    this.#settings = { ...settings, ...more };
  }

  /** Starts one more; `store` and `prefix` where it reaches the store another way. */
  async start(more: readonly string[] = [], store = postgresUrl, prefix: readonly string[] = []): Promise<ClusterNode> {
    const process = new TandemProcess(
      ['start', '--http-port', '0', '--grpc-port', '0', '--store', store, '--store-schema', this.schema, ...more],
      this.#settings,
      prefix,
    );
    const node = { process, url: '' };
    this.nodes.push(node);
    return Object.assign(node, { url: await process.url() });
  }

  async startAll(count: number): Promise<readonly ClusterNode[]> {
    const first = await this.start();
    return [first, ...(await Promise.all(Array.from({ length: count - 1 }, () => this.start())))];
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map(({ process }) => process.end()));
    const client = new pg.Client(postgresUrl);
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS "${this.schema}" CASCADE`);
    await client.end();
  }
}

export function submitTo(url: string, body: object): Promise<Response> {
  return fetch(`${url}/api/dtmsvr/submit`, { method: 'POST', body: JSON.stringify(body) });
}

/** Statuses of the transactions whose gids begin so, at one node. */
export async function statusesAt(url: string, gidPrefix: string): Promise<readonly string[]> {
  const query = new URLSearchParams({ gidPrefix, limit: '1000' });
  const response = await fetch(`${url}/api/dtmsvr/all?${query.toString()}`);
  const { transactions } = (await response.json()) as { transactions: { status: string }[] };
  return transactions.map(({ status }) => status);
}
