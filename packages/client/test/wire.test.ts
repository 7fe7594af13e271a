import { createClient, type Client } from '@tandem/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scriptedCoordinator, type ScriptedCoordinator } from './scripted-coordinator.js';

let coordinator: ScriptedCoordinator;
let tandem: Client;
beforeEach(async () => {
  const success = { status: 200, body: { dtm_result: 'SUCCESS' } };
  coordinator = await scriptedCoordinator({ submit: [success], prepare: [success], abort: [success] });
  tandem = createClient({ url: coordinator.url });
});
afterEach(() => coordinator.close());

const sent = (): unknown => coordinator.received.at(-1)?.body;

describe('a saga on the wire', () => {
  test('steps and payloads', async () => {
    await tandem
      .saga({ gid: 'order-1' })
      .step('stock', { action: 'http://s/take', compensate: 'http://s/give', payload: { sku: 7 } })
      .step('mail', { action: 'http://m/send', compensate: null })
      .submit();
    expect(sent()).toEqual({
      gid: 'order-1',
      trans_type: 'saga',
      protocol: 'http',
      concurrent: false,
      steps: [
        { action: 'http://s/take', compensate: 'http://s/give' },
        { action: 'http://m/send', compensate: '' },
      ],
      payloads: ['{"sku":7}', '{}'],
    });
  });

  test('concurrent steps with their order, by 0-based indexes', async () => {
    await tandem
      .saga({ concurrent: true })
      .step('stock', { action: 'http://s/take', compensate: null })
      .step('coupon', { action: 'http://c/use', compensate: null })
      .step('payment', { action: 'http://p/pay', compensate: null, after: ['stock', 'coupon'] })
      .submit();
    expect(sent()).toMatchObject({
      concurrent: true,
      custom_data: JSON.stringify({ concurrent: true, orders: { 2: [0, 1] } }),
    });
  });

  test('times go in whole seconds for DTM, and to the millisecond for Tandem', async () => {
    const branchHeaders = { 'x-tenant': 't1' };
    const retry = { interval: '1500ms', limit: 2, factor: 1, maxInterval: '5s', then: 'pause' } as const;
    await tandem.saga({ timeoutToFail: '500ms', requestTimeout: '2s', retry, branchHeaders }).submit();
    expect(sent()).toMatchObject({
      timeout_to_fail: 1,
      timeout_to_fail_ms: 500,
      request_timeout: 2,
      request_timeout_ms: 2_000,
      retry_interval: 2,
      retry_limit: 2,
      retry: { initial_ms: 1_500, max_ms: 5_000, limit: 2, factor: 1, then: 'pause' },
      branch_headers: branchHeaders,
    });
  });

  test('wrong use is refused where it is written', () => {
    const at = (action: string) => ({ action, compensate: null });
    const saga = tandem.saga().step('stock', at('http://s'));
    expect(() => saga.step('stock', at('http://s'))).toThrow(/two steps are named "stock"/);
    expect(() => saga.step('pay', { ...at('http://p'), after: ['stock'] })).toThrow(/concurrent: true/);
    expect(() => saga.step('pay', { ...at('http://p'), payload: 1n })).toThrow(/payload of step "pay" is not JSON/);
    const concurrent = tandem.saga({ concurrent: true });
    // @ts-expect-error: there is no such earlier step
    expect(() => concurrent.step('pay', { ...at('http://p'), after: ['stock'] })).toThrow(/which is no earlier step/);
  });
});

describe('a message on the wire', () => {
  test('receivers, topics, branches that nobody waits for, delay', async () => {
    await tandem
      .message({ gid: 'm1', delay: '90s', concurrent: true })
      .add('http://a/credit', { amount: 1 })
      .addTopic('orders', { id: 2 }, { isAsync: true })
      .submit();
    expect(sent()).toEqual({
      gid: 'm1',
      trans_type: 'msg',
      protocol: 'http',
      concurrent: true,
      steps: [{ action: 'http://a/credit' }, { action: 'topic://orders', async: 'true' }],
      payloads: ['{"amount":1}', '{"id":2}'],
      custom_data: '{"delay":90}',
      delay_ms: 90_000,
    });
  });

  test('prepare names the back-check and its times', async () => {
    const message = tandem.message({ gid: 'm1', firstCheckAfter: '5s', checkInterval: '700ms' }).add('http://a');
    await message.prepare('http://me/check');
    expect(sent()).toMatchObject({
      query_prepared: 'http://me/check',
      timeout_to_fail: 5,
      timeout_to_fail_ms: 5_000,
      check_interval_ms: 700,
    });
    await message.abort();
    expect(sent()).toEqual({ gid: 'm1', trans_type: 'msg' });
  });

  test('a back-check that is no URL is refused', () => {
    expect(() => tandem.message().prepare('/check')).toThrow(/back-check's URL/);
  });
});
