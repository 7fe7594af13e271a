import type { CommitItem, StoredRow } from '@tandem/store';
import { describe, expect, it } from 'vitest';
import { mergeRows, placeRows } from './row-log.js';

const head = {
  type: 'saga',
  status: 'submitted',
  isPaused: false,
  dueAt: 1,
  waitsFor: '',
  createdAt: 1,
  updatedAt: 1,
  finishedAt: undefined,
  state: '',
};

function commit(version: number, rows: readonly StoredRow[]): CommitItem {
  return { kind: 'commit', gid: 'g', token: 't', expectedVersion: version - 1, head, rows, lease: { kind: 'keep' } };
}

const row = (value: string, branchId = '01'): StoredRow => ({ branchId, op: 'action', value });
const inTable = ({ branchId, op, value }: StoredRow, version: number): readonly unknown[] => [
  branchId,
  op,
  value,
  String(version),
];

describe('rows', () => {
  it('of the first small writes go to the log, and come back from it', () => {
    const first = placeRows(commit(2, [row('a "quoted"\nline'), row('b', '02')]));
    const second = placeRows(commit(3, [row('c')]));
    expect([first.tableRows, second.tableRows]).toEqual([[], []]);
    expect(mergeRows(first.logEntry + second.logEntry, [])).toEqual([row('c'), row('b', '02')]);
  });

  it.each([
    ['late ones', commit(13, [row('v')])],
    ['large ones', commit(2, [row('v'.repeat(300))])],
    [
      'many',
      commit(
        2,
        ['1', '2', '3', '4', '5'].map((branchId) => row('v', branchId)),
      ),
    ],
  ])('go to the table: %s', (_, item) => {
    expect(placeRows(item)).toEqual({ logEntry: '', tableRows: item.rows });
  });

  it('of one key are one in the table: the last', () => {
    const twice = [row('v'.repeat(300)), row('w', '02'), row('x')];
    expect(placeRows(commit(2, twice)).tableRows).toEqual([row('x'), row('w', '02')]);
  });

  it('of a write without any are nothing', () => {
    expect(placeRows(commit(2, []))).toEqual({ logEntry: '', tableRows: [] });
  });

  it('of the newer version count, wherever they are', () => {
    const log = placeRows(commit(3, [row('log')])).logEntry;
    expect(mergeRows(log, [inTable(row('table'), 2)])).toEqual([row('log')]);
    expect(mergeRows(log, [inTable(row('table'), 4)])).toEqual([row('table')]);
  });
});
