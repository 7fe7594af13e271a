/**
 * How a transaction lies in its hash:
 *
 *   m      words that scripts read and change: version, epoch, lease end, owner, due time, place, token, type, creation
 *          time, target
 *   h      what scripts only pass on: the words status, time of the last change, time of the end; then the state as it is
 *   b      the body, written once
 *   r...   a row: "r", the branch as a word, a space, the operation
 */
import type { HeadFields, StoredHead, StoredRow, StoredTransaction } from '@tandem/store';
import { places, type Place } from './shard.js';
import { fromWord, toWord } from './words.js';

/** The list that a head belongs in. */
export function placeOf(head: Pick<HeadFields, 'isPaused' | 'finishedAt'>): Place {
  if (head.finishedAt === undefined) return head.isPaused ? places.paused : places.open;
  return head.isPaused ? places.donePaused : places.done;
}

/** A time as a word; an empty word where there is none. */
export function timeWord(time: number | undefined): string {
  return time === undefined ? '' : String(time);
}

/** The field `h` of a head. */
export function encodeHead(head: HeadFields): string {
  return `${toWord(head.status)} ${head.updatedAt} ${timeWord(head.finishedAt)} ${head.state}`;
}

/** The field that a row has. */
export function rowField(row: Pick<StoredRow, 'branchId' | 'op'>): string {
  return `r${toWord(row.branchId)} ${row.op}`;
}

/** Reads the fields `m` and `h`. */
export function decodeHead(gid: string, m: string, h: string): StoredHead {
  const [version, epoch, leaseUntil, owner, dueAt, place, , type, createdAt, target] = m.split(' ');
  const statusEnd = h.indexOf(' ');
  const updatedEnd = h.indexOf(' ', statusEnd + 1);
  const finishedEnd = h.indexOf(' ', updatedEnd + 1);
  return {
    gid,
    type: fromWord(type ?? ''),
    status: fromWord(h.slice(0, statusEnd)),
    isPaused: place === places.paused || place === places.donePaused,
    dueAt: timeOf(dueAt),
    waitsFor: fromWord(target ?? ''),
    leaseOwner: fromWord(owner ?? ''),
    leaseUntil: Number(leaseUntil),
    epoch: Number(epoch),
    version: Number(version),
    createdAt: Number(createdAt),
    updatedAt: Number(h.slice(statusEnd + 1, updatedEnd)),
    finishedAt: timeOf(h.slice(updatedEnd + 1, finishedEnd)),
    state: h.slice(finishedEnd + 1),
  };
}

/** Reads a whole hash as `HGETALL` answers it; undefined where there is none. */
export function decodeTransaction(gid: string, fields: readonly string[]): StoredTransaction | undefined {
  if (fields.length === 0) return undefined;
  let m = '';
  let h = '';
  let body = '';
  const rows: StoredRow[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const field = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    if (field === 'm') m = value;
    else if (field === 'h') h = value;
    else if (field === 'b') body = value;
    else rows.push(decodeRow(field, value));
  }
  return { head: decodeHead(gid, m, h), body, rows };
}

function decodeRow(field: string, value: string): StoredRow {
  const space = field.indexOf(' ');
  return { branchId: fromWord(field.slice(1, space)), op: field.slice(space + 1), value };
}

function timeOf(word: string | undefined): number | undefined {
  return word === undefined || word === '' ? undefined : Number(word);
}
