/**
 * The first phase of an XA branch. Its caller calls the participant, who works inside `xa start` ... `xa prepare` and registers
 * the branch in between, as DTM's SDKs do: what cannot be registered is never prepared.
 */
import type { BranchCall } from '@tandem/coordinator';
import type { BranchResult } from '@tandem/protocol';
import type { TransactionDraw } from '../draw/draw.js';
import type { Participant } from '../participants/participant.js';
import { xidOf } from '../participants/xa-phase-two.js';
import { hostUrl } from '../types/draw-parts.js';
import type { World } from '../world.js';
import { callBranch } from './call-branch.js';
import { registerBranch } from './register-branch.js';
import type { BeginBranch } from './two-phase-caller.js';

const callTimeoutMs = 3_000;
const callTriesMax = 2;
const registerTriesMax = 2;
/** The work itself. */
const workMs = 20;

export function beginXaBranch(tx: TransactionDraw, world: World): BeginBranch {
  return (branch, _index, heard) => {
    const attempt = (tries: number): void => {
      const call = {
        gid: tx.gid,
        transactionType: 'xa' as const,
        branchId: branch.id,
        op: 'action' as const,
        url: hostUrl(branch.host, 'act'),
        payload: '{}',
        timeoutMs: callTimeoutMs,
      };
      callBranch(world, call, ({ kind }) => {
        if (kind === 'success' || kind === 'failure' || tries === callTriesMax) heard(kind);
        else attempt(tries + 1);
      });
    };
    attempt(1);
  };
}

/** The participant's side: the whole of its local transaction, and its answer. */
export function workInXa(
  call: BranchCall,
  participant: Participant,
  world: World,
  answer: (result: BranchResult) => void,
): void {
  const { gid, branchId } = call;
  const { database, host } = participant;
  const xid = xidOf(call);
  const began = database.start(xid);
  if (began !== 'started') {
    world.tally.count(began === 'known' ? 'xaRepeated' : 'xaTooLate');
    answer(began === 'known' ? { kind: 'unknown', reason: 'XAER_DUPID' } : { kind: 'failure', reason: 'ended before' });
    return;
  }
  // What is registered as data is never sent: the databases know what they prepared.
  const body = { gid, trans_type: 'xa', branch_id: branchId, data: '{"not":"sent"}', url: hostUrl(host, 'phase-two') };
  world.time.in(workMs, () => {
    if (participant.refuses(call)) {
      database.abandon(xid);
      answer({ kind: 'failure', reason: 'refused' });
      return;
    }
    registerBranch(world, body, { op: 'action', place: host, triesMax: registerTriesMax }, (told) => {
      if (told.kind === 'refused') {
        database.abandon(xid);
        answer(
          told.code === 'NO_ANSWER' ? { kind: 'unknown', reason: told.code } : { kind: 'failure', reason: told.code },
        );
        return;
      }
      world.time.in(workMs, () => {
        database.prepare(xid);
        answer({ kind: 'success' });
      });
    });
  });
}
