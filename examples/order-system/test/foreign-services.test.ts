/** The services in other languages, each alone: calls that repeat, come late, or come without what they undo. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Books } from './foreign-books.js';
import { ForeignService } from './foreign-service.js';
import { subjects } from './foreign-subjects.js';

describe.each(subjects)('$title', ({ isHere, program, open, astray, atFirst, modes }) => {
  let books: Books;
  let service: ForeignService;
  beforeAll(async () => {
    if (!isHere) return;
    books = await open();
    service = new ForeignService(await program(), books.env);
    await service.start();
  }, 300_000);
  afterAll(async () => {
    if (!isHere) return;
    await service.kill();
    await books.close();
  });

  describe.each(modes)('in a $type', ({ type, forth, back, done, undone, confirm }) => {
    test.runIf(isHere)('does once what is called twice, and undoes it once', async () => {
      const branch = await books.branch(type);
      expect(await books.stateOf(branch)).toEqual(atFirst);
      for (const [operation, state] of [[forth, done] as const, [back, undone] as const]) {
        for (let times = 0; times < 3; times += 1) {
          expect(await service.call(...operation, branch)).toBe(200);
          expect(await books.stateOf(branch)).toEqual(state);
        }
      }
    });

    if (confirm !== undefined) {
      test.runIf(isHere)('confirms once what was tried', async () => {
        const branch = await books.branch(type);
        for (const operation of [forth, confirm.operation, confirm.operation]) {
          expect(await service.call(...operation, branch)).toBe(200);
        }
        expect(await books.stateOf(branch)).toEqual(confirm.state);
      });
    }

    test.runIf(isHere)('undoes nothing where nothing was done, and does nothing afterwards', async () => {
      const branch = await books.branch(type);
      for (const operation of [back, back, forth, back, forth]) {
        expect(await service.call(...operation, branch)).toBe(200);
        expect(await books.stateOf(branch)).toEqual(atFirst);
      }
    });

    test.runIf(isHere)('refuses what cannot be, again and again, and has nothing to undo then', async () => {
      const branch = await books.branch(type, { refused: true });
      const before = await books.stateOf(branch);
      expect(await service.call(...forth, branch)).toBe(409);
      expect(await service.call(...forth, branch)).toBe(409);
      expect(await service.call(...back, branch)).toBe(200);
      expect(await service.call(...forth, branch)).toBe(200);
      expect(await books.stateOf(branch)).toEqual(before);
    });

    test.runIf(isHere)(
      'knows a repeat from somebody who comes too late, though nothing is left for either',
      async () => {
        const branch = await books.branch(type);
        const rival = books.rival(branch);
        expect(await service.call(...forth, branch)).toBe(200);
        expect(await service.call(...forth, rival)).toBe(409);
        expect(await service.call(...forth, branch)).toBe(200);
        expect(await service.call(...back, rival)).toBe(200);
        expect(await books.stateOf(branch)).toEqual(done);
      },
    );

    test.runIf(isHere)('does once what many call at the same moment', async () => {
      const branch = await books.branch(type);
      const rivals = Array.from({ length: 5 }, () => books.rival(branch));
      const calls = [branch, branch, ...rivals, ...rivals, branch].map(async (one) => {
        // Two that wait for each other in the database are not clear: the coordinator asks again.
        for (;;) {
          const status = await service.call(...forth, one);
          if (status !== 500) return { gid: one.gid, status };
        }
      });
      const answers = await Promise.all(calls);
      const served = new Set(answers.filter(({ status }) => status === 200).map(({ gid }) => gid));
      expect(served.size).toBe(1);
      for (const { gid, status } of answers) expect(status).toBe(served.has(gid) ? 200 : 409);
    });

    test.runIf(isHere)('knows after a kill -9 what it did before', async () => {
      const branch = await books.branch(type);
      const other = await books.branch(type);
      expect(await service.call(...forth, branch)).toBe(200);
      expect(await service.call(...back, other)).toBe(200);
      await service.kill();
      await service.start();
      expect(await service.call(...forth, branch)).toBe(200);
      expect(await service.call(...forth, other)).toBe(200);
      expect(await books.stateOf(branch)).toEqual(done);
      expect(await books.stateOf(other)).toEqual(atFirst);
    });

    test.runIf(isHere)('refuses nothing for good that is no call of this branch', async () => {
      const branch = await books.branch(type);
      const query = `gid=${branch.gid}&trans_type=${type}&branch_id=01&op=${forth[1]}`;
      const payload = JSON.stringify(branch.payload);
      expect(await service.call(forth[0], back[1], branch)).toBe(500);
      expect(await service.call(back[0], forth[1], branch)).toBe(500);
      expect(await service.send(forth[0], payload)).toBe(500);
      expect(await service.send(`${forth[0]}?${query}`, '{')).toBe(500);
      expect(await service.send(`${forth[0]}?${query}`, '{}')).toBe(500);
      expect(await service.send(`/elsewhere?${query}`, payload)).toBe(404);
      expect(await books.stateOf(branch)).toEqual(atFirst);
      expect(await service.call(...forth, branch)).toBe(200);
      expect(await books.stateOf(branch)).toEqual(done);
    });
  });

  test.runIf(isHere)('does nothing for somebody who is not known, and has nothing to undo then', async () => {
    for (const { type, forth, back } of modes) {
      const nobody = { gid: randomUUID(), type, payload: { order: 'o', code: 'none', account: 'none', amount: 1 } };
      expect(await service.call(...forth, nobody)).toBe(409);
      expect(await service.call(...back, nobody)).toBe(200);
    }
  });

  test.runIf(isHere)('takes the gid as it is, or not at all', async () => {
    for (const { type, forth, done } of modes) {
      const branch = { ...(await books.branch(type)), gid: `${randomUUID()}'),('` };
      for (let times = 0; times < 2; times += 1) {
        const status = await service.call(...forth, branch);
        expect([200, 500]).toContain(status);
        expect(await books.stateOf(branch)).toEqual(status === 200 ? done : atFirst);
      }
    }
  });

  test.runIf(isHere)('serves, and is not clear, while its database is away', async () => {
    const lost = new ForeignService(await program(), { ...books.env, ...astray });
    await lost.start();
    try {
      const [mode] = modes;
      if (mode === undefined) throw new Error('no mode');
      expect(await lost.health()).toBe(200);
      expect(await lost.call(...mode.forth, await books.branch(mode.type))).toBe(500);
      expect(await lost.call(...mode.back, await books.branch(mode.type))).toBe(500);
    } finally {
      await lost.kill();
    }
  });

  test.runIf(isHere)('ends when its standard input does', async () => {
    const found = await program();
    if ('missing' in found) throw new Error(found.missing);
    const env = { PATH: process.env['PATH'] ?? '', ...books.env, PORT: '0' };
    const child = spawn(found.file, found.args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.end();
    expect(await ended).toBe(0);
  });
});
