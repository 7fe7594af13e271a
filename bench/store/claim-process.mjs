/**
 * One claimant of due transactions. Arguments: the store's URL, how many a claim takes. Says that it is ready, waits for a line of
 * its input, claims until nothing is left, and prints what it got as one line of JSON.
 */
import { once } from 'node:events';
import { openStore } from './open-store.mjs';

const [url = '', limit = '256'] = process.argv.slice(2);
const owner = `claimant-${process.pid}`;
const store = await openStore(url);
console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();

/** @type {string[]} */
const gids = [];
let claims = 0;
const leaseUntil = Date.now() + 600_000;
let lastGainAt = Date.now();
for (;;) {
  claims += 1;
  const token = `${owner}-${claims}`;
  const { claimed } = await store.claimDue({ now: Date.now(), limit: Number(limit), owner, leaseUntil, token });
  if (claimed.length > 0) lastGainAt = Date.now();
  for (const { head } of claimed) gids.push(head.gid);
  // What another is just claiming may be skipped by this one: the end is when nothing has come twice.
  if (claimed.length === 0 && Date.now() - lastGainAt > 200) break;
}
console.log(JSON.stringify({ gids, claims, endedAt: lastGainAt }));
await store.close();
