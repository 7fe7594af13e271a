import type { CommitItem, CreateItem, HeadFields, Store, WriteItem, WriteResult } from '@tandem/store';
import { createClient } from '@redis/client';

/** The Redis that the tests share; undefined where there is none. */
export const redisUrl = process.env['TANDEM_TEST_REDIS_URL'];
/** Whether a test can start a Redis of its own. */
export const hasPrograms = (process.env['TANDEM_TEST_REDIS_PROGRAMS'] ?? '') !== '';

let prefixes = 0;

/** A prefix that no other test and no other run has. */
export function newPrefix(): string {
  return `t${process.pid}-${Date.now().toString(36)}-${++prefixes}`;
}

/** Sends commands past the store. */
export async function withClient<T>(url: string, use: (send: SendCommand) => Promise<T>): Promise<T> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use((...args) => client.sendCommand(args));
  } finally {
    client.destroy();
  }
}

export type SendCommand = (...args: string[]) => Promise<unknown>;

export function headOf(fields: Partial<HeadFields> = {}): HeadFields {
  return {
    ...{ type: 'saga', status: 'submitted', isPaused: false, dueAt: 1, waitsFor: '', createdAt: 1, updatedAt: 1 },
    ...{ finishedAt: undefined, state: '{}' },
    ...fields,
  };
}

export function createOf(gid: string, parts: Partial<CreateItem> = {}): CreateItem {
  const fixed = { kind: 'create', gid, token: `create ${gid}`, head: headOf(), body: `body of ${gid}` } as const;
  return { ...fixed, rows: [], lease: undefined, ...parts };
}

export function commitOf(gid: string, expectedVersion: number, parts: Partial<CommitItem> = {}): CommitItem {
  const token = `commit ${gid} ${expectedVersion}`;
  return { kind: 'commit', gid, token, expectedVersion, head: headOf(), rows: [], lease: { kind: 'keep' }, ...parts };
}

export async function writeOne(store: Store, item: WriteItem): Promise<WriteResult | undefined> {
  return (await store.write([item]))[0];
}

export async function kinds(store: Store, ...items: readonly WriteItem[]): Promise<readonly string[]> {
  return (await store.write(items)).map((result) => result.kind);
}

export async function versionOf(store: Store, gid: string): Promise<number | undefined> {
  return (await store.load([gid], 'head'))[0]?.head.version;
}
