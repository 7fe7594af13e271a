/** Three nodes are restarted one after the other under load: no request fails, and nothing is lost. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { Cluster, postgresUrl, statusesAt, submitTo } from './cluster-nodes.js';
import { saga } from './requests.js';

const clients = 32;
const rounds = 2;
/**
 * Longer than the test: what a node that stops does not hand over would not end, and no node that is late loses what it works on. For the
 * same reason no call is given up.
 */
const patient = { TANDEM_LEASE: '600', TANDEM_SHUTDOWN_GRACE: '600' };
/** So long a caller is kept waiting, at most; in ms. */
const waitMaxMs = 5_000;

let cluster: Cluster;
let branch: BranchService;
beforeEach(async () => {
  cluster = new Cluster(patient);
  branch = await BranchService.open();
});
afterEach(async () => {
  await cluster.close();
  await branch.close();
});

/** Where nodes are now, as a balancer knows it. */
interface Backends {
  readonly urls: string[];
  turn: number;
  /** Connections that ended without an answer. */
  dropped: number;
}

/**
 * As a balancer does: where a connection is refused, or ends before an answer came, the next node is asked. The kernel drops
 * connections that wait to be accepted when a server stops to listen; a repeat under the same gid is the same transaction.
 */
async function submitSomewhere(backends: Backends, body: object): Promise<Response> {
  // Its own turns from here on: with those of all, several clients at once can meet the same node again and again.
  const first = (backends.turn += 1);
  for (let tries = 0; ; tries += 1) {
    const url = backends.urls[(first + tries) % backends.urls.length] ?? '';
    try {
      return await submitTo(url, body);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') backends.dropped += 1;
      else if (code !== 'ECONNREFUSED') throw error;
      if (tries > backends.urls.length * 2) throw error;
    }
  }
}

/** Asks again where the wait was over before the saga was, as it is on a slow machine; an answer before that is the last. */
async function submitUntilEnded(backends: Backends, body: object): Promise<Response> {
  for (;;) {
    const at = performance.now();
    const response = await submitSomewhere(backends, body);
    if (response.status !== 425 || performance.now() - at < waitMaxMs) return response;
    await response.text();
  }
}

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

describe.skipIf(postgresUrl === '')('three nodes on PostgreSQL (needs TANDEM_TEST_POSTGRES_URL)', () => {
  test('restarted one after the other under load: every request is answered as it should be', async () => {
    const nodes = [...(await cluster.startAll(3))];
    const backends: Backends = { urls: nodes.map(({ url }) => url), turn: 0, dropped: 0 };
    const failures: string[] = [];
    let isOver = false;
    let sent = 0;
    branch.on('/slow', (_call, response) => setTimeout(() => response.end('{}'), 20));
    const client = async (): Promise<void> => {
      while (!isOver) {
        const gid = `roll-${String((sent += 1))}`;
        const steps = [{ action: `${branch.url}/slow` }, { action: `${branch.url}/slow` }];
        try {
          const response = await submitUntilEnded(
            backends,
            saga(gid, steps, { wait_result: true, request_timeout: 600 }),
          );
          const text = await response.text();
          if (response.status !== 200) failures.push(`${gid}: ${String(response.status)} ${text}`);
        } catch (error) {
          failures.push(`${gid}: ${String(error)} ${String(codeOf(error))}`);
        }
      }
    };
    const working = Array.from({ length: clients }, client);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, node] of nodes.entries()) {
        const before = sent;
        node.process.signal('SIGTERM');
        expect(await node.process.exited).toEqual({ code: 0, signal: null });
        const next = await cluster.start();
        nodes[index] = next;
        backends.urls[index] = next.url;
        await expect.poll(() => sent).toBeGreaterThan(before + 50);
      }
    }
    isOver = true;
    await Promise.all(working);
    const { dropped } = backends;
    console.info(`${String(sent)} sagas over ${String(rounds * 3)} restarts, ${String(dropped)} connections dropped`);
    expect(failures).toEqual([]);
    // A node that cut the connections it has would drop a third of all with each restart, however fast the machine is.
    expect(dropped).toBeLessThan((rounds * nodes.length * clients) / 3 / 2);
    const statuses = await statusesAt(backends.urls[0] ?? '', 'roll-');
    expect(new Set(statuses)).toEqual(new Set(['succeed']));
    expect(branch.callsOf('/slow').length).toBe(sent * 2);
  });
});
