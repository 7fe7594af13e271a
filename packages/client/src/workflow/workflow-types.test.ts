/** What must compile, and what must not; JavaScript is told at run time. No step here is ever run. */
import * as v from 'valibot';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { createClient } from '../client.js';
import type { Recorded } from '../recorded.js';
import { createWorkflows } from '../workflow.js';

const tandem = createClient({ url: 'http://127.0.0.1:1' });
const workflows = createWorkflows(tandem, { url: 'http://127.0.0.1:2/workflow' });
const reserve = async () => ({ id: 'r1', price: 10, at: new Date() });
let count = 0;
const saga = <Input = undefined>() => workflows.saga<Input>(`saga ${(count += 1)}`);

test('a compensation gets what its action answered, as JSON leaves it', () => {
  saga<{ guest: string }>().step('hotel', {
    action: reserve,
    compensate: (room, { input, results }) => {
      expectTypeOf(room).toEqualTypeOf<{ id: string; price: number; at: string }>();
      expectTypeOf(input).toEqualTypeOf<{ guest: string }>();
      expectTypeOf(results).toEqualTypeOf<object>();
    },
  });
});

test('a missing compensation does not compile', () => {
  // @ts-expect-error: nothing says how it is undone
  expect(() => saga().step('hotel', { action: reserve })).toThrow(/compensate of step "hotel" \(or null/);
  // @ts-expect-error: undefined says nothing either
  expect(() => saga().step('hotel', { action: reserve, compensate: undefined })).toThrow(/must be a function/);
  saga().step('lookup', { action: reserve, compensate: null });
});

test('a wrong compensation does not compile', () => {
  const cancelFlight = (flight: { seat: number }): string => String(flight.seat);
  // @ts-expect-error: it undoes something else
  saga().step('hotel', { action: reserve, compensate: cancelFlight });
  saga().step('hotel', {
    action: reserve,
    // @ts-expect-error: the action answers no number
    compensate: (room) => room.number as unknown,
  });
});

test('a step sees the results of the steps before it, and of no other', () => {
  saga()
    .step('hotel', { action: reserve, compensate: null })
    .step('train', {
      action: ({ results }) => {
        expectTypeOf(results.hotel.price).toEqualTypeOf<number>();
        // @ts-expect-error: it comes later
        return results.payment as unknown;
      },
      compensate: null,
    })
    .step('payment', { action: () => 1, compensate: null });
});

test('two steps of one name do not compile', () => {
  const once = saga().step('hotel', { action: reserve, compensate: null });
  // @ts-expect-error: there is one of this name
  const twice = () => once.step('hotel', { action: reserve, compensate: null });
  expectTypeOf(twice).toBeFunction();
});

test('after the pivot nothing may need a compensation, and there is no second pivot', () => {
  const pivoted = saga()
    .step('hotel', { action: reserve, compensate: null })
    .pivot('payment', { action: () => ({ receipt: 'x' }) });
  pivoted.step('mail', { action: ({ results }) => results.payment.receipt });
  // @ts-expect-error: it would never be called
  expect(() => pivoted.step('bill', { action: reserve, compensate: () => undefined })).toThrow(/nothing undoes it/);
  expectTypeOf(pivoted).not.toHaveProperty('pivot');
  // @ts-expect-error: the pivot itself is not undone
  expect(() => saga().pivot('payment', { action: reserve, compensate: () => undefined })).toThrow(/nothing undoes it/);
});

test('a saga answers the results of its steps', () => {
  const booked = saga<{ guest: string }>()
    .step('hotel', { action: reserve, compensate: null })
    .pivot('payment', { action: async () => 'receipt' });
  expectTypeOf(booked.run).parameter(0).toEqualTypeOf<{ guest: string }>();
  expectTypeOf<Awaited<ReturnType<typeof booked.run>>['payment']>().toEqualTypeOf<string>();
  expectTypeOf<Awaited<ReturnType<typeof booked.run>>['hotel']['at']>().toEqualTypeOf<string>();
});

test('a workflow is typed by its code, or by a schema of any library', () => {
  const plain = workflows.define('plain', async (wf, input: { n: number }) => wf.do('double', () => input.n * 2));
  expectTypeOf(plain.run).parameter(0).toEqualTypeOf<{ n: number }>();
  expectTypeOf(plain.run).returns.resolves.toEqualTypeOf<number>();
  workflows.define('zod', { input: z.object({ n: z.number() }) }, (_, input) => {
    expectTypeOf(input).toEqualTypeOf<{ n: number }>();
  });
  workflows.define('valibot', { input: v.object({ n: v.number() }) }, (_, input) => {
    expectTypeOf(input).toEqualTypeOf<{ n: number }>();
  });
});

test('a call is typed by its schema, and what undoes it by the answer', () => {
  workflows.define('call', async (wf) => {
    const seat = await wf.call('seat', {
      url: 'http://s',
      result: v.object({ number: v.string() }),
      onRollback: ({ number }) => ({ url: 'http://s/undo', payload: { number } }),
    });
    expectTypeOf(seat).toEqualTypeOf<{ number: string }>();
    // @ts-expect-error: the answer has no price
    await wf.call('x', { url: 'http://s', result: v.object({}), onRollback: ({ price }) => ({ url: String(price) }) });
    expectTypeOf(await wf.call('unknown', { url: 'http://s' })).toEqualTypeOf<unknown>();
    const both = await wf.parallel({ a: (wf) => wf.do('one', () => 1), b: () => 'b' });
    expectTypeOf(both).toEqualTypeOf<{ a: number; b: string }>();
  });
});

test('the branches of a TCC say all that is to be called', () => {
  const never = () =>
    tandem.tcc(async (tcc) => {
      const { number } = await tcc.branch('seat', {
        try: 'http://s',
        confirm: null,
        cancel: 'http://s',
        result: z.object({ number: z.string() }),
      });
      expectTypeOf(number).toEqualTypeOf<string>();
      // @ts-expect-error: what cancels it is not said
      await tcc.branch('room', { try: 'http://r', confirm: 'http://r' });
      return number;
    });
  expectTypeOf(never).returns.resolves.toEqualTypeOf<string>();
});

test('what JSON leaves of a value', () => {
  expectTypeOf<Recorded<{ at: Date; act: () => void; list: { n: bigint }[]; pair: [Date, number?] }>>().toEqualTypeOf<{
    at: string;
    list: { n: never }[];
    pair: [string, number?];
  }>();
  expectTypeOf<Recorded<string | undefined>>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Recorded<unknown>>().toEqualTypeOf<unknown>();
  expectTypeOf<Recorded<Map<string, string>>>().toEqualTypeOf<never>();
});
