/** Sagas of three writes on a store alone, so many in flight. Input: a `StoreLoad` as JSON; output: one line of JSON. */
import { text } from 'node:stream/consumers';
import { GroupCommit } from '@tandem/store';
import { openStore } from './open-store.mjs';
import { sagaItems } from './saga-items.mjs';

/** @type {import('./store-load.mjs').StoreLoad} */
const { url, inFlight, seconds, warmUpSeconds, limits } = JSON.parse(await text(process.stdin));
const prefix = `s${process.pid.toString(36)}-${Date.now().toString(36)}-`;
const store = await openStore(url);
const writes = new GroupCommit(store, limits);
/** @type {number[]} */
let latenciesMs = [];
let count = 0;

/** @param {number} endsAt */
async function run(endsAt) {
  while (performance.now() < endsAt) {
    count += 1;
    const sentAt = performance.now();
    for (const item of sagaItems(prefix + String(count).padStart(9, '0'), Date.now())) {
      const { kind } = await writes.write(item);
      if (kind !== 'applied') throw new Error(`${item.kind} of ${item.gid}: ${kind}`);
    }
    latenciesMs.push(performance.now() - sentAt);
  }
}

/** @param {number} seconds */
async function load(seconds) {
  latenciesMs = [];
  const before = writes.counts();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, () => run(startedAt + seconds * 1000)));
  const tookSeconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const { items, batches } = writes.counts();
  latenciesMs.sort((one, other) => one - other);
  const at = (/** @type {number} */ share) => latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? 0;
  return {
    transactions: latenciesMs.length,
    perSecond: latenciesMs.length / tookSeconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    itemsPerBatch: (items - before.items) / (batches - before.batches),
    cpuSecondsPer1000: ((cpu.user + cpu.system) / 1e6 / latenciesMs.length) * 1000,
  };
}

try {
  const { transactions: warmUp } = await load(warmUpSeconds);
  const result = await load(seconds);
  console.log(JSON.stringify({ ...result, transactionsWithWarmUp: warmUp + result.transactions }));
} finally {
  await writes.close();
  await store.close();
}
