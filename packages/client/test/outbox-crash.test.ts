/** kill -9 of a service between any two statements of its database and calls of the coordinator: each order is told exactly once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { newGid } from '@tandem/client';
import { beforeAll, describe, expect, test } from 'vitest';
import { startTandem } from './coordinator-processes.js';
import { startParticipant, type Participant } from './participant.js';

const service = fileURLToPath(new URL('./outbox-service.mjs', import.meta.url));

describe('a service with an outbox that is killed', () => {
  let folder: string;
  let url: string;
  let receiver: Participant;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-outbox-'));
    const coordinator = await startTandem();
    url = coordinator.url;
    receiver = await startParticipant();
    return async () => {
      receiver.close();
      await coordinator.close();
      await rm(folder, { recursive: true, force: true });
    };
  });

  /** Runs it to its end; answers how it ended, and what it said: the number of places. */
  const run = async (database: string, env: Readonly<Record<string, string>>) => {
    const common = { PATH: process.env['PATH'], TANDEM_URL: url, RECEIVER: `${receiver.url}/add` };
    const child = spawn(process.execPath, [service], {
      env: { ...common, DATABASE: database, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { signal: signal as unknown, places: Number(said) };
  };

  const rows = (database: string, table: string): number => {
    const connection = new DatabaseSync(database);
    const { length } = connection.prepare(`select * from ${table}`).all();
    connection.close();
    return length;
  };

  /** Dies there; in another process after it, what was committed is told. Answers whether it was. */
  const dieAt = async (place: number): Promise<boolean> => {
    const order = newGid();
    const database = join(folder, `${order}.db`);
    const { signal } = await run(database, { ORDER: order, DIES_AT: String(place) });
    expect(signal).toBe('SIGKILL');
    expect((await run(database, {})).signal).toBeNull();
    expect(rows(database, 'tandem_outbox')).toBe(0);
    return rows(database, 'orders') === 1;
  };

  // Dozens of processes, one after the other in three lanes.
  test('at any place tells what it has committed, once, and nothing else', { timeout: 300_000 }, async () => {
    const { places } = await run(join(folder, 'whole.db'), { ORDER: newGid() });
    // The business transaction has 4 of them, the claim 4, the submit 2, its end 3; looking whether all is done has more.
    expect(places).toBeGreaterThan(15);
    let committed = 1;
    const all = Array.from({ length: 18 }, (_, index) => index + 1);
    const lane = async (): Promise<void> => {
      for (let place = all.shift(); place !== undefined; place = all.shift()) {
        const isCommitted = await dieAt(place);
        expect(isCommitted).toBe(place > 4);
        committed += Number(isCommitted);
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    await expect.poll(() => receiver.balance()).toBe(committed);
    // Told again, and not done again: the branch's barrier, or the coordinator, has seen the gid before.
    expect(receiver.calls.filter((call) => call.endsWith('done'))).toHaveLength(committed);
  });
});
