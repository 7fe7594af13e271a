import { describe, expect, test, vi } from 'vitest';
import type { AsyncBarrierDatabase } from '../barrier/barrier-database.js';
import { branchHandler, type BranchCall, type BranchHandlerOptions } from './branch-handler.js';
import { BranchFailure, BranchOngoing } from './branch-outcome.js';

const query = (op = 'action'): string => `?gid=g%2F1%26&trans_type=saga&branch_id=01&op=${op}`;
const post = (search: string, body = '{"amount":3}'): Request =>
  new Request(`http://me/debit${search}`, { method: 'POST', body });

async function answerOf(
  branch: (call: BranchCall<unknown>) => unknown,
  request = post(query()),
  options: BranchHandlerOptions = {},
): Promise<{ readonly status: number; readonly body: unknown; readonly logged: number }> {
  const onError = vi.fn();
  const response = await branchHandler(branch, { onError, ...options })(request);
  return { status: response.status, body: await response.json(), logged: onError.mock.calls.length };
}

const throwing = (error: unknown) => () => {
  throw error;
};

describe('a branch handler', () => {
  test('hands on the context as the coordinator gave it, and the payload', async () => {
    const seen: unknown[] = [];
    const answer = await answerOf(({ gid, transType, branchId, op, payload }) => {
      seen.push({ gid, transType, branchId, op, payload });
    });
    expect(seen).toEqual([{ gid: 'g/1&', transType: 'saga', branchId: '01', op: 'action', payload: { amount: 3 } }]);
    expect(answer).toEqual({ status: 200, body: { dtm_result: 'SUCCESS' }, logged: 0 });
  });

  test('a call without a body has no payload', async () => {
    let payload: unknown = 'unset';
    await answerOf((call) => (payload = call.payload), new Request(`http://me/check${query('msg')}`));
    expect(payload).toBeUndefined();
  });

  test('a refusal is 409 with the reason', async () => {
    const answer = await answerOf(throwing(new BranchFailure('sold out')));
    expect(answer).toEqual({ status: 409, body: { dtm_result: 'FAILURE', message: 'sold out' }, logged: 0 });
  });

  test('the try of a TCC may refuse, and nobody needs to hear of it', async () => {
    const answer = await answerOf(throwing(new BranchFailure('sold out')), post(query('try')));
    expect(answer).toMatchObject({ status: 409, logged: 0 });
  });

  test('a compensation that refuses is 409 too, and somebody hears of it', async () => {
    const answer = await answerOf(throwing(new BranchFailure('no')), post(query('compensate')));
    expect(answer).toMatchObject({ status: 409, logged: 1 });
  });

  test('not yet is 425', async () => {
    expect(await answerOf(throwing(new BranchOngoing('later')))).toMatchObject({ status: 425, logged: 0 });
  });

  test('anything else is 500, logged, and kept from the outside', async () => {
    const answer = await answerOf(throwing(new Error('password is hunter2')));
    expect(answer).toEqual({ status: 500, body: { message: 'the branch met an unexpected error' }, logged: 1 });
  });

  test('unless the message is asked for', async () => {
    const options = { exposeErrors: true };
    const answer = await answerOf(throwing(new Error('disk full')), post(query()), options);
    expect(answer.body).toEqual({ message: 'disk full' });
  });

  test.each(['', '?gid=g&trans_type=saga&branch_id=01', '?gid=&trans_type=saga&branch_id=01&op=action'])(
    'what is no branch call ("%s") is 400',
    async (search) => {
      const answer = await answerOf(() => undefined, post(search));
      expect(answer).toMatchObject({ status: 400, body: { code: 'NOT_A_BRANCH_CALL' }, logged: 1 });
    },
  );

  test('a body that is not JSON is 400', async () => {
    const answer = await answerOf(() => undefined, post(query(), '{"amount":'));
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_PAYLOAD' } });
  });

  const tried = (branch: (call: BranchCall<unknown>) => unknown, options = {}) =>
    answerOf(branch, post('?gid=g&trans_type=tcc&branch_id=01&op=try'), options);
  const succeeded = { dtm_result: 'SUCCESS' };

  test('code that calls a branch gets what it returned, and a coordinator does not', async () => {
    expect(await tried(() => ({ seat: '1A' }))).toMatchObject({ status: 200, body: { seat: '1A' } });
    expect(await tried(() => ['1A'])).toMatchObject({ body: ['1A'] });
    expect(await tried(() => undefined)).toMatchObject({ body: succeeded });
    expect(await answerOf(() => ({ seat: '1A' }))).toMatchObject({ body: succeeded });
  });

  test("what a driver or a barrier told is nobody else's", async () => {
    class Result {
      readonly rows = [1];
    }
    expect(await tried(() => new Result())).toMatchObject({ body: succeeded });
    const skipping: AsyncBarrierDatabase<string> = {
      mode: 'async',
      joined: async (work) => work({ tx: 'tx', insert: () => true, reasonOf: () => undefined, deleteOld: () => 0 }),
      transaction: async (work) =>
        work({ tx: 'tx', insert: () => true, reasonOf: () => undefined, deleteOld: () => 0 }),
      check: async () => 'open',
    };
    expect(await tried(({ barrier }) => barrier.transaction(skipping, () => 1))).toMatchObject({ body: succeeded });
  });

  test('a result that is not JSON is told, not lost', async () => {
    const answer = await tried(() => ({ amount: 1n }));
    expect(answer).toMatchObject({ body: { code: 'INVALID_PAYLOAD' }, logged: 1 });
  });

  const schema = {
    payload: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          (value as { amount?: unknown }).amount === 3
            ? { value: { three: true } }
            : { issues: [{ message: 'is not three', path: ['amount', { key: 0 }] }] },
      },
    },
  } as const;

  test('a schema makes the payload, and refuses an action for what it does not accept', async () => {
    expect(await tried(({ payload }) => payload, schema)).toMatchObject({ body: { three: true } });
    const refused = await answerOf(() => undefined, post(query(), '{"amount":4}'), schema);
    const message = 'the payload is not what its schema says: amount.0: is not three';
    expect(refused).toMatchObject({ status: 409, body: { message }, logged: 0 });
  });

  test('what was refused for its payload can be undone, and what must not refuse is asked again', async () => {
    const undo = await answerOf(
      ({ payload }) => expect(payload).toEqual({ amount: 4 }),
      post(query('cancel'), '{"amount":4}'),
      schema,
    );
    expect(undo).toMatchObject({ status: 200 });
    expect(await answerOf(() => undefined, post(query('confirm'), '{"amount":4}'), schema)).toMatchObject({
      status: 400,
    });
  });
});
