import type { Registration, TransactionOptions } from '../../src/index.js';
import { plainDefaults, tccBranch, twoPhase, xaBranch } from '../support/definitions.js';
import type { Search } from './search.js';
import { keysOf, registrations } from './tcc-cases.js';

interface Asked {
  readonly options?: Partial<TransactionOptions>;
  readonly tickMs?: number;
  readonly depth?: number;
}

/** Small XAs, one for each thing that the machine decides by. */
export const xaCases: Readonly<Record<string, Search>> = {
  'one branch out of step with the clock': xa([xaBranch('01')], { tickMs: 5 }),
  'two branches': xa([xaBranch('01'), xaBranch('02')]),
  'a branch inside another': xa([xaBranch('01'), xaBranch('0101')]),
  'a limit': xa([xaBranch('01'), xaBranch('02')], { options: { retry: { limit: 1 } } }),
  'other content, and another type': xa([
    xaBranch('01'),
    { ...xaBranch('01'), urls: { commit: 'http://other', rollback: 'http://other' } },
    tccBranch('02'),
  ]),
  'two branches out of step': xa([xaBranch('01'), xaBranch('02')], { tickMs: 5, depth: 1 }),
  'three branches, one inside another': xa([xaBranch('01'), xaBranch('0101'), xaBranch('02')], { depth: 1 }),
};

function xa(branches: readonly Registration[], { options, ...more }: Asked = {}): Search {
  return {
    definition: twoPhase('xa', { timeoutToFailMs: 15, ...options }),
    defaults: plainDefaults,
    opening: { intent: 'prepare' },
    events: registrations(branches),
    keys: keysOf(branches, ['commit', 'rollback']),
    ...more,
  };
}
