/** A short slice of order-system.cluster.test.ts. */
import { describe } from 'vitest';
import { describeTrial, needs } from './trial/describe-trial.js';

describe.skipIf(needs.length > 0)('the order system in short (needs PostgreSQL, MariaDB and Redis)', () => {
  describeTrial({ orders: 100, kills: { min: 2, max: 2 }, languages: 'typescript', timeLimitMs: 400_000 });
});
