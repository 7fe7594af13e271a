import { describe, expect, it } from 'vitest';
import type { CommitItem, CreateItem, HeadFields, LeaseChange, WriteItem, WriteResult } from '@tandem/store';
import { decodeItems, decodeResults, encodeItems, encodeResults } from './write-message.js';

const head: HeadFields = {
  type: 'saga',
  status: 'submitted',
  isPaused: true,
  dueAt: undefined,
  waitsFor: 'http://b',
  createdAt: 1,
  updatedAt: 2,
  finishedAt: 3,
  state: '{}',
};
const rows = [{ branchId: '01', op: 'action', value: 'v' }];
const create: CreateItem = { kind: 'create', gid: 'a', token: 't', head, body: 'b', rows, lease: undefined };
const commit: CommitItem = {
  kind: 'commit',
  gid: 'b',
  token: 'u',
  expectedVersion: 4,
  head: { ...head, isPaused: false, dueAt: 9, finishedAt: undefined },
  rows: [],
  lease: { kind: 'keep' },
};
const leases: readonly LeaseChange[] = [
  { kind: 'keep' },
  { kind: 'release' },
  { kind: 'renew', untilMs: 7 },
  { kind: 'take', owner: 'o', untilMs: 8 },
];

describe('a batch between threads', () => {
  it('arrives as it was sent', () => {
    const items: readonly WriteItem[] = [
      create,
      ...leases.map((lease) => ({ ...commit, lease })),
      { ...create, lease: { owner: '', untilMs: 0 }, rows: [...rows, ...rows] },
    ];
    expect(decodeItems(structuredClone(encodeItems(items)))).toEqual(items);
  });

  it('is answered as the engine answered', () => {
    const results: readonly WriteResult[] = [
      { kind: 'applied', version: 2, epoch: 1 },
      { kind: 'exists' },
      { kind: 'refused', reason: 'too large' },
      { kind: 'conflict' },
    ];
    expect(decodeResults(structuredClone(encodeResults(results)))).toEqual(results);
  });
});
