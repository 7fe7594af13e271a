/** Orders under everything that goes wrong; `ORDER_SEED`, `ORDER_COUNT` and `ORDER_LANGUAGES=typescript` choose the run. */
import { describe } from 'vitest';
import { describeTrial, needs } from './trial/describe-trial.js';

describe.skipIf(needs.length > 0)('the order system (needs PostgreSQL, MariaDB and Redis)', () => {
  describeTrial({ orders: 2_000, kills: { min: 21, max: 42 }, languages: 'all', timeLimitMs: 900_000 });
});
