/**
 * A machine as a table: what every event does in every status, and what the plan asks for. Total by type, compared with
 * the machine by an exhaustive search in its tests, and printed into docs/protocol.
 */
import type { BranchResult, TransactionEvent } from '../transaction/machine.js';
import type { BranchOp, GlobalStatus } from '../transaction/transaction.js';

/**
 * Events as a table tells them apart: an answer by operation and result, all else by its kind. `Op`: the operations of the
 * table's type; those of other types are never called, and what they answer changes nothing.
 */
export type TableEvent<Op extends BranchOp = BranchOp> =
  Exclude<TransactionEvent['kind'], 'branchAnswered'> | `${Op} ${BranchResult['kind']}`;

/** What an event did: `recorded` changed rows or details, but neither the status nor whether it is paused. */
export type Effect = 'unchanged' | 'refused' | 'recorded' | 'paused' | 'resumed' | `to ${GlobalStatus}`;

/** What a plan asked for. */
export type PlanEffect = `call ${BranchOp}` | 'wait' | 'paused' | 'finished' | `to ${GlobalStatus}`;

/** Every effect that can be seen, no more and no less, and why. */
export interface Cell<Seen> {
  readonly effects: readonly Seen[];
  readonly note: string;
}

export interface StateRow<Op extends BranchOp = never> {
  readonly plan: Cell<PlanEffect>;
  readonly events: Readonly<Record<TableEvent<Op>, Cell<Effect>>>;
}

/** By status; `never` where the type does not know it. A table of any operations is a `StateTable`. */
export type StateTable<Op extends BranchOp = never> = Readonly<Record<GlobalStatus, StateRow<Op> | 'never'>>;

export function cell<Seen>(effects: readonly Seen[], note: string): Cell<Seen> {
  return { effects, note };
}

/** Which cell of its table an event falls into. */
export function tableEventOf(event: TransactionEvent): TableEvent {
  return event.kind === 'branchAnswered' ? `${event.op} ${event.result.kind}` : event.kind;
}
