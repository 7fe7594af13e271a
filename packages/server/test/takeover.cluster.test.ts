/** A node that is killed, stands still or is cut off: the others take over within one lease, and its own writes change nothing. */
import { TcpGate } from '@tandem/torture/tcp-gate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { Cluster, clusterTimes, postgresUrl, statusesAt, submitTo, type ClusterNode } from './cluster-nodes.js';
import { openNetwork, whyNoNetwork, type CuttableNetwork } from './cuttable-network.js';
import { Pace } from './pace.js';
import { saga } from './requests.js';

const count = 20;
/** On a quiet machine. On a busy one a claim, a call and their answers take longer, as all else does meanwhile. */
const slackMs = 1_500;

let cluster: Cluster;
let branch: BranchService;
/** What first calls are answered with, when they are answered at all. */
let answers: ((status: number) => void)[];
let calledAt: Map<string, number[]>;

beforeEach(async () => {
  cluster = new Cluster();
  branch = await BranchService.open();
  answers = [];
  calledAt = new Map();
});
afterEach(async () => {
  await cluster.close();
  await branch.close();
});

/** Starts so many sagas at a node; the first call of each hangs, later ones succeed. */
async function hold(node: ClusterNode, branchUrl = branch.url): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const path = `/held-${String(index)}`;
    const times: number[] = [];
    calledAt.set(path, times);
    branch.on(path, (_call, response) => {
      times.push(performance.now());
      if (times.length > 1) response.end('{}');
      else answers.push((status) => response.writeHead(status).end('{}'));
    });
    const steps = [{ action: `${branchUrl}${path}`, compensate: `${branchUrl}/undo` }];
    const body = saga(`held-${String(index)}`, steps, { wait_result: false, request_timeout: 120 });
    expect((await submitTo(node.url, body)).status).toBe(200);
  }
  await expect.poll(() => answers.length).toBe(count);
}

/** Makes a node fall silent, and waits until each of its transactions was called again and has succeeded at another one. */
async function expectTakenOver(what: string, other: ClusterNode, fallSilent: () => void): Promise<void> {
  const pace = new Pace(other.url, branch);
  const at = performance.now();
  fallSilent();
  await expect.poll(() => [...calledAt.values()].filter((times) => times.length > 1).length).toBe(count);
  const tookMs = Math.max(...[...calledAt.values()].map((times) => times[1] ?? Infinity)) - at;
  const paceMs = await pace.stop();
  const which = `the last of ${String(count)} was taken over after ${tookMs.toFixed(0)} ms`;
  console.info(`${what}: ${which}, a saga took ${paceMs.toFixed(0)} ms at most`);
  const { leaseMs, claimIntervalMs } = clusterTimes;
  // However slow the machine: never a second lease.
  expect(tookMs).toBeLessThan(Math.min(leaseMs + claimIntervalMs + slackMs + 2 * paceMs, 2 * leaseMs));
  await expect.poll(() => statusesAt(other.url, 'held-')).toEqual(new Array(count).fill('succeed'));
}

/** The first node says what its calls were answered; nothing may come of it. */
async function expectLateAnswersIgnored(other: ClusterNode): Promise<void> {
  for (const answer of answers) answer(409);
  await new Promise((resolve) => setTimeout(resolve, clusterTimes.leaseMs + clusterTimes.claimIntervalMs));
  expect(await statusesAt(other.url, 'held-')).toEqual(new Array(count).fill('succeed'));
  expect([...calledAt.values()].map((times) => times.length)).toEqual(new Array(count).fill(2));
  expect(branch.callsOf('/undo')).toEqual([]);
}

describe.skipIf(postgresUrl === '')('three nodes on PostgreSQL (needs TANDEM_TEST_POSTGRES_URL)', () => {
  test('kill -9 of one: the others take its transactions over within one lease', async () => {
    const [first, second] = await cluster.startAll(3);
    if (first === undefined || second === undefined) throw new Error('they did not start');
    await hold(first);
    await expectTakenOver('killed', second, () => first.process.signal('SIGKILL'));
    await expect.poll(() => aliveAt(second.url)).toBe(2);
  });

  test('SIGSTOP of one beyond its lease: what it does when it wakes up changes nothing', async () => {
    const [first, second] = await cluster.startAll(3);
    if (first === undefined || second === undefined) throw new Error('they did not start');
    await hold(first);
    await expectTakenOver('stopped', second, () => first.process.signal('SIGSTOP'));
    first.process.signal('SIGCONT');
    await expectLateAnswersIgnored(second);
    await expect.poll(() => aliveAt(second.url)).toBe(3);
  });

  test('one whose way to the store is a black hole: the same', async () => {
    const { gate, url } = await TcpGate.before(postgresUrl);
    try {
      const [second] = await cluster.startAll(2);
      const first = await cluster.start([], url);
      if (second === undefined) throw new Error('it did not start');
      await hold(first);
      await expectTakenOver('cut off by a proxy', second, () => gate.cut());
      gate.mend();
      await expectLateAnswersIgnored(second);
    } finally {
      gate.close();
    }
  });

  test.skipIf(whyNoNetwork !== undefined)(
    'one whose network to the store is down: the same (needs root and ip netns)',
    async () => {
      const network: CuttableNetwork = await openNetwork(postgresUrl, branch.url);
      try {
        const [second] = await cluster.startAll(2);
        const first = await cluster.start(['--host', network.nodeHost], network.storeUrl, network.prefix);
        if (second === undefined) throw new Error('it did not start');
        await hold(first, network.branchUrl);
        await expectTakenOver('cut off by its network', second, () => network.cut());
        network.mend();
        await expectLateAnswersIgnored(second);
      } finally {
        await cluster.nodes.at(-1)?.process.end();
        network.close();
      }
    },
  );
});

async function aliveAt(url: string): Promise<number> {
  const { nodes } = (await (await fetch(`${url}/api/dtmsvr/nodes`)).json()) as { nodes: { is_alive: boolean }[] };
  return nodes.filter((node) => node.is_alive).length;
}
