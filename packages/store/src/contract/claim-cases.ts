import { deepEqual } from 'node:assert/strict';
import type { ClaimRequest, ClaimResult } from '../store.js';
import type { ContractCase } from './contract-case.js';
import {
  apply,
  commitOf,
  createOf,
  finishedHead,
  headWith,
  loadAll,
  newToken,
  noon,
  writeOne,
} from './sample-items.js';

function claimBy(owner: string, parts: Partial<ClaimRequest> = {}): ClaimRequest {
  return { now: noon, limit: 100, owner, leaseUntil: noon + 1000, token: newToken(), ...parts };
}

function gidsOf(result: ClaimResult): readonly string[] {
  return result.claimed.map((one) => one.head.gid);
}

export const claimCases: readonly ContractCase[] = [
  {
    name: 'a claim takes what is due, with version and epoch bumped, as a complete snapshot',
    async run(store) {
      const rows = [{ branchId: '01', op: 'action', value: 'v' }];
      await apply(store, createOf('g', { rows }), createOf('later', { head: headWith({ dueAt: noon + 1 }) }));
      const result = await store.claimDue(claimBy('a'));
      deepEqual(gidsOf(result), ['g']);
      const stored = await loadAll(store, 'g');
      deepEqual(result.claimed, [stored]);
      const { version, epoch, leaseOwner, leaseUntil } = stored.head;
      deepEqual(
        { version, epoch, leaseOwner, leaseUntil },
        { version: 2, epoch: 1, leaseOwner: 'a', leaseUntil: noon + 1000 },
      );
      deepEqual([stored.body, stored.rows], ['body of g', rows]);
      deepEqual((await loadAll(store, 'later')).head.version, 1);
    },
  },
  {
    name: 'a claim takes no more than its limit, those first that could be claimed first',
    async run(store) {
      const dueAts = [noon - 10, noon - 40, noon - 20, noon - 30];
      await apply(store, ...dueAts.map((dueAt, index) => createOf(`g${index}`, { head: headWith({ dueAt }) })));
      deepEqual(gidsOf(await store.claimDue(claimBy('a', { limit: 3 }))), ['g1', 'g3', 'g2']);
      deepEqual(gidsOf(await store.claimDue(claimBy('a', { limit: 3 }))), ['g0']);
      deepEqual(gidsOf(await store.claimDue(claimBy('a', { limit: 3 }))), []);
    },
  },
  {
    name: 'what is paused, finished or without a due time is never claimed',
    async run(store) {
      await apply(
        store,
        createOf('paused', { head: headWith({ isPaused: true }) }),
        createOf('finished', { head: finishedHead(noon) }),
        createOf('idle', { head: headWith({ dueAt: undefined }) }),
        createOf('finished with a due time', { head: finishedHead(noon, { dueAt: noon }) }),
      );
      deepEqual(await store.claimDue(claimBy('a', { now: noon + 1_000_000 })), { claimed: [], nextAt: undefined });
    },
  },
  {
    name: 'what was paused is claimed after it was resumed',
    async run(store) {
      await apply(store, createOf('g', { head: headWith({ isPaused: true, dueAt: undefined }) }));
      await apply(store, commitOf('g', 1, { head: headWith({ dueAt: noon }) }));
      deepEqual(gidsOf(await store.claimDue(claimBy('a'))), ['g']);
    },
  },
  {
    name: 'a lease is respected to its end, and free from then on',
    async run(store) {
      await apply(store, createOf('g', { lease: { owner: 'a', untilMs: noon + 50 } }));
      deepEqual(gidsOf(await store.claimDue(claimBy('b', { now: noon + 49 }))), []);
      deepEqual(gidsOf(await store.claimDue(claimBy('b', { now: noon + 50 }))), ['g']);
      deepEqual((await loadAll(store, 'g')).head.epoch, 2);
      deepEqual(await writeOne(store, commitOf('g', 1)), { kind: 'conflict' });
    },
  },
  {
    name: 'a claim names the next time at which anything can be claimed',
    async run(store) {
      deepEqual((await store.claimDue(claimBy('a'))).nextAt, undefined);
      await apply(
        store,
        createOf('far', { head: headWith({ dueAt: noon + 500 }) }),
        createOf('held', { head: headWith({ dueAt: noon - 5 }), lease: { owner: 'x', untilMs: noon + 70 } }),
        createOf('due', { head: headWith({ dueAt: noon - 1 }) }),
        createOf('paused', { head: headWith({ isPaused: true, dueAt: noon + 1 }) }),
      );
      const first = await store.claimDue(claimBy('a', { leaseUntil: noon + 60 }));
      deepEqual([gidsOf(first), first.nextAt], [['due'], noon + 60]);
      await apply(store, commitOf('due', 2, { head: finishedHead(noon) }));
      deepEqual((await store.claimDue(claimBy('a'))).nextAt, noon + 70);
    },
  },
  {
    name: 'a claim for some types leaves the others, and its next time is theirs',
    async run(store) {
      const of = (gid: string, type: string, dueAt: number) => createOf(gid, { head: headWith({ type, dueAt }) });
      await apply(store, of('s', 'saga', noon), of('m', 'msg', noon), of('later', 'msg', noon + 500));
      const messages = await store.claimDue(claimBy('a', { types: ['msg'] }));
      deepEqual(gidsOf(messages), ['m']);
      deepEqual(messages.nextAt, noon + 500);
      deepEqual(gidsOf(await store.claimDue(claimBy('a', { types: ['msg', 'saga'] }))), ['s']);
      deepEqual(gidsOf(await store.claimDue(claimBy('a', { types: [] }))), []);
    },
  },
  {
    name: 'of many claimants each due transaction goes to one',
    async run(store) {
      const gids = Array.from({ length: 100 }, (_, index) => `g${index}`);
      await apply(store, ...gids.map((gid) => createOf(gid)));
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.claimDue(claimBy(`owner-${index}`, { limit: 30 }))),
      );
      const claimed = results.flatMap(gidsOf);
      deepEqual(new Set(claimed).size, claimed.length);
      deepEqual(claimed.length, 100);
    },
  },
  {
    name: 'a wake makes what waits for a target due at once, and nothing else',
    async run(store) {
      const waiting = (waitsFor: string, dueAt: number | undefined) => ({ head: headWith({ waitsFor, dueAt }) });
      await apply(
        store,
        createOf('a1', waiting('http://a', noon + 100)),
        createOf('b1', waiting('http://b', noon + 100)),
        createOf('none', waiting('', noon + 100)),
        createOf('paused', { head: headWith({ waitsFor: 'http://a', dueAt: noon + 100, isPaused: true }) }),
        createOf('done', { head: finishedHead(noon, { waitsFor: 'http://a' }) }),
        createOf('soon', waiting('http://a', noon + 10)),
      );
      deepEqual(await store.wake({ waitsFor: 'http://a', dueAfter: noon + 10 }, noon, 10), 1);
      deepEqual(gidsOf(await store.claimDue(claimBy('x'))), ['a1']);
      deepEqual(await store.wake({ waitsFor: 'http://a', dueAfter: noon + 10 }, noon, 10), 0);
    },
  },
  {
    name: 'a wake without a target wakes whatever is due later, the earliest first, up to its limit',
    async run(store) {
      const dueAts = [noon + 30, noon + 10, noon + 20];
      await apply(store, ...dueAts.map((dueAt, index) => createOf(`g${index}`, { head: headWith({ dueAt }) })));
      deepEqual(await store.wake({ dueAfter: noon }, noon, 2), 2);
      deepEqual([...gidsOf(await store.claimDue(claimBy('x')))].sort(), ['g1', 'g2']);
    },
  },
  {
    name: 'a wake leaves the lease and bumps the version, so that a commit decided before it is decided again',
    async run(store) {
      const head = headWith({ dueAt: noon + 100 });
      await apply(store, createOf('g', { head, lease: { owner: 'a', untilMs: noon + 50 } }));
      deepEqual(await store.wake({ dueAfter: noon }, noon, 10), 1);
      deepEqual(await writeOne(store, commitOf('g', 1)), { kind: 'conflict' });
      const stored = (await loadAll(store, 'g')).head;
      deepEqual([stored.version, stored.epoch, stored.dueAt], [2, 1, noon]);
      deepEqual([stored.leaseOwner, stored.leaseUntil], ['a', noon + 50]);
      deepEqual(gidsOf(await store.claimDue(claimBy('b', { now: noon + 49 }))), []);
      deepEqual(gidsOf(await store.claimDue(claimBy('b', { now: noon + 50 }))), ['g']);
    },
  },
  {
    name: 'the backlog counts what is unfinished, what can be claimed now, and what is paused',
    async run(store) {
      deepEqual(await store.backlog(noon), { unfinished: 0, overdue: 0, paused: 0 });
      await apply(
        store,
        createOf('due'),
        createOf('later', { head: headWith({ dueAt: noon + 1 }) }),
        createOf('held', { lease: { owner: 'a', untilMs: noon + 5 } }),
        createOf('paused', { head: headWith({ isPaused: true }) }),
        createOf('idle', { head: headWith({ dueAt: undefined }) }),
        createOf('done', { head: finishedHead(noon) }),
      );
      deepEqual(await store.backlog(noon), { unfinished: 5, overdue: 1, paused: 1 });
    },
  },
];
