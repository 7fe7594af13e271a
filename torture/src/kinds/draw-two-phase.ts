import type { Random } from '../random.js';
import type { CallerOrder } from './caller.js';
import type { Transfer } from './draw-transfer.js';
import { effectsOf } from './draw-transfer.js';
import type { Told } from './told.js';
import type { Intent } from './transaction-kind.js';
import type { TwoPhaseOrder } from './two-phase-caller.js';

export interface TwoPhaseDraw<Branch> {
  readonly gid: string;
  readonly transfer: Transfer;
  readonly behaviour: CallerOrder;
  readonly branches: readonly Branch[];
}

/** What a client wants of a TCC or an XA; only the first attempt's caller dies. */
export function drawTwoPhase<Branch>(
  { gid, transfer, behaviour, branches }: TwoPhaseDraw<Branch>,
  random: Random,
  ask: (order: TwoPhaseOrder<Branch>) => Promise<Told>,
): Intent {
  const givesUp = random.chance(0.05);
  const timeoutToFail = random.chance(0.3) ? 1 : 3;
  const { callsMax, ...alive } = behaviour;
  let dies = callsMax === undefined ? {} : { callsMax };
  return {
    gid,
    effects: effectsOf(transfer),
    mustFail: transfer.mustFail || givesUp,
    // A submit that was accepted is a decision.
    cannotFail: true,
    attempt: ({ waitResult }) => {
      const order = { ...alive, ...dies, gid, branches, timeoutToFail, givesUp, waitResult };
      dies = {};
      return ask(order);
    },
  };
}
