/** A message: all of its deliveries happen, if and only if the sender's own transaction has committed. */
import type { BranchCall } from '@tandem/coordinator';
import type { TransactionDraw } from '../draw/draw.js';
import type { LedgerRecord } from '../oracles/ledger.js';
import type { Effects } from '../participants/effects.js';
import { actAsSender } from '../clients/sender.js';
import { sendAsks } from '../clients/send-asks.js';
import { branchId } from './draw-parts.js';
import { drawMessage } from './message-draw.js';
import type { TypeModel } from './type-model.js';

interface Delivery {
  readonly id: string;
  readonly url: string;
  readonly payload: string;
  readonly isAsync: boolean;
  readonly step: number;
}

export const messageModel: TypeModel = {
  type: 'msg',
  draw: drawMessage,
  act: (tx, world) => {
    world.tally.count('concurrentMessage', tx.body['concurrent'] === true ? 1 : 0);
    world.tally.count('delayedMessage', tx.body['delay_ms'] === undefined ? 0 : 1);
    if (tx.local === undefined) sendAsks(world, tx, tx.asks, 0);
    else actAsSender(tx, world);
  },
  callProblem,
  successProblem: (record) => {
    const missing = deliveriesOf(record).find(({ id, isAsync }) => !isAsync && !record.hasSucceeded(id, 'action'));
    return missing === undefined ? undefined : `told success, and ${missing.id} is not delivered`;
  },
  endProblems,
  restProblems: (record, effects, tx) => [...endProblems(record, effects), ...commitProblems(record, effects, tx)],
};

function callProblem(record: LedgerRecord, call: BranchCall): string | undefined {
  const { status } = record.head;
  if (call.op === 'msg') return status === 'prepared' ? undefined : `a back-check, and it is ${status}`;
  if (status !== 'submitted') return `a delivery, and it is ${status}`;
  const deliveries = deliveriesOf(record);
  const own = deliveries.find(({ id }) => id === call.branchId);
  if (own === undefined) return 'a delivery to nobody';
  if (own.isAsync || record.definition.isConcurrent) return undefined;
  const isBefore = ({ isAsync, id }: Delivery): boolean =>
    !isAsync && deliveries.indexOf(own) > indexOf(deliveries, id);
  const missing = deliveries.find((other) => isBefore(other) && !record.hasSucceeded(other.id, 'action'));
  return missing === undefined ? undefined : `${missing.id} comes before it and is not durably delivered`;
}

function indexOf(deliveries: readonly Delivery[], id: string): number {
  return deliveries.findIndex((delivery) => delivery.id === id);
}

function endProblems(record: LedgerRecord, effects: Effects): readonly string[] {
  const problems: string[] = [];
  const isSuccess = record.end?.status === 'succeed';
  for (const { id, payload } of deliveriesOf(record)) {
    const effect = effects.find(record.gid, id, 'action');
    if (isSuccess && effect === undefined) problems.push(`${id} was never delivered`);
    if (isSuccess && !record.hasSucceeded(id, 'action')) problems.push(`${id} has no durable success`);
    if (!isSuccess && !record.isForced && effect !== undefined) problems.push(`${id} was delivered`);
    if (effect !== undefined && effect.payload !== payload) problems.push(`${id} got another payload`);
  }
  const keys = effects.of(record.gid).map(({ branchId: id, op }) => `${id} ${op}`);
  if (new Set(keys).size < keys.length) problems.push(`something happened twice: ${keys.join(', ')}`);
  return problems;
}

/** Delivered if and only if committed; of a sender who says the opposite of what it did, nobody can know which. */
function commitProblems(record: LedgerRecord, effects: Effects, tx: TransactionDraw): readonly string[] {
  if (tx.local === undefined || record.isForced || saysOpposite(tx)) return [];
  const isCommitted = effects.has(record.gid, '00', 'msg');
  const isSuccess = record.end?.status === 'succeed';
  if (isCommitted && !isSuccess) return ['its local transaction has committed, and it is not delivered'];
  return !isCommitted && isSuccess ? ['its local transaction has not committed, and it is delivered'] : [];
}

function saysOpposite({ asks, local }: TransactionDraw): boolean {
  return asks.some(({ verb }) => verb === (local === 'commits' ? 'abort' : 'submit'));
}

function deliveriesOf({ definition }: LedgerRecord): readonly Delivery[] {
  return definition.steps.flatMap(({ action, payload, isAsync }, step) => {
    const text = typeof payload === 'string' ? payload : '';
    const make = (id: string, url: string): Delivery => ({ id, url, payload: text, isAsync, step });
    if (!action.startsWith('topic://')) return [make(branchId(step), action)];
    const urls = definition.subscribers[action.slice('topic://'.length)] ?? [];
    const [only] = urls;
    if (urls.length === 1 && only !== undefined) return [make(branchId(step), only)];
    return urls.map((url, index) => make(`${branchId(step)}-${branchId(index)}`, url));
  });
}
