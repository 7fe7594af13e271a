import type { BranchOp, CallKey, Registration, TransactionEvent, TransactionOptions } from '../../src/index.js';
import { plainDefaults, tccBranch, twoPhase, xaBranch } from '../support/definitions.js';
import type { Search } from './search.js';

interface Asked {
  readonly options?: Partial<TransactionOptions>;
  readonly tickMs?: number;
  readonly depth?: number;
}

/** Small TCCs, one for each thing that the machine decides by. */
export const tccCases: Readonly<Record<string, Search>> = {
  'one branch out of step with the clock': tcc([tccBranch('01')], { tickMs: 5 }),
  'two branches': tcc([tccBranch('01'), tccBranch('02')]),
  'a branch inside another': tcc([tccBranch('01'), tccBranch('0101')]),
  'a branch inside one whose URLs are empty, inside another': tcc([
    tccBranch('01'),
    tccBranch('0101', '--'),
    tccBranch('010101'),
  ]),
  'empty URLs': tcc([tccBranch('01', 'o-'), tccBranch('02', '-n')]),
  'a limit': tcc([tccBranch('01'), tccBranch('02')], { options: { retry: { limit: 1 } } }),
  'a limit of none that asks for a roll-back': tcc([tccBranch('01')], {
    options: { retry: { limit: 0, then: 'rollback' } },
  }),
  'other content, and another type': tcc([tccBranch('01'), tccBranch('01', 'o-'), xaBranch('02')]),
  'two branches out of step': tcc([tccBranch('01'), tccBranch('02')], { tickMs: 5, depth: 1 }),
  'three branches, one inside another': tcc([tccBranch('01'), tccBranch('0101'), tccBranch('02')], { depth: 1 }),
  'three branches with a limit': tcc([tccBranch('01'), tccBranch('02'), tccBranch('03')], {
    options: { retry: { limit: 1 } },
    depth: 2,
  }),
};

function tcc(branches: readonly Registration[], { options, ...more }: Asked = {}): Search {
  return {
    definition: twoPhase('tcc', { timeoutToFailMs: 15, ...options }),
    defaults: plainDefaults,
    opening: { intent: 'prepare' },
    events: registrations(branches),
    keys: keysOf(branches, ['confirm', 'cancel']),
    ...more,
  };
}

export function registrations(branches: readonly Registration[]): readonly TransactionEvent[] {
  return branches.map((registration) => ({ kind: 'registerBranch', registration }));
}

/** Every operation of these branches, whether it is called or not. */
export function keysOf(branches: readonly Registration[], ops: readonly BranchOp[]): readonly CallKey[] {
  return branches.flatMap(({ branchId }) => ops.map((op) => ({ branchId, op })));
}
