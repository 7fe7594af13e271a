/**
 * An XA branch inside a workflow, as DTM's Go SDK does it: within its work it records `business`. Whoever finds that recorded
 * and the branch not cannot know whether it is prepared, and has it rolled back.
 */
import type { Gid } from '@tandem/protocol';
import type { BranchDraw } from '../draw/draw.js';
import { Stopped } from './stopped.js';
import { xidOf } from '../participants/xa-phase-two.js';
import { mayStop, type StepEnd, type WorkflowRun } from './workflow-code.js';
import type { WorkflowRecord } from './workflow-record.js';

export async function workInWorkflowXa(run: WorkflowRun, record: WorkflowRecord, branch: BranchDraw): Promise<StepEnd> {
  const { tx, world } = run;
  const gid = tx.gid as Gid;
  if (record.knows(branch.id, 'business')) {
    world.tally.count('workflowXaUnknown');
    return 'failed';
  }
  const participant = world.participants[branch.host];
  const xid = xidOf({ gid: tx.gid, branchId: branch.id });
  const began = participant?.database.start(xid);
  if (participant === undefined || began !== 'started') throw new Stopped({ kind: 'unknown', reason: String(began) });
  try {
    mayStop(run);
    if (participant.refuses({ gid, branchId: branch.id, op: 'action' })) {
      participant.database.abandon(xid);
      return 'failed';
    }
    await record.put(branch.id, 'business', 'succeed', '');
    mayStop(run);
  } catch (error) {
    participant.database.abandon(xid);
    throw error;
  }
  participant.database.prepare(xid);
  return 'succeed';
}
