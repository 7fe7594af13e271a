/**
 * Runs transactions of several requests, one request after the other, so many transactions in flight, and prints one line of JSON. Its
 * input is a `FlowLoad` as JSON.
 */
import { text } from 'node:stream/consumers';
import { FlowConnection } from './flow-connection.mjs';

/** @type {import('./flow-load.mjs').FlowLoad} */
const { url, requests, connections, seconds } = JSON.parse(await text(process.stdin));
const prefix = `f${process.pid.toString(36)}-${Date.now().toString(36)}-`;
/** @type {number[]} */
const latenciesMs = [];
/** @type {Record<string, number>} */
const statuses = {};
let [count, refused, socketErrors] = [0, 0, 0];
const startedAt = performance.now();
const endsAt = startedAt + seconds * 1000;

async function run() {
  const connection = new FlowConnection(url);
  while (performance.now() < endsAt && socketErrors === 0) {
    count += 1;
    const gid = prefix + String(count);
    const sentAt = performance.now();
    for (const request of requests) {
      const status = await connection.send(request, gid);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 0) socketErrors += 1;
      else if (status >= 400) refused += 1;
    }
    latenciesMs.push(performance.now() - sentAt);
  }
  connection.close();
}

await Promise.all(Array.from({ length: connections }, run));
const tookSeconds = (performance.now() - startedAt) / 1000;
latenciesMs.sort((one, other) => one - other);
const percentile = (/** @type {number} */ share) => latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? 0;
console.log(
  JSON.stringify({
    requests: latenciesMs.length * requests.length,
    refused,
    socketErrors,
    statuses,
    seconds: tookSeconds,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    maxMs: percentile(1),
  }),
);
