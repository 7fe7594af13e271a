import { twoPhaseOracle } from './two-phase-oracle.js';

/** XA's promises: commit xor rollback, in the order of registration, and no payload. */
export const xaOracle = twoPhaseOracle({
  registered: 'action',
  forward: 'commit',
  back: 'rollback',
  isBackwards: false,
  hasPayload: false,
});
