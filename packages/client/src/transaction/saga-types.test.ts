import { expect, expectTypeOf, test } from 'vitest';
import { createClient } from '../client.js';
import type { Duration } from '../duration.js';
import type { Saga } from './saga.js';

// Never called: what matters is what compiles.
const tandem = createClient({ url: 'http://127.0.0.1:1' });

test('a saga knows the names of its steps', () => {
  const saga = tandem
    .saga({ concurrent: true })
    .step('stock', { action: 'http://s', compensate: null })
    .step('coupon', { action: 'http://c', compensate: null });
  expectTypeOf(saga).toEqualTypeOf<Saga<'stock' | 'coupon'>>();
  saga.step('pay', { action: 'http://p', compensate: null, after: ['stock', 'coupon'] });
  // @ts-expect-error: a misspelt name
  expect(() => saga.step('mail', { action: 'http://m', compensate: null, after: ['stok'] })).toThrow();
});

test('a duration without a unit does not compile', () => {
  expectTypeOf<'30s'>().toExtend<Duration>();
  expectTypeOf<'1.5h'>().toExtend<Duration>();
  expectTypeOf<'30'>().not.toExtend<Duration>();
  expectTypeOf<30>().not.toExtend<Duration>();
  expectTypeOf<'30 sec'>().not.toExtend<Duration>();
});

test('a step that does not say how it is undone does not compile', () => {
  // @ts-expect-error: no compensation
  expect(() => tandem.saga().step('stock', { action: 'http://s' })).toThrow(/compensate of step "stock" is missing/);
  tandem.saga().step('stock', { action: 'http://s', compensate: null });
});

test('a step without an action, and an unknown option, do not compile', () => {
  // @ts-expect-error: no action
  expect(() => tandem.saga().step('stock', { compensate: 'http://s' })).toThrow(
    /action of step "stock" must be the URL/,
  );
  // @ts-expect-error: no such option
  expect(() => tandem.saga({ timeout: '30s' })).toThrow(/saga has no option "timeout", but gid, concurrent/);
});
