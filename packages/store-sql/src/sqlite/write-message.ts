/**
 * Batches as they go between threads: one flat array. Copying a flat array of texts and numbers costs a third of what
 * copying the same objects does, and this is the path of every write (docs/decisions/0003).
 */
import type { CommitItem, CreateItem, HeadFields, LeaseChange, StoredRow, WriteItem, WriteResult } from '@tandem/store';

export type MessageValue = string | number | boolean | undefined;

const itemKinds = ['create', 'commit'] as const;
const resultKinds = ['applied', 'exists', 'conflict', 'refused'] as const;

export function encodeItems(items: readonly WriteItem[]): readonly MessageValue[] {
  const message: MessageValue[] = [];
  for (const item of items) encodeItem(item, message);
  return message;
}

export function decodeItems(message: readonly MessageValue[]): readonly WriteItem[] {
  const reader = new Reader(message);
  const items: WriteItem[] = [];
  while (reader.hasMore) items.push(decodeItem(reader));
  return items;
}

export function encodeResults(results: readonly WriteResult[]): readonly MessageValue[] {
  const message: MessageValue[] = [];
  for (const result of results) {
    message.push(resultKinds.indexOf(result.kind));
    if (result.kind === 'applied') message.push(result.version, result.epoch);
    else if (result.kind === 'refused') message.push(result.reason);
  }
  return message;
}

export function decodeResults(message: readonly MessageValue[]): readonly WriteResult[] {
  const reader = new Reader(message);
  const results: WriteResult[] = [];
  while (reader.hasMore) results.push(decodeResult(reader));
  return results;
}

function encodeItem(item: WriteItem, message: MessageValue[]): void {
  const { head } = item;
  message.push(item.kind === 'create' ? 0 : 1, item.gid, item.token, head.type, head.status, head.isPaused, head.dueAt);
  message.push(head.waitsFor, head.createdAt, head.updatedAt, head.finishedAt, head.state, item.rows.length);
  for (const row of item.rows) message.push(row.branchId, row.op, row.value);
  if (item.kind === 'create') message.push(item.body, item.lease?.owner, item.lease?.untilMs);
  else message.push(item.expectedVersion, ...encodeLease(item.lease));
}

function decodeItem(reader: Reader): WriteItem {
  const kind = itemKinds[reader.number()];
  const gid = reader.text();
  const token = reader.text();
  const head = decodeHead(reader);
  const rows = decodeRows(reader);
  return kind === 'create'
    ? ({ kind, gid, token, head, rows, ...decodeBirth(reader) } satisfies CreateItem)
    : ({
        kind: 'commit',
        gid,
        token,
        head,
        rows,
        expectedVersion: reader.number(),
        lease: decodeLease(reader),
      } satisfies CommitItem);
}

function decodeHead(reader: Reader): HeadFields {
  return {
    type: reader.text(),
    status: reader.text(),
    isPaused: reader.next() === true,
    dueAt: reader.optionalNumber(),
    waitsFor: reader.text(),
    createdAt: reader.number(),
    updatedAt: reader.number(),
    finishedAt: reader.optionalNumber(),
    state: reader.text(),
  };
}

function decodeRows(reader: Reader): readonly StoredRow[] {
  const rows: StoredRow[] = [];
  for (let left = reader.number(); left > 0; left--) {
    rows.push({ branchId: reader.text(), op: reader.text(), value: reader.text() });
  }
  return rows;
}

function decodeBirth(reader: Reader): Pick<CreateItem, 'body' | 'lease'> {
  const body = reader.text();
  const owner = reader.next();
  const untilMs = reader.optionalNumber();
  const lease = typeof owner === 'string' && untilMs !== undefined ? { owner, untilMs } : undefined;
  return { body, lease };
}

function encodeLease(lease: LeaseChange): readonly MessageValue[] {
  switch (lease.kind) {
    case 'keep':
    case 'release':
      return [lease.kind];
    case 'renew':
      return [lease.kind, lease.untilMs];
    case 'take':
      return [lease.kind, lease.owner, lease.untilMs];
  }
}

function decodeLease(reader: Reader): LeaseChange {
  const kind = reader.text() as LeaseChange['kind'];
  switch (kind) {
    case 'keep':
    case 'release':
      return { kind };
    case 'renew':
      return { kind, untilMs: reader.number() };
    case 'take':
      return { kind, owner: reader.text(), untilMs: reader.number() };
  }
}

function decodeResult(reader: Reader): WriteResult {
  const kind = resultKinds[reader.number()] ?? 'conflict';
  switch (kind) {
    case 'applied':
      return { kind, version: reader.number(), epoch: reader.number() };
    case 'refused':
      return { kind, reason: reader.text() };
    case 'exists':
    case 'conflict':
      return { kind };
  }
}

/** Reads a message from front to back. Both ends are this file, so what it reads is what was written. */
class Reader {
  readonly #message: readonly MessageValue[];
  #at = 0;

  constructor(message: readonly MessageValue[]) {
    this.#message = message;
  }

  get hasMore(): boolean {
    return this.#at < this.#message.length;
  }

  next(): MessageValue {
    return this.#message[this.#at++];
  }

  text(): string {
    return this.next() as string;
  }

  number(): number {
    return this.next() as number;
  }

  optionalNumber(): number | undefined {
    return this.next() as number | undefined;
  }
}
