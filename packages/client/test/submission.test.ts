import { createClient, type ClientOptions, type Saga } from '@tandem/client';
import { afterEach, describe, expect, test } from 'vitest';
import { scriptedCoordinator, type Answer, type ScriptedCoordinator } from './scripted-coordinator.js';

const success: Answer = { status: 200, body: { dtm_result: 'SUCCESS' } };
const failure = (message: string, more = {}): Answer => ({
  status: 409,
  body: { dtm_result: 'FAILURE', message, ...more },
});
const stored = (status: string, reason?: string): Answer => ({
  status: 200,
  body: { transaction: { gid: 'g', trans_type: 'saga', status, rollback_reason: reason }, branches: [] },
});

let coordinator: ScriptedCoordinator;
afterEach(() => coordinator.close());

async function sagaAt(script: Record<string, Answer[]>, options: Partial<ClientOptions> = {}): Promise<Saga<'debit'>> {
  coordinator = await scriptedCoordinator(script);
  const client = createClient({ url: coordinator.url, ...options });
  return client
    .saga({ gid: 'g' })
    .step('debit', { action: 'http://a/do', compensate: 'http://a/undo', payload: { n: 1 } });
}

describe('an outcome', () => {
  test('accepted is not yet succeeded', async () => {
    const saga = await sagaAt({ submit: [success] });
    expect(await saga.submit()).toEqual({ gid: 'g', status: 'submitted' });
    expect(coordinator.received[0]?.body).not.toHaveProperty('wait_result');
  });

  test('success', async () => {
    const saga = await sagaAt({ submit: [success] });
    expect(await saga.submit({ waitResult: true })).toEqual({ gid: 'g', status: 'succeed' });
    expect(coordinator.received[0]?.body).toMatchObject({ wait_result: true });
  });

  test('failure, with the reason', async () => {
    const saga = await sagaAt({ submit: [failure('no money')], query: [stored('failed', 'no money')] });
    const submitted = saga.submit({ waitResult: true });
    await expect(submitted).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', gid: 'g', reason: 'no money' });
  });

  test('a rollback that still runs is a failure already', async () => {
    const saga = await sagaAt({ submit: [failure('no money')], query: [stored('aborting')] });
    const submitted = saga.submit({ waitResult: true });
    await expect(submitted).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', reason: 'no money' });
  });

  test('still running', async () => {
    const saga = await sagaAt({ submit: [{ status: 425, body: { dtm_result: 'ONGOING', message: 'still running' } }] });
    await expect(saga.submit({ waitResult: true })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING', gid: 'g' });
  });

  test("still running, although DTM's server calls it a failure", async () => {
    const saga = await sagaAt({ submit: [failure('wait result not return success')], query: [stored('submitted')] });
    await expect(saga.submit({ waitResult: true })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
  });

  test("the repeat of what has succeeded is a success, although DTM's server refuses it", async () => {
    const saga = await sagaAt({ submit: [failure("current status 'succeed'")], query: [stored('succeed')] });
    expect(await saga.submit()).toEqual({ gid: 'g', status: 'succeed' });
  });

  test('refused, with the code of the coordinator', async () => {
    const saga = await sagaAt({ submit: [failure('other content', { code: 'CONFLICTING_REPEAT' })] });
    await expect(saga.submit()).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
      coordinatorCode: 'CONFLICTING_REPEAT',
      status: 409,
      isRetryable: false,
    });
  });
});

describe('a coordinator that does not answer', () => {
  test('no coordinator at the address', async () => {
    const saga = await sagaAt({}, { repeats: 0 });
    await coordinator.close();
    const submitted = saga.submit();
    await expect(submitted).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE', gid: 'g' });
    await expect(submitted).rejects.toThrow(
      /no coordinator at http:\/\/127\.0\.0\.1:\d+\/api\/dtmsvr \(.*ECONNREFUSED/,
    );
  });

  test('something else at the address', async () => {
    const saga = await sagaAt({ submit: [{ status: 404, body: '<html>not here</html>' }] });
    await expect(saga.submit()).rejects.toThrow(/something answers .* but not a coordinator's API \(HTTP 404\)/);
  });

  test('a gateway without a coordinator behind it is no refusal', async () => {
    const saga = await sagaAt({ submit: [{ status: 502, body: 'bad gateway' }] });
    await expect(saga.submit()).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE' });
  });

  test('a lost connection is repeated under the same gid', async () => {
    const saga = await sagaAt({ submit: ['cut', 'cut', success] });
    expect(await saga.submit()).toEqual({ gid: 'g', status: 'submitted' });
    expect(coordinator.received.map(({ body }) => body['gid'])).toEqual(['g', 'g', 'g']);
  });

  test('no more often than the option says', async () => {
    const saga = await sagaAt({ submit: ['cut'] }, { repeats: 1 });
    await expect(saga.submit()).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE' });
    expect(coordinator.received).toHaveLength(2);
  });

  test('overload is repeated when the coordinator asks for it, and in the end a refusal that may be repeated', async () => {
    const busy: Answer = {
      status: 429,
      body: { code: 'OVERLOADED', message: 'too much' },
      headers: { 'retry-after': '1' },
    };
    const saga = await sagaAt({ submit: [busy] }, { repeats: 1 });
    const startedAt = performance.now();
    await expect(saga.submit()).rejects.toMatchObject({ coordinatorCode: 'OVERLOADED', isRetryable: true });
    expect(coordinator.received).toHaveLength(2);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
  });

  test('silence ends with the time limit and is not repeated', async () => {
    const saga = await sagaAt({ submit: ['silent'] }, { timeout: '100ms' });
    await expect(saga.submit()).rejects.toThrow(/no answer within 100 ms/);
    expect(coordinator.received).toHaveLength(1);
  });

  test('the caller may stop waiting', async () => {
    const saga = await sagaAt({ submit: ['silent'] });
    const abort = new AbortController();
    const submitted = saga.submit({ signal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(submitted).rejects.toThrow('changed my mind');
  });
});

test('an access token goes with every request', async () => {
  const saga = await sagaAt({ submit: [success] }, { headers: { authorization: 'Bearer t' } });
  await saga.submit();
  expect(coordinator.received[0]?.headers.authorization).toBe('Bearer t');
});

test('a path in the url is the path of the API', async () => {
  coordinator = await scriptedCoordinator({ submit: [success] });
  await createClient({ url: `${coordinator.url}/tx/api/` })
    .message()
    .add('http://a')
    .submit();
  expect(coordinator.received).toHaveLength(1);
});

test.each(['localhost:36789', 'ftp://x', ''])('the url "%s" is refused at once', async (url) => {
  coordinator = await scriptedCoordinator({});
  expect(() => createClient({ url })).toThrow(/url must be the coordinator's/);
});
