import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BranchFailure, newGid, type Client } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createWorkflows, type WorkflowCode, type Workflows } from '@tandem/client/workflow';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { StartClient } from './client-at.js';
import { startSeatService, type SeatService } from './seat-service.js';

/** What workflows must do with any coordinator that speaks DTM's wire; by gRPC it does not tell what a workflow was created with. */
export function workflowCases(start: StartClient, { tellsContent = true } = {}): void {
  describe('a workflow', () => {
    let tandem: Client;
    let service: SeatService;
    const servers: Server[] = [];
    beforeAll(async () => {
      const running = await start();
      tandem = running.tandem;
      return () => running.close();
    });
    beforeEach(async () => {
      service = await startSeatService();
      return () => {
        service.close();
        for (const server of servers.splice(0)) {
          server.close();
          server.closeAllConnections();
        }
      };
    });

    /** A process of its own, so to speak: nothing is shared with another one but the coordinator. */
    const open = async (): Promise<Workflows> => {
      let handler: Workflows['handler'] = () => Promise.reject(new Error('not yet'));
      const server = createServer(nodeListener({ '/workflow': (request) => handler(request) }));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/workflow`;
      const workflows = createWorkflows(tandem, { url, onError: () => undefined });
      handler = workflows.handler;
      servers.push(server);
      return workflows;
    };
    const statusOf = async (gid: string): Promise<string | undefined> => (await tandem.query(gid))?.status;
    const seat = (name: string, how?: string) => ({
      url: `${service.url}/seat`,
      payload: { seat: name, ...(how !== undefined && { how }) },
    });
    /** Runs code twice under one gid in different processes: the first one dies at `crash`. */
    const afterCrash = async (code: (crash: () => void) => WorkflowCode<string, unknown>): Promise<unknown> => {
      const gid = newGid();
      const dying = (await open()).define('w', code(throwCrash));
      await expect(dying.run('in', { gid })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING', gid });
      const resumed = (await open()).define(
        'w',
        code(() => undefined),
      );
      return resumed.run('in', { gid });
    };

    test('answers what its code returns, and so does a repeat', async () => {
      const gid = newGid();
      const workflow = (await open()).define('greet', async (wf, name: string) => {
        const length = await wf.do('count', () => name.length);
        return { length, at: new Date(0) };
      });
      expect(await workflow.run('ann', { gid })).toEqual({ length: 3, at: '1970-01-01T00:00:00.000Z' });
      expect(await workflow.run('other', { gid })).toEqual({ length: 3, at: '1970-01-01T00:00:00.000Z' });
      expect(await statusOf(gid)).toBe('succeed');
    });

    test('that is only started is durable at once, and runs without anybody waiting', async () => {
      const workflow = (await open()).define('started', async (wf, n: number) => wf.do('double', () => 2 * n));
      const { gid } = await workflow.start(21);
      await expect.poll(() => statusOf(gid)).toBe('succeed');
      expect(await workflow.run(21, { gid })).toBe(42);
    });

    test('a defect in one of several chains is what is told', async () => {
      const workflow = (await open()).define('defect', async (wf) => {
        await wf.parallel({
          other: async (wf) => {
            for (let count = 0; count < 50; count += 1) await wf.do(`step ${count}`, () => count);
          },
          defect: async () => {
            await new Promise((resolve) => setTimeout(resolve, 20));
            throw new TypeError('a defect');
          },
        });
      });
      await expect(workflow.run(undefined)).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING', message: /a defect/ });
    });

    test('a step that is recorded is not done again', async () => {
      const done: string[] = [];
      const result = await afterCrash((crash) => async (wf, input) => {
        const first = await wf.do('first', () => (done.push('first'), { input, chance: done.length }));
        const held = await wf.call<{ held: string }>('seat', seat('1A'));
        crash();
        await wf.do('last', () => void done.push('last'));
        return [first, held.held];
      });
      expect(result).toEqual([{ input: 'in', chance: 1 }, '1A']);
      expect(done).toEqual(['first', 'last']);
      expect(service.calls).toEqual(['action 02 1A']);
    });

    test.each([
      ['returns', () => 'as if nothing had been'],
      ['refuses', () => Promise.reject(new BranchFailure('as if nothing else had been'))],
    ])('a step inside a step is told, whoever catches it, in each run: one that %s is not recorded', async (_, end) => {
      const done: string[] = [];
      const gid = newGid();
      const nesting: WorkflowCode<undefined, unknown> = async (wf) => {
        const beside = wf.do('beside', async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          done.push('beside');
        });
        const action = async () => {
          done.push('outer');
          await new Promise((resolve) => setTimeout(resolve, 1));
          const inner = wf.parallel({ chain: (chained) => chained.do('inner', () => done.push('inner')) });
          await expect(inner).rejects.toMatchObject({ code: 'STEP_INSIDE_STEP' });
          return end();
        };
        await Promise.all([beside, wf.do('outer', { action, onRollback: () => done.push('undone') })]);
      };
      const inTurn: WorkflowCode<undefined, unknown> = async (wf) => {
        await Promise.all([wf.do('beside', () => done.push('beside')), wf.do('outer', () => done.push('outer'))]);
        await wf.do('inner', () => done.push('inner'));
      };
      const run = async (code: typeof nesting) => (await open()).define('w', code).run(undefined, { gid });
      const told = {
        code: 'TRANSACTION_ONGOING',
        message: expect.stringMatching(/step "chain\/inner" is asked for inside step "outer"/) as string,
        cause: { cause: { code: 'STEP_INSIDE_STEP' } },
      };
      await expect(run(nesting)).rejects.toMatchObject(told);
      expect(done).toEqual(['outer', 'beside']);
      await expect(run(nesting)).rejects.toMatchObject(told);
      expect(done).toEqual(['outer', 'beside', 'outer']);
      await run(inTurn);
      expect(done).toEqual(['outer', 'beside', 'outer', 'outer', 'inner']);
    });

    test('a step may run another workflow, and what it begins may outlive it', async () => {
      const workflows = await open();
      const other = workflows.define('other', (wf, input: string) => wf.do('its own', () => `${input} done`));
      const outer = workflows.define('outer', async (wf) => {
        let woken: () => void = () => undefined;
        const wakes = new Promise<void>((resolve) => (woken = resolve));
        const first = await wf.do('first', () => {
          setTimeout(woken, 1);
          return other.run('first');
        });
        // Woken from inside the step, and yet not in it.
        await wakes;
        return [first, await wf.do('second', () => 'second done')];
      });
      expect(await outer.run(undefined)).toEqual(['first done', 'second done']);
    });

    test('goes on by the coordinator when its process died', async () => {
      const gid = newGid();
      const done: string[] = [];
      let isDead = true;
      const workflows = await open();
      const workflow = workflows.define('resumed', { retry: { interval: '1s' } }, async (wf, input: { n: number }) => {
        await wf.do('first', () => void done.push(`first ${input.n}`));
        if (isDead) throw new Error('killed');
        await wf.do('second', () => void done.push(`second ${input.n}`));
      });
      await expect(workflow.run({ n: 7 }, { gid })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
      isDead = false;
      await expect.poll(() => statusOf(gid), { interval: 100 }).toBe('succeed');
      expect(done).toEqual(['first 7', 'second 7']);
    });

    test('that another process has ended meanwhile answers as it ended, and not that it goes on', async () => {
      const refuses = new BranchFailure('sold out');
      for (const [last, told] of [
        [() => 'booked', 'booked'],
        [() => Promise.reject(refuses), 'sold out'],
      ] as const) {
        const gid = newGid();
        let goOn = (): void => undefined;
        const held = new Promise<void>((resolve) => (goOn = resolve));
        let isHeld = (): void => undefined;
        const begun = new Promise<void>((resolve) => (isHeld = resolve));
        const code =
          (wait: () => Promise<void>): WorkflowCode<undefined, string> =>
          async (wf) => {
            await wf.do('slow', wait);
            return wf.do('last', last);
          };
        const slow = (await open())
          .define(
            'w',
            code(() => (isHeld(), held)),
          )
          .run(undefined, { gid });
        const answer = slow.catch((error: unknown) => error);
        await begun;
        const other = (await open()).define(
          'w',
          code(() => Promise.resolve()),
        );
        await other.run(undefined, { gid }).catch(() => undefined);
        goOn();
        expect(await answer).toEqual(
          told === 'booked' ? told : expect.objectContaining({ code: 'TRANSACTION_FAILED', reason: told }),
        );
      }
    });

    test('is rolled back when a step refuses: what was done is undone backwards, with its results', async () => {
      const undone: unknown[] = [];
      const gid = newGid();
      const workflow = (await open()).define('refused', async (wf) => {
        await wf.do('a', { action: () => ({ id: 1 }), onRollback: ({ id }) => void undone.push(id) });
        await wf.call('seat', { ...seat('1A'), onRollback: `${service.url}/seat` });
        await wf.do('b', { action: () => 2, onCommit: () => undone.push('never'), onRollback: (n) => undone.push(n) });
        await wf.call('taken', { ...seat('1B', 'refuse'), onRollback: `${service.url}/seat` });
      });
      await expect(workflow.run(undefined, { gid })).rejects.toMatchObject({
        code: 'TRANSACTION_FAILED',
        reason: 'step "taken": 1B is taken',
      });
      expect(undone).toEqual([2, 1]);
      expect(service.calls).toEqual(['action 02 1A', 'action 04 1B', 'rollback 04 1B', 'rollback 02 1A']);
      expect(await statusOf(gid)).toBe('failed');
    });

    test('a gid is that of one workflow with one input: another begun under it is refused, and does nothing', async () => {
      const gid = newGid();
      const done: string[] = [];
      const workflows = await open();
      const first = workflows.define('first', async (wf, input: string) => {
        await wf.do('a', () => void done.push(`a ${input}`));
        throw new Error('goes on later');
      });
      const second = workflows.define('second', async (wf) => wf.do('a', () => void done.push('second')));
      await expect(first.run('one', { gid })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
      const refused = { code: 'REQUEST_REFUSED', coordinatorCode: 'CONFLICTING_REPEAT', gid };
      if (tellsContent) {
        await expect(first.run('two', { gid })).rejects.toMatchObject(refused);
        await expect(second.run(undefined, { gid })).rejects.toMatchObject(refused);
      }
      await expect(first.run('one', { gid })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
      expect(done).toEqual(['a one']);
    });

    test('a step that was refused is undone although another way was found: an earlier call of it may still arrive', async () => {
      const workflow = (await open()).define('another way', async (wf) => {
        const refused = wf.call('taken', { ...seat('1B', 'refuse'), onRollback: `${service.url}/seat` });
        await refused.catch(() => undefined);
        await wf.call('free', { ...seat('1A'), onCommit: `${service.url}/seat`, onRollback: `${service.url}/seat` });
      });
      await workflow.run(undefined);
      expect(service.calls).toEqual(['action 01 1B', 'action 02 1A', 'commit 02 1A', 'rollback 01 1B']);
    });

    test('commits in the order of its steps, and a service may get what is made of the result', async () => {
      const told: string[] = [];
      const workflow = (await open()).define('committed', async (wf) => {
        await wf.do('a', { action: () => 1, onCommit: () => void told.push('a') });
        await wf.call('seat', {
          ...seat('1A'),
          result: z.object({ held: z.string() }),
          onCommit: ({ held }) => ({ url: `${service.url}/seat`, payload: { seat: `${held} kept` } }),
        });
        await wf.do('b', { action: () => 1, onCommit: () => void told.push('b') });
      });
      await workflow.run(undefined);
      expect(told).toEqual(['a', 'b']);
      expect(service.calls).toEqual(['action 02 1A', 'commit 02 1A kept']);
    });

    test('an undo that fails is told and done again, and the others wait', async () => {
      const undone: string[] = [];
      let isBroken = true;
      const gid = newGid();
      const workflow = (await open()).define('undo', async (wf) => {
        await wf.do('a', { action: () => 1, onRollback: () => undone.push('a') });
        await wf.do('b', {
          action: () => 1,
          onRollback: () => {
            if (isBroken) throw new Error('the bank is closed');
            undone.push('b');
          },
        });
        throw new BranchFailure('no');
      });
      await expect(workflow.run(undefined, { gid })).rejects.toMatchObject({
        code: 'TRANSACTION_ONGOING',
        message: expect.stringMatching(/onRollback of step "b" must succeed in the end.*the bank is closed/) as string,
        cause: { cause: { code: 'COMPENSATION_FAILED', step: 'b' } },
      });
      isBroken = false;
      await expect(workflow.run(undefined, { gid })).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      expect(undone).toEqual(['b', 'a']);
    });

    test('a refusal may be caught, and is the same in each run', async () => {
      const result = await afterCrash((crash) => async (wf) => {
        const choice = await wf.call<{ held: string }>('first choice', seat('1A', 'refuse')).catch((error: unknown) => {
          if (!(error instanceof BranchFailure)) throw error;
          return wf.call<{ held: string }>('second choice', seat('2A'));
        });
        crash();
        return choice.held;
      });
      expect(result).toBe('2A');
      expect(service.calls).toEqual(['action 01 1A', 'action 02 2A']);
    });

    test('what is not clear is no refusal, whoever catches it: nothing more is done', async () => {
      const done: string[] = [];
      const workflow = (await open()).define('unclear', async (wf) => {
        await wf.call('seat', seat('1A', 'break')).catch(() => undefined);
        await wf.do('next', () => void done.push('next'));
      });
      await expect(workflow.run(undefined)).rejects.toMatchObject({
        code: 'TRANSACTION_ONGOING',
        cause: { cause: { code: 'BRANCH_UNCLEAR' } },
      });
      expect(done).toEqual([]);
    });

    test('chains run side by side, with the same ids in each run whatever the order in which they end', async () => {
      let runs = 0;
      const branchIds: string[][] = [];
      const result = await afterCrash((crash) => async (wf) => {
        runs += 1;
        const ids: string[] = [];
        const slow = runs === 1 ? 30 : 0;
        const both = await wf.parallel({
          left: async (wf) => {
            await wf.do('one', () => new Promise((resolve) => setTimeout(resolve, slow)));
            return wf.do('two', ({ branchId }) => (ids.push(branchId), 'l'));
          },
          right: (wf) => wf.do('one', ({ branchId }) => (ids.push(branchId), 'r')),
        });
        branchIds.push(ids);
        crash();
        return both;
      });
      expect(result).toEqual({ left: 'l', right: 'r' });
      expect(branchIds).toEqual([['010201', '010102'], []]);
    });

    test('where one chain is refused the others stop, and all that was done is undone, after a crash as well', async () => {
      const done: string[] = [];
      const undone: string[] = [];
      let isBroken = true;
      const [isUnderWay, isRefused] = [signal(), signal()];
      const gid = newGid();
      const workflow = (await open()).define('parallel', async (wf) => {
        await wf.parallel({
          left: async (wf) => {
            await wf.do('wait', () => isUnderWay.given);
            await wf.call('taken', seat('1A', 'refuse')).finally(isRefused.give);
          },
          right: async (wf) => {
            for (let count = 1; count <= 50; count += 1) {
              await wf.do(`right ${count}`, {
                action: async () => {
                  if (count === 5) {
                    isUnderWay.give();
                    await isRefused.given;
                  }
                  done.push(`right ${count}`);
                },
                onRollback: () => {
                  if (isBroken) throw new Error('the process died here');
                  undone.push(`right ${count}`);
                },
              });
            }
          },
        });
      });
      await expect(workflow.run(undefined, { gid })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
      isBroken = false;
      const failed = workflow.run(undefined, { gid });
      await expect(failed).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', reason: 'step "taken": 1A is taken' });
      expect(done).toEqual([1, 2, 3, 4, 5].map((count) => `right ${count}`));
      expect(undone).toEqual([...done].reverse());
    });

    test('a chain that sleeps keeps no other from going on', async () => {
      const done: string[] = [];
      const gid = newGid();
      const workflow = (await open()).define('one sleeps', async (wf) => {
        await wf.parallel({
          sleeper: (wf) => wf.sleep('for long', '1h'),
          worker: async (wf) => {
            for (const name of ['a', 'b', 'c']) await wf.do(name, () => void done.push(name));
          },
        });
      });
      await expect(workflow.run(undefined, { gid })).rejects.toThrow(/it sleeps until/);
      await expect(workflow.run(undefined, { gid })).rejects.toThrow(/it sleeps until/);
      expect(done).toEqual(['a', 'b', 'c']);
    });

    test('sleeps for a moment here, and for longer in no process at all', async () => {
      const gid = newGid();
      const workflows = await open();
      const workflow = workflows.define('sleeper', { retry: { interval: '1s' } }, async (wf) => {
        await wf.sleep('short', '50ms');
        await wf.sleep('long', '9s');
        return 'awake';
      });
      const time = Date.now();
      const error: unknown = await workflow.run(undefined, { gid }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'TRANSACTION_ONGOING' });
      const [, until = ''] = /it sleeps until (\S+Z)/.exec(String(error)) ?? [];
      expect(Date.parse(until)).toBeGreaterThan(Date.now());
      await expect.poll(() => statusOf(gid), { interval: 200 }).toBe('succeed');
      expect(Date.now() - time).toBeGreaterThan(9_000);
    });

    test.each<[string, WorkflowCode<string, unknown>, RegExp]>([
      ['renamed', (wf) => wf.do('other', () => 1), /step 01 was do "first" and is now do "other"/],
      ['of another kind', async (wf) => wf.sleep('first', '1ms'), /step 01 was do "first" and is now sleep "first"/],
      ['removed', async () => undefined, /step "first" is recorded, and the code ended without asking for it/],
    ])('a step that was %s is told, and nothing is done', async (_, changed, message) => {
      const gid = newGid();
      const before = (await open()).define('changing', async (wf, input: string) => {
        await wf.do('first', () => input);
        throw new Error('crash');
      });
      await before.run('in', { gid }).catch(() => undefined);
      const after = (await open()).define('changing', changed);
      const error = await after.run('in', { gid }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'TRANSACTION_ONGOING', cause: { cause: { code: 'WORKFLOW_CHANGED' } } });
      expect(String(error)).toMatch(message);
      expect(await statusOf(gid)).not.toBe('succeed');
    });

    test('what its input, or its result, cannot be is told before anything is done', async () => {
      const workflows = await open();
      const checked = workflows.define('checked', { input: z.object({ n: z.number() }) }, async (_, { n }) => n);
      expect(await checked.run({ n: 1 })).toBe(1);
      await expect(checked.run({ n: 'x' } as never)).rejects.toMatchObject({
        code: 'INVALID_PAYLOAD',
        message: expect.stringMatching(/the input of workflow "checked" is not what its schema says: n: /) as string,
      });
      const odd = workflows.define('odd', async (wf) => wf.do('big', () => 1n));
      await expect(odd.run(undefined)).rejects.toThrow(/the result of step "big" is not JSON/);
    });
  });

  function throwCrash(): void {
    throw new Error('the process died here');
  }

  /** What one chain waits for of another. */
  function signal() {
    let give = (): void => undefined;
    const given = new Promise<void>((resolve) => (give = resolve));
    return { given, give: () => give() };
  }
}
