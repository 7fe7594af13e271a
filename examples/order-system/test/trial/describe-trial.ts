import { beforeAll, expect, test } from 'vitest';
import { sumsOf } from '@tandem/example-order-system';
import { supplyFor } from './customers.js';
import { runTrial, type Trial, type TrialOptions } from './run-trial.js';

/** What is missing for a trial. */
export const needs = ['TANDEM_TEST_POSTGRES_PROGRAMS', 'TANDEM_TEST_MARIADB_URL', 'TANDEM_TEST_REDIS_URL'].filter(
  (name) => (process.env[name] ?? '') === '',
);

/** One run, and what must be so after it. A run that fails tells its seed. */
export function describeTrial(options: Omit<TrialOptions, 'seed'> & { readonly timeLimitMs: number }): void {
  const seed = Number(process.env['ORDER_SEED'] ?? Math.floor(Math.random() * 1_000_000));
  const orders = Number(process.env['ORDER_COUNT'] ?? options.orders);
  const languages = process.env['ORDER_LANGUAGES'] === 'typescript' ? 'typescript' : options.languages;
  const told = `ORDER_SEED=${seed}`;
  let trial: Trial;
  beforeAll(async () => {
    // At once: a run that hangs has no other way to tell it.
    console.info(told);
    trial = await runTrial({ ...options, languages, seed, orders });
    console.info(summaryOf(trial));
  }, options.timeLimitMs);

  test('the books balance, and no answer was false', () => {
    expect(trial.wrongs, told).toEqual([]);
    const { confirmed, ...others } = sumsOf(trial.books, supplyFor(orders));
    expect(others, told).toEqual({ taken: confirmed, used: confirmed, paid: confirmed });
  });

  test('orders were confirmed, refused, repeated, late and lost, and parts were killed', () => {
    const statuses = new Set(trial.books.orders.map(({ status }) => status));
    expect(statuses, told).toEqual(new Set(['confirmed', 'refused']));
    const { passed, ...others } = trial.deeds;
    expect(Math.min(...Object.values(others)), `${told}: ${JSON.stringify(others)}`).toBeGreaterThan(0);
    expect(passed).toBeGreaterThan(orders);
    const kills = [...trial.kills.values()];
    expect(kills.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(options.kills.min);
  });
}

function summaryOf({ told, books, kills, deeds, deadlocks, languages }: Trial): string {
  const count = (status: string): number => books.orders.filter((order) => order.status === status).length;
  const heard = new Map<string, number>();
  for (const { answers, waited } of told) {
    const last = `${waited ? 'waited' : 'left'}: ${answers.at(-1)?.status ?? 'nothing'}`;
    heard.set(last, (heard.get(last) ?? 0) + 1);
  }
  return JSON.stringify({
    confirmed: count('confirmed'),
    refused: count('refused'),
    heard: Object.fromEntries(heard),
    kills: Object.fromEntries(kills),
    deeds,
    deadlocks,
    languages,
  });
}
