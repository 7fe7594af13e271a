/**
 * The caller of a TCC or XA: prepares, has each branch begin, one after the other, and submits if every one has succeeded, else
 * aborts. It may stop anywhere, as if it had died there.
 */
import type { BranchResult } from '@tandem/protocol';
import type { BranchDraw, TransactionDraw } from '../draw/draw.js';
import type { World } from '../world.js';
import { sendAsks } from './send-asks.js';

/** Begins one branch: registers and tries it (TCC), or calls its participant, who registers it (XA). */
export type BeginBranch = (branch: BranchDraw, index: number, heard: (result: BranchResult['kind']) => void) => void;

export function actAsTwoPhaseCaller(tx: TransactionDraw, world: World, begin: BeginBranch): void {
  let isPrepared = false;
  const prepares = tx.asks.filter(({ verb }) => verb === 'prepare');
  sendAsks(world, tx, prepares, 0, (_ask, answer) => {
    if (isPrepared || answer.kind !== 'done') return;
    isPrepared = true;
    goOn(tx, world, begin, 0);
  });
}

function goOn(tx: TransactionDraw, world: World, begin: BeginBranch, index: number): void {
  const branch = tx.branches?.[index];
  const isDone = branch === undefined || index === tx.steps.length;
  if (isDone || (tx.local === 'isForgotten' && index === tx.steps.length - 1)) {
    decide(tx, world, isDone);
    return;
  }
  begin(branch, index, (result) => {
    if (result === 'success') goOn(tx, world, begin, index + 1);
    else decide(tx, world, false);
  });
}

function decide(tx: TransactionDraw, world: World, isTried: boolean): void {
  if (tx.local === 'isForgotten') {
    world.tally.count('clientGivesUp');
    return;
  }
  const decisions = tx.asks.filter(({ verb }) => verb !== 'prepare');
  const asks = isTried ? decisions : decisions.map((ask) => ({ ...ask, verb: 'abort' as const, waitMs: 0 }));
  sendAsks(world, tx, asks, world.time.now);
}
