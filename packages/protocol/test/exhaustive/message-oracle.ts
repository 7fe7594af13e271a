import { machineOf, type Plan, type Transaction, type TransactionEvent } from '../../src/index.js';
import { holds } from '../support/holds.js';
import type { Seen } from './search.js';
import type { TypeOracle } from './searched-types.js';

/** The two-phase message's promises. */
export const messageOracle: TypeOracle = {
  planned(state, plan) {
    if (plan.kind === 'calls') checkCalls(state, plan);
  },
  reacted({ tx }, event, after) {
    checkDecision(tx, event, after);
  },
  committed(before, after) {
    const wasDecided = before.head.status !== 'prepared';
    const goesBack = after.head.status === 'prepared';
    holds(!(wasDecided && goesBack), 'a decision is not taken back', before, after);
  },
  durable({ tx }) {
    const { status, state } = tx.head;
    holds(status !== 'aborting', 'a message never rolls back (B2)', tx);
    if (status === 'succeed') holds(isDelivered(tx), 'success means that all is delivered', tx);
    if (status === 'failed' && !state.isForced) {
      holds(state.submittedAt === 0, 'a message that was decided for does not fail', tx);
      const isSent = [...tx.rows.values()].some((row) => row.op === 'action');
      holds(!isSent, 'what was decided against has reached nobody', tx);
    }
  },
};

function isDelivered(tx: Transaction): boolean {
  const branches = machineOf('msg').branches(tx);
  return branches.every(({ url, row }) => url === '' || row?.status === 'succeed');
}

function checkCalls({ tx, now }: Seen, plan: Plan & { kind: 'calls' }): void {
  const { submittedAt, delayMs } = tx.head.state;
  for (const call of plan.calls) {
    holds(call.op === (tx.head.status === 'prepared' ? 'msg' : 'action'), 'an undecided message is not sent', tx, call);
    holds(call.op === 'msg' || now >= submittedAt + delayMs, 'the delay is kept (B4)', tx, now);
  }
  const following = plan.calls.filter((call) => call.op === 'action' && !isAsync(tx, call.branchId));
  holds(tx.definition.isConcurrent || following.length <= 1, 'deliveries follow one another', tx, plan);
}

function isAsync(tx: Transaction, branchId: string): boolean {
  return tx.definition.steps[Number(branchId.slice(0, 2)) - 1]?.isAsync ?? false;
}

/** Only its own caller, its back-check or force decide a message, and only while it is undecided (B1). */
function checkDecision(before: Transaction, event: TransactionEvent, after: Transaction): void {
  if (before.head.status === after.head.status) return;
  const { kind } = event;
  const isBackCheck = kind === 'branchAnswered' && event.op === 'msg';
  const isDecision = before.head.status === 'prepared' && (isBackCheck || kind === 'submit' || kind === 'abort');
  holds(isDecision || kind === 'forceStop', 'a message is decided once, by those who may', before, event);
}
