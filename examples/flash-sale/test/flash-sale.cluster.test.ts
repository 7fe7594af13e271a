/** A sale while every part is killed; `FLASH_SALE_SEED` and `FLASH_SALE_BUYERS` choose the run. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runTrial, type Trial } from './trial/run-trial.js';

const needed = ['TANDEM_TEST_POSTGRES_PROGRAMS', 'TANDEM_TEST_REDIS_PROGRAMS'];
const isHere = needed.every((name) => (process.env[name] ?? '') !== '');

const seed = Number(process.env['FLASH_SALE_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const buyers = Number(process.env['FLASH_SALE_BUYERS'] ?? 1_500);
const pieces = Math.floor(buyers / 5);

describe.skipIf(!isHere)('a flash sale (needs PostgreSQL and Redis)', () => {
  const told = `FLASH_SALE_SEED=${seed} FLASH_SALE_BUYERS=${buyers}`;
  let trial: Trial;
  beforeAll(async () => {
    trial = await runTrial({ seed, buyers, pieces });
    console.info(`${told}: ${JSON.stringify(trial.disasters)} in ${trial.seconds.toFixed(1)} s`);
  });

  test('sells every piece once, and tells nobody anything false', () => {
    expect(trial.wrongs, told).toEqual([]);
    expect(trial.books.left, told).toBe(0);
    expect(trial.books.orders, told).toHaveLength(pieces);
  });

  test('was hit by nearly all that was to go wrong', () => {
    expect(trial.disasters.happened, told).toBeGreaterThanOrEqual(trial.disasters.drawn - 2);
  });

  test('tells everybody whether the piece is theirs', () => {
    const answers = [...trial.told.values()].map((one) => one.told);
    expect(answers, told).toHaveLength(buyers);
    expect(answers.filter((answer) => answer === 'bought').length, told).toBe(pieces);
    expect(answers.filter((answer) => answer === 'sold out').length, told).toBe(buyers - pieces);
  });
});
