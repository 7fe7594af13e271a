import { describe, expect, test } from 'vitest';
import { BranchFailure } from '../branch/branch-outcome.js';
import { CoordinatorUnreachable, LocalTransactionUnclear, RequestRefused } from '../errors.js';
import { doAndSubmit, type MessagePhases } from './do-and-submit.js';

type Overrides = Partial<Omit<MessagePhases, 'gid'>>;

/** Phases that write down what happened; each can be made to fail. */
function phases(overrides: Overrides = {}): { readonly phases: MessagePhases; readonly log: string[] } {
  const log: string[] = [];
  const logged =
    <T>(name: string, act: () => Promise<T>) =>
    () => {
      log.push(name);
      return act();
    };
  return {
    log,
    phases: {
      gid: 'm1',
      isGuarded: overrides.isGuarded ?? (() => true),
      prepare: logged('prepare', overrides.prepare ?? (async () => undefined)),
      submit: logged('submit', overrides.submit ?? (async () => ({ gid: 'm1', status: 'submitted' }))),
      abort: logged('abort', overrides.abort ?? (async () => undefined)),
      check: logged('check', overrides.check ?? (async () => 'unknown' as const)),
    },
  };
}

const unreachable = (): Promise<never> => Promise.reject(new CoordinatorUnreachable('gone', 'm1'));
const failing = (error: unknown) => async (): Promise<never> => {
  throw error;
};

describe('doAndSubmit', () => {
  test('prepares, does, submits, and answers what the local transaction returned', async () => {
    const { phases: all, log } = phases();
    const done = await doAndSubmit(all, () => {
      log.push('local');
      return 7;
    });
    expect(done).toEqual({ gid: 'm1', status: 'submitted', value: 7 });
    expect(log).toEqual(['prepare', 'local', 'submit']);
  });

  test('does nothing local when the message cannot be prepared', async () => {
    const { phases: all, log } = phases({ prepare: unreachable });
    await expect(doAndSubmit(all, () => log.push('local'))).rejects.toBeInstanceOf(CoordinatorUnreachable);
    expect(log).toEqual(['prepare']);
  });

  test('a BranchFailure aborts without a check, and comes back', async () => {
    const { phases: all, log } = phases();
    const refusal = new BranchFailure('sold out');
    await expect(doAndSubmit(all, failing(refusal))).rejects.toBe(refusal);
    expect(log).toEqual(['prepare', 'abort']);
  });

  test('an abort that does not arrive does not hide the refusal', async () => {
    const refusal = new BranchFailure('sold out');
    await expect(doAndSubmit(phases({ abort: unreachable }).phases, failing(refusal))).rejects.toBe(refusal);
  });

  test('any other error asks the back-check; nothing committed: aborted, and the error comes back', async () => {
    const { phases: all, log } = phases({ check: async () => 'failure' as const });
    const error = new Error('constraint violated');
    await expect(doAndSubmit(all, failing(error))).rejects.toBe(error);
    expect(log).toEqual(['prepare', 'check', 'abort']);
  });

  test('an error after the commit: submitted, and both are told', async () => {
    const { phases: all, log } = phases({ check: async () => 'success' as const });
    const error = new Error('connection lost during commit');
    await expect(doAndSubmit(all, failing(error))).rejects.toMatchObject({
      code: 'LOCAL_TRANSACTION_UNCLEAR',
      decision: 'submitted',
      cause: error,
    });
    expect(log).toEqual(['prepare', 'check', 'submit']);
  });

  test.each(['ongoing', 'unknown'] as const)('a check that answers "%s" decides nothing', async (kind) => {
    const { phases: all, log } = phases({ check: async () => kind });
    const error = new Error('lost');
    const done = doAndSubmit(all, failing(error));
    await expect(done).rejects.toMatchObject({ decision: 'undecided', cause: error });
    expect(log).toEqual(['prepare', 'check']);
  });

  test('a check that cannot be reached decides nothing', async () => {
    const done = doAndSubmit(phases({ check: failing(new Error('refused')) }).phases, failing(new Error('lost')));
    await expect(done).rejects.toBeInstanceOf(LocalTransactionUnclear);
  });

  test('a thrown value that is no error is kept as it is', async () => {
    await expect(doAndSubmit(phases({ check: async () => 'failure' as const }).phases, failing('text'))).rejects.toBe(
      'text',
    );
  });

  test('committed, and the coordinator is gone: it goes on by the back-check', async () => {
    const done = doAndSubmit(phases({ submit: unreachable }).phases, () => 7);
    await expect(done).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING', gid: 'm1' });
  });

  test('committed, and the submit is refused: the refusal comes through', async () => {
    const refusal = new RequestRefused(409, 'CONFLICTING_REPEAT', 'other content', 'm1');
    await expect(doAndSubmit(phases({ submit: failing(refusal) }).phases, () => 7)).rejects.toBe(refusal);
  });

  describe('whose local transaction went past its barrier', () => {
    const isGuarded = (): boolean => false;
    const unused = { code: 'BARRIER_NOT_USED' };

    test('is submitted where the back-check finds it all the same', async () => {
      const { phases: all, log } = phases({ isGuarded, check: async () => 'success' as const });
      expect(await doAndSubmit(all, () => 7)).toMatchObject({ status: 'submitted', value: 7 });
      expect(log).toEqual(['prepare', 'check', 'submit']);
    });

    test('is aborted, and told so, where it does not', async () => {
      const { phases: all, log } = phases({ isGuarded, check: async () => 'failure' as const });
      await expect(doAndSubmit(all, () => 7)).rejects.toMatchObject(unused);
      expect(log).toEqual(['prepare', 'check', 'abort']);
    });

    test.each([
      ['cannot be asked', failing(new Error('refused'))],
      ['says that it goes on', async () => 'ongoing' as const],
    ])('goes on, and is told so, where the back-check %s: it may have committed', async (_, check) => {
      const { phases: all, log } = phases({ isGuarded, check });
      await expect(doAndSubmit(all, () => 7)).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING', gid: 'm1' });
      expect(log).toEqual(['prepare', 'check']);
    });

    test('and which threw: what it threw is told', async () => {
      const { phases: all } = phases({ isGuarded, check: async () => 'failure' as const });
      const error = new Error('constraint violated');
      await expect(doAndSubmit(all, failing(error))).rejects.toBe(error);
    });
  });
});
