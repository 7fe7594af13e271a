import { twoPhaseOracle } from './two-phase-oracle.js';

/** TCC's promises: confirm xor cancel, the last registered first. */
export const tccOracle = twoPhaseOracle({
  registered: 'try',
  forward: 'confirm',
  back: 'cancel',
  isBackwards: true,
  hasPayload: true,
});
