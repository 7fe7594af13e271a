import { describe, expect, test, vi } from 'vitest';
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
});
