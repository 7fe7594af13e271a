import type { Client } from '@tandem/client';
import { explore, type Fault, type Outcome } from '@tandem/testing';
import { expectTypeOf, test } from 'vitest';

/** Compiled, and never called: what it says is for the compiler. */
export async function types(): Promise<void> {
  await explore({
    setUp: async () => Promise.resolve({ pieces: 5 }),
    start: ({ client }, state) => {
      expectTypeOf(client).toEqualTypeOf<Client>();
      expectTypeOf(state).toEqualTypeOf<{ pieces: number }>();
      return { order: (): string => 'ordered' };
    },
    run: async ({ app }, state) => {
      expectTypeOf(state.pieces).toBeNumber();
      return Promise.resolve({ said: app.order() });
    },
    invariant: (state, outcome) => {
      expectTypeOf(state.pieces).toBeNumber();
      expectTypeOf(outcome).toEqualTypeOf<Outcome<{ said: string }>>();
      expectTypeOf(outcome.value).toEqualTypeOf<{ said: string } | undefined>();
    },
    tearDown: (state) => {
      expectTypeOf(state.pieces).toBeNumber();
    },
  });
  await explore({
    setUp: () => 7,
    run: ({ client, app }, state) => {
      expectTypeOf(app).toBeUndefined();
      expectTypeOf(state).toBeNumber();
      return client.saga().submit();
    },
    // @ts-expect-error there is no fault of this name
    faults: ['lightning'],
    invariant: () => undefined,
  });
  // @ts-expect-error an exploration without an invariant finds nothing
  await explore({ setUp: () => 7, run: () => undefined });
}

test('faults have names', () => {
  expectTypeOf<'twice'>().toExtend<Fault>();
});
