/** What is looked at before a node is trusted with transactions: its version, what it may throw away, what outlives it. */
import { StoreError } from '@tandem/store';
import { describeConnection, type RedisConnection } from './redis-connection.js';
import { RedisReplyError } from './redis-fault.js';

export interface NodeCheckOptions {
  /** Accept maxmemory policies that evict keys with a time to live only: this store's keys have none. */
  readonly allowVolatileEviction: boolean;
  /** Told in one line what an operator should know. */
  readonly onNotice: (notice: string) => void;
}

const versionMin = [6, 2] as const;

/** Rejects with `StoreError` `incompatible` where the node is too old, or may evict transactions. */
export async function checkNode(connection: RedisConnection, options: NodeCheckOptions): Promise<void> {
  const where = `Redis at ${describeConnection(connection)}`;
  const facts = await readInfo(connection);
  if (facts === undefined) {
    options.onNotice(`${where} does not let us read INFO: its maxmemory-policy and persistence were not checked`);
    return;
  }
  checkVersion(where, facts.get('redis_version') ?? '');
  checkEviction(where, facts.get('maxmemory_policy'), options.allowVolatileEviction);
  if (facts.get('aof_enabled') === '0') {
    const saved = await readSavePoints(connection);
    const what = saved === '' ? 'neither writes a log (AOF) nor snapshots' : 'writes no log (AOF), snapshots at most';
    options.onNotice(`${where} ${what}: when it stops, it forgets transactions. Set appendonly yes`);
  }
}

async function readInfo(connection: RedisConnection): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const text = String(await connection.send(['INFO']));
    const pairs = text.split('\n').map((line) => line.trim().split(':', 2));
    return new Map(pairs.map(([name = '', value = '']) => [name, value]));
  } catch (error) {
    if (error instanceof RedisReplyError && error.message.startsWith('NOPERM')) return undefined;
    throw error;
  }
}

/** The snapshot settings; undefined where a managed service forbids CONFIG. */
async function readSavePoints(connection: RedisConnection): Promise<string | undefined> {
  try {
    const answer = await connection.send(['CONFIG', 'GET', 'save']);
    return Array.isArray(answer) ? String(answer[1]) : undefined;
  } catch (error) {
    if (error instanceof RedisReplyError) return undefined;
    throw error;
  }
}

function checkVersion(where: string, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = versionMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new StoreError('incompatible', `${where} has version ${version || 'unknown'}; 6.2 or newer is needed`);
}

function checkEviction(where: string, policy: string | undefined, allowVolatile: boolean): void {
  if (policy === undefined || policy === 'noeviction') return;
  if (policy.startsWith('volatile-') && allowVolatile) return;
  const advice = policy.startsWith('volatile-') ? ' (or eviction=volatile in the URL, which is safe here)' : '';
  throw new StoreError(
    'incompatible',
    `${where} has maxmemory-policy ${policy}: it would throw transactions away. Set noeviction${advice}`,
  );
}
