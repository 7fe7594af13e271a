import { claimCases } from './claim-cases.js';
import type { ContractCase } from './contract-case.js';
import { keyValueCases } from './key-value-cases.js';
import { leaseCases } from './lease-cases.js';
import { lifecycleCases } from './lifecycle-cases.js';
import { purgeCases } from './purge-cases.js';
import { scanCases } from './scan-cases.js';
import { textCases } from './text-cases.js';
import { writeCases } from './write-cases.js';

export type { ContractCase } from './contract-case.js';
export { compareStores, type Comparison } from './compare-stores.js';
export { commitOf, createOf, finishedHead, headWith, newToken, noon } from './sample-items.js';

/** What every store must do, on every engine. Each case wants an empty store of its own. */
export const storeContract: readonly ContractCase[] = [
  ...writeCases,
  ...leaseCases,
  ...claimCases,
  ...scanCases,
  ...textCases,
  ...keyValueCases,
  ...purgeCases,
  ...lifecycleCases,
];
