/** The draws that leave something out of one: large pieces first, so that most of it is gone after a few runs. */
import type { Draw, PolicyDraw, TransactionDraw } from '../draw/draw.js';

const relaxed: Partial<PolicyDraw> = {
  runningMax: 3_072,
  pendingWritesMax: 20_000,
  callsPerTargetMax: 256,
  queuePerTargetMax: 512,
  breakerFailures: 8,
  claimMax: 256,
  retentionMs: 0,
  batchItemsMax: 256,
  batchesMax: 1,
};

const noMood = { refuses: 'never', ongoing: 0, unclear: 0, unclearAfterEffect: 0 } as const;

export function* simplerDraws(draw: Draw): Generator<Draw> {
  for (const transactions of shorterLists(draw.transactions))
    if (transactions.length > 0) yield { ...draw, transactions };
  for (const incidents of shorterLists(draw.incidents)) yield { ...draw, incidents };
  if (draw.nodes > 1) yield { ...draw, nodes: draw.nodes - 1 };
  yield* withoutChances(draw);
  yield* relaxedPolicies(draw);
  for (const [index, tx] of draw.transactions.entries()) {
    for (const simpler of simplerTransactions(tx)) {
      yield { ...draw, transactions: draw.transactions.with(index, simpler) };
    }
  }
}

/** Without its first half, without its second half, ... down to without each single one. */
function* shorterLists<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < list.length; at += size) yield [...list.slice(0, at), ...list.slice(at + size)];
  }
}

function* withoutChances(draw: Draw): Generator<Draw> {
  const { network, store } = draw;
  const chances = ['lose', 'loseAnswer', 'duplicate', 'late', 'usualMs'] as const;
  for (const name of chances) if (network[name] > 0) yield { ...draw, network: { ...network, [name]: 0 } };
  const faults = ['failBefore', 'loseReply', 'splitBatch', 'refuse', 'lateClaims', 'slow'] as const;
  for (const name of faults) if (store[name] > 0) yield { ...draw, store: { ...store, [name]: 0 } };
  if (draw.clockOffsetsMs.some((ms) => ms > 0)) yield { ...draw, clockOffsetsMs: draw.clockOffsetsMs.map(() => 0) };
}

function* relaxedPolicies(draw: Draw): Generator<Draw> {
  for (const [name, value] of Object.entries(relaxed)) {
    if (draw.policy[name as keyof PolicyDraw] !== value) yield { ...draw, policy: { ...draw.policy, [name]: value } };
  }
}

function* simplerTransactions(tx: TransactionDraw): Generator<TransactionDraw> {
  for (const asks of shorterLists(tx.asks)) if (asks.length > 0) yield { ...tx, asks };
  for (const [index, ask] of tx.asks.entries()) {
    if (ask.waitMs > 0) yield { ...tx, asks: tx.asks.with(index, { ...ask, waitMs: 0 }) };
  }
  if (tx.steps.length > 1) yield withoutLastStep(tx);
  for (const [index, step] of tx.steps.entries()) {
    if (step.ongoing + step.unclear + step.unclearAfterEffect > 0 || step.refuses !== 'never') {
      yield { ...tx, steps: tx.steps.with(index, noMood) };
    }
  }
  const { workflow } = tx;
  if (workflow !== undefined && workflow.dies > 0) yield { ...tx, workflow: { ...workflow, dies: 0 } };
  if (workflow?.hasOwnResults === true) yield { ...tx, workflow: { ...workflow, hasOwnResults: false } };
  for (const name of ['retry', 'timeout_to_fail_ms', 'custom_data', 'concurrent', 'delay_ms']) {
    // What is prepared needs its time limit: without one it would wait for longer than a run lasts.
    if (tx.body[name] === undefined || (name === 'timeout_to_fail_ms' && tx.type !== 'saga')) continue;
    if (name === 'retry') {
      if (hasLimit(tx.body[name])) yield { ...tx, body: { ...tx.body, retry: { initial_ms: 1_000, max_ms: 3_000 } } };
      continue;
    }
    yield { ...tx, body: { ...tx.body, [name]: undefined } };
  }
}

function hasLimit(retry: unknown): boolean {
  return typeof retry === 'object' && retry !== null && 'limit' in retry;
}

function withoutLastStep(tx: TransactionDraw): TransactionDraw {
  const { steps, payloads } = tx.body;
  const shorter = (list: unknown): unknown => (Array.isArray(list) ? list.slice(0, -1) : list);
  const body = { ...tx.body, steps: shorter(steps), payloads: shorter(payloads), custom_data: undefined };
  return { ...tx, body, steps: tx.steps.slice(0, -1) };
}
