import { hostname } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryStore, type KeyValuePage } from '@tandem/store';
import { runCommand } from '../src/cli/run-command.js';
import { decodeNode, encodeNode, isAlive, type NodeFacts } from '../src/nodes/node-record.js';
import { NodeRegistry } from '../src/nodes/node-registry.js';
import { listNodes, nodeCategory, readSlots } from '../src/nodes/node-slots.js';
import { BranchService } from './branch-service.js';
import { GrpcClient } from './grpc-client.js';
import { saga } from './requests.js';
import { TestServer } from './test-server.js';

const hour = 3_600_000;

/** Time in the hands of the test; signs of life are given by `beat`. */
async function openStore() {
  const store = new MemoryStore();
  await store.migrate();
  const at = { now: 1_800_000_000_000 };
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  const registry = (): NodeRegistry =>
    new NodeRegistry({ store, now: () => at.now, heartbeatMs: 5_000, goneMs: hour, failed });
  const list = () => listNodes(store, at.now, hour);
  return { store, at, failures, registry, list };
}

function facts(id: string, more: Partial<NodeFacts> = {}) {
  return { id, http: `http://10.0.0.1:${id}`, grpc: '', host: 'a', pid: 1, worker: 1, version: '1', ...more };
}

describe('signs of life', () => {
  test('a node is seen as soon as it has joined, and as gone as soon as it leaves', async () => {
    const { registry, list, at } = await openStore();
    const one = registry();
    await one.join(facts('1'));
    expect(await list()).toMatchObject([{ id: '1', isAlive: true, startedAt: at.now, seenAt: at.now }]);
    await one.leave();
    expect(await list()).toMatchObject([{ id: '1', isAlive: false, hasLeft: true }]);
    at.now += hour + 1;
    expect(await list()).toEqual([]);
  });

  test('three that are missing make it gone', async () => {
    const { registry, list, at } = await openStore();
    const one = registry();
    await one.join(facts('1'));
    at.now += 15_000;
    expect(await list()).toMatchObject([{ isAlive: true }]);
    at.now += 1;
    expect(await list()).toMatchObject([{ isAlive: false, hasLeft: false }]);
    await one.leave();
  });

  test('each is one small write', async () => {
    const { registry, store } = await openStore();
    const one = registry();
    await one.join(facts('1'));
    await one.beat();
    await one.beat();
    const [slot] = await readSlots(store);
    expect(slot).toMatchObject({ number: 1, version: 3 });
    expect(encodeNode(slot?.record ?? ({} as never)).length).toBeLessThan(400);
    await one.leave();
  });

  test('a store that fails delays one and nothing else', async () => {
    const { registry, list, failures, store } = await openStore();
    const put = store.putKeyValue.bind(store);
    store.putKeyValue = () => Promise.reject(new Error('away'));
    const one = registry();
    await one.join(facts('1'));
    expect(failures).toHaveLength(1);
    expect(await list()).toEqual([]);
    store.putKeyValue = put;
    await one.beat();
    expect(await list()).toMatchObject([{ id: '1', isAlive: true }]);
    store.putKeyValue = () => Promise.reject(new Error('away'));
    await one.leave();
    expect(failures).toHaveLength(2);
  });

  test('whose reply was lost is recognised, the first one too', async () => {
    const { registry, list, store, at } = await openStore();
    const one = registry();
    const put = store.putKeyValue.bind(store);
    const lost: typeof put = async (...asked) => {
      await put(...asked);
      throw new Error('lost');
    };
    const beatAfter = async (beat: () => Promise<void>): Promise<void> => {
      store.putKeyValue = lost;
      await beat();
      store.putKeyValue = put;
      at.now += 1_000;
      await one.beat();
      expect(await list()).toMatchObject([{ id: '1', seenAt: at.now }]);
      expect(await readSlots(store)).toHaveLength(1);
    };
    await beatAfter(() => one.join(facts('1')));
    await beatAfter(() => one.beat());
    await one.leave();
    expect(await list()).toMatchObject([{ hasLeft: true }]);
  });
});

