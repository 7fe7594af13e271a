/** Several coordinators, of which some say nothing: how a client's requests go to them, told by what each has received. */
import { createClient, CoordinatorUnreachable, type Client } from '@tandem/client';
import { describe, expect, test, type TestContext } from 'vitest';
import { scriptedCoordinator, type Answer, type ScriptedCoordinator } from './scripted-coordinator.js';

const success: Answer = { status: 200, body: { dtm_result: 'SUCCESS' } };
const unknown: Answer = { status: 200, body: { transaction: null } };

/** Two of them; the first is the one that the gid goes to. */
async function two(
  { onTestFinished }: TestContext,
  scripts: readonly [Record<string, Answer[]>, Record<string, Answer[]>],
  options: Parameters<typeof clientOf>[1] = {},
) {
  const pair = [await scriptedCoordinator(scripts[0]), await scriptedCoordinator(scripts[1])] as const;
  onTestFinished(async () => {
    await Promise.all(pair.map((coordinator) => coordinator.close()));
  });
  const gid = 'order-1';
  const tandem = clientOf(pair, options);
  const [first, second] = pair;
  return { tandem, gid, first, second };
}

const clientOf = (
  pair: readonly ScriptedCoordinator[],
  options: { readonly timeout?: `${number}ms`; readonly repeats?: number },
): Client => createClient({ url: pair.map(({ url }) => url), timeout: '5000ms', ...options });

const saga = (tandem: Client, gid: string) =>
  tandem.saga({ gid }).step('debit', { action: 'http://a/do', compensate: null });
const verbs = ({ received }: ScriptedCoordinator): string[] => received.map(({ path }) => path);

// Each waits for a silence; together they take no longer than one.
describe.concurrent('a coordinator that says nothing', () => {
  test('is asked beside the next one, whose answer counts, and is asked last after that', async (context) => {
    const { tandem, gid, first, second } = await two(context, [{ submit: ['silent'] }, { submit: [success] }]);
    expect(await saga(tandem, gid).submit()).toEqual({ gid, status: 'submitted' });
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit']]);
    expect(first.received[0]?.body).toEqual(second.received[0]?.body);

    await saga(tandem, gid).submit();
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit', 'submit']]);
  });

  test('and is only slow counts all the same: nothing is cut short', async (context) => {
    const slow: Answer = { ...success, delayMs: 1_500 };
    const { tandem, gid, first, second } = await two(context, [{ submit: [slow] }, { submit: ['silent'] }]);
    expect(await saga(tandem, gid).submit()).toEqual({ gid, status: 'submitted' });
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit']]);
  });

  test('while its caller waits for the outcome, and answers another question, is waited for alone', async (context) => {
    const slow: Answer = { ...success, delayMs: 2_500 };
    const { tandem, gid, first, second } = await two(context, [
      { submit: [slow], query: [unknown] },
      { submit: [success] },
    ]);
    expect(await saga(tandem, gid).submit({ waitResult: true })).toEqual({ gid, status: 'succeed' });
    expect(new Set(verbs(first))).toEqual(new Set(['submit', 'query']));
    expect(first.received.filter(({ path }) => path === 'submit')).toHaveLength(1);
    expect(verbs(second)).toEqual([]);
  });

  test('to that question either has its caller wait at the next one', async (context) => {
    const { tandem, gid, first, second } = await two(context, [
      { submit: ['silent'], query: ['silent'] },
      { submit: [success] },
    ]);
    expect(await saga(tandem, gid).submit({ waitResult: true })).toEqual({ gid, status: 'succeed' });
    expect([verbs(first), verbs(second)]).toEqual([['submit', 'query'], ['submit']]);
  });

  test('and a next one that is just starting: that one is asked again', async (context) => {
    const { tandem, gid, first, second } = await two(context, [
      { submit: ['silent'] },
      { submit: ['cut', 'cut', success] },
    ]);
    expect(await saga(tandem, gid).submit()).toEqual({ gid, status: 'submitted' });
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit', 'submit', 'submit']]);
  });

  test('and others that say nothing either: each is asked once, and the time limit ends it', async (context) => {
    const timeout = '2500ms';
    const { tandem, gid, first, second } = await two(context, [{ submit: ['silent'] }, { submit: ['silent'] }], {
      timeout,
    });
    const submitted = saga(tandem, gid).submit();
    await expect(submitted).rejects.toBeInstanceOf(CoordinatorUnreachable);
    await expect(submitted).rejects.toThrow(/no answer within 2500 ms/);
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit']]);
  });

  test('is waited for alone where nothing is to be repeated', async (context) => {
    const { tandem, gid, second } = await two(context, [{ submit: ['silent'] }, { submit: [success] }], {
      timeout: '500ms',
      repeats: 0,
    });
    await expect(saga(tandem, gid).submit()).rejects.toThrow(/no answer within 500 ms/);
    expect(verbs(second)).toEqual([]);
  });

  test('and a refusal by the next one: the refusal is told', async (context) => {
    const refusal: Answer = { status: 409, body: { code: 'CONFLICTING_REPEAT', message: 'other content' } };
    const { tandem, gid } = await two(context, [{ submit: ['silent'] }, { submit: [refusal] }]);
    await expect(saga(tandem, gid).submit()).rejects.toMatchObject({ coordinatorCode: 'CONFLICTING_REPEAT' });
  });

  test.for<[string, Answer]>([
    ['is overloaded', { status: 429, body: { code: 'OVERLOADED', message: 'too much' } }],
    ['has no store', { status: 503, body: { code: 'STORE_UNAVAILABLE', message: 'no store' } }],
    ['is behind a gateway that cannot reach it', { status: 502, body: '<h1>Bad Gateway</h1>' }],
  ])('and a next one that %s to the last: the slow answer counts', async ([, busy], context) => {
    const slow: Answer = { ...success, delayMs: 3_200 };
    const { tandem, gid, first, second } = await two(context, [{ submit: [slow] }, { submit: [busy] }]);
    expect(await saga(tandem, gid).submit()).toEqual({ gid, status: 'submitted' });
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit', 'submit', 'submit']]);
  });

  test('to the end, and a next one that is busy: it may have accepted, so nothing is told as refused', async (context) => {
    const busy: Answer = { status: 503, body: { code: 'STORE_UNAVAILABLE', message: 'no store' } };
    const { tandem, gid, first, second } = await two(context, [{ submit: ['silent'] }, { submit: [busy] }], {
      timeout: '4000ms',
    });
    const submitted = saga(tandem, gid).submit();
    await expect(submitted).rejects.toBeInstanceOf(CoordinatorUnreachable);
    await expect(submitted).rejects.toThrow(/no answer within 4000 ms/);
    expect([verbs(first), verbs(second)]).toEqual([['submit'], ['submit', 'submit', 'submit']]);
  });

  test('for long, and is then busy as all others are: that is told', async (context) => {
    const busy: Answer = { status: 503, body: { code: 'STORE_UNAVAILABLE', message: 'no store' } };
    const late = { ...busy, delayMs: 3_200 };
    const { tandem, gid } = await two(context, [{ submit: [late] }, { submit: [busy] }]);
    await expect(saga(tandem, gid).submit()).rejects.toMatchObject({ coordinatorCode: 'STORE_UNAVAILABLE' });
  });

  test('is given up with its caller, who is told his own reason', async (context) => {
    const { tandem, gid } = await two(context, [{ submit: ['silent'] }, { submit: ['silent'] }]);
    const abort = new AbortController();
    const submitted = saga(tandem, gid).submit({ signal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(submitted).rejects.toThrow('changed my mind');
  });
});