describe('slots', () => {
  test('their number follows that of the nodes, not that of their starts', async () => {
    const { registry, store, at } = await openStore();
    for (let start = 0; start < 50; start += 1) {
      const nodes = ['1', '2', '3'].map((port) => ({ registry: registry(), port }));
      for (const { registry: one, port } of nodes) {
        await one.join(facts(`${port}-${String(start)}`, { http: `http://10.0.0.1:${port}` }));
      }
      at.now += 1_000;
      // Every other time they are killed.
      if (start % 2 === 0) for (const { registry: one } of nodes) await one.leave();
    }
    expect(await readSlots(store)).toHaveLength(3);
  });

  test('one that is left for long is used again by a node from elsewhere', async () => {
    const { registry, store, at, list } = await openStore();
    const one = registry();
    await one.join(facts('1'));
    await one.leave();
    at.now += hour + 1;
    const two = registry();
    await two.join(facts('2'));
    expect(await readSlots(store)).toHaveLength(1);
    expect(await list()).toMatchObject([{ id: '2' }]);
    await two.leave();
  });

  test('nodes that start at once get one each', async () => {
    const { registry, list } = await openStore();
    const nodes = Array.from({ length: 100 }, (_, index) => ({ registry: registry(), id: String(index) }));
    await Promise.all(nodes.map((node) => node.registry.join(facts(node.id))));
    expect(new Set((await list()).map(({ id }) => id)).size).toBe(100);
    await Promise.all(nodes.map((node) => node.registry.leave()));
  });

  test('machines that share a name and an address are both seen', async () => {
    const { registry, list } = await openStore();
    const one = registry();
    const two = registry();
    await one.join(facts('1', { http: 'http://same' }));
    await two.join(facts('2', { http: 'http://same' }));
    for (let turn = 0; turn < 4; turn += 1) {
      await one.beat();
      await two.beat();
    }
    expect((await list()).map(({ id, isAlive: alive }) => `${id} ${String(alive)}`)).toEqual(['2 true', '1 true']);
    await one.leave();
    await two.leave();
  });

  test('beyond 256 the one that was left first is used again', async () => {
    const { store, at, registry } = await openStore();
    for (let number = 1; number <= 256; number += 1) {
      const record = { ...facts(String(number)), heartbeatMs: 1, startedAt: 0, seenAt: at.now - number, hasLeft: true };
      await store.putKeyValue(nodeCategory, `node-${String(number)}`, encodeNode(record), 0, at.now);
    }
    const one = registry();
    await one.join(facts('new'));
    const slots = await readSlots(store);
    expect(slots).toHaveLength(256);
    expect(slots.find(({ record }) => record?.id === 'new')?.number).toBe(256);
    await one.leave();
  });

  test('one whose key was deleted, and one that nobody can read, are taken', async () => {
    const { store, at, registry, list } = await openStore();
    const one = registry();
    await one.join(facts('1'));
    await store.deleteKeyValue(nodeCategory, 'node-1');
    await one.beat();
    await one.beat();
    expect(await list()).toMatchObject([{ id: '1' }]);
    await one.leave();
    await store.putKeyValue(nodeCategory, 'node-2', '{"id":7}', 0, at.now);
    await store.putKeyValue(nodeCategory, 'other', 'x', 0, at.now);
    expect(await list()).toHaveLength(1);
    const two = registry();
    await two.join(facts('2'));
    expect((await readSlots(store)).map(({ record }) => record?.id)).toEqual(['1', '2']);
    await two.leave();
  });

  test('they are read page by page', async () => {
    const { store, registry } = await openStore();
    const one = registry();
    await one.join(facts('1'));
    const paged = {
      scanKeyValues: async (category: string, cursor: string | undefined): Promise<KeyValuePage> => {
        if (cursor === undefined) return { items: [], nextCursor: 'more' };
        return store.scanKeyValues(category, undefined, 10);
      },
    };
    expect(await readSlots(paged)).toHaveLength(1);
    await one.leave();
  });

  test('what is no record is none', () => {
    for (const value of ['', 'null', '[]', '{"id":"1"}']) expect(decodeNode(value)).toBeUndefined();
    const record = { ...facts('1'), heartbeatMs: 1_000, startedAt: 1, seenAt: 2, hasLeft: false };
    expect(decodeNode(encodeNode(record))).toEqual(record);
    expect(isAlive(record, 3_002)).toBe(true);
  });
});

describe('a server', () => {
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test('shows itself over every wire and by the command', async () => {
    server = await TestServer.start();
    const seen = {
      is_alive: true,
      has_left: false,
      http: server.url,
      grpc: server.grpcAddress,
      host: hostname(),
      pid: process.pid,
      worker: 1,
    };
    const { json } = await server.get('nodes');
    expect(json).toMatchObject({ nodes: [seen] });
    const called = await server.post('/api/json-rpc', { jsonrpc: '2.0', id: 1, method: 'nodes', params: {} });
    expect(called.json['result']).toEqual(json);
    const grpc = new GrpcClient(server.grpcAddress);
    const { reply } = await grpc.call('tandem.v1.Tandem', 'Nodes', {});
    expect(reply).toMatchObject({ nodes: [{ is_alive: true, http: server.url, pid: process.pid, worker: 1 }] });
    grpc.close();
    const printed: string[] = [];
    const output = { print: (text: string) => printed.push(text), printError: (text: string) => printed.push(text) };
    expect(await runCommand(['nodes', '--server', server.url], {}, output)).toBe(0);
    expect(printed[0]).toMatch(new RegExp(`^ID +STATE .*\\n[0-9a-f]{16} +alive +${server.url} `));
    expect(await runCommand(['nodes', '--server', server.url, '--json'], {}, output)).toBe(0);
    expect(JSON.parse(printed[1] ?? '')).toEqual(json);
    expect(await runCommand(['nodes', '--other'], {}, output)).toBe(2);
    await server.stop();
    expect(await runCommand(['nodes', '--server', 'http://127.0.0.1:1'], {}, output)).toBe(1);
  });

  test('holds its leases under the id that it shows, and is gone for the next one when it has ended', async () => {
    const store = new MemoryStore();
    await store.migrate();
    // Others still use it when this server has ended.
    store.close = () => Promise.resolve();
    server = await TestServer.start({}, store);
    const branch = await BranchService.open();
    branch.on('/held', () => undefined);
    await server.post('submit', { ...saga('g', [{ action: `${branch.url}/held` }]), wait_result: false });
    await branch.called('/held');
    const [stored] = await store.load(['g'], 'head');
    const { json } = await server.get('nodes');
    expect(json).toMatchObject({ nodes: [{ id: stored?.head.leaseOwner }] });
    await branch.close();
    await server.stop();
    expect(await listNodes(store, Date.now(), hour)).toMatchObject([{ isAlive: false, hasLeft: true }]);
  });
});
