/** What must hold of the answers that the code of a workflow gets: all that was recorded, as it was recorded, and nothing else. */
import type { WorkflowProgress } from '@tandem/coordinator';
import type { LedgerRecord } from './ledger.js';

/** What a registration asks to be kept. */
export interface Registers {
  readonly branchId: string;
  readonly op: string;
  readonly payload: string;
  readonly status: string;
}

/** What a registration that was acknowledged has to have left; undefined: it has. */
export function registeredProblem(
  record: LedgerRecord,
  { branchId, op, payload, status }: Registers,
): string | undefined {
  const row = record.rowOf(branchId, op);
  if (row?.registered === undefined) return 'it is not registered';
  if (row.status === status && row.registered.payload === payload) return undefined;
  return `${branchId} ${op} is registered as ${row.status} with ${String(row.registered.payload)}`;
}

/** Whether a step is recorded with another end or result than what was to be recorded. */
export function isRecordedOtherwise(record: LedgerRecord, registers: Registers): boolean {
  return (
    record.rowOf(registers.branchId, registers.op) !== undefined && registeredProblem(record, registers) !== undefined
  );
}

/** Steps that are recorded by now. */
export function stepsOf(record: LedgerRecord): readonly string[] {
  return [...record.registered.keys()].filter((key) => !key.endsWith(' resume'));
}

/** What is wrong with an answer to prepareWorkflow, which was asked when `before` were recorded. */
export function progressProblem(
  record: LedgerRecord,
  before: { readonly steps: readonly string[]; readonly hadEnded: boolean },
  { head, steps, result }: WorkflowProgress,
): string | undefined {
  const told = steps.map(({ branchId, op }) => `${branchId} ${op}`);
  const missing = before.steps.find((key) => !told.includes(key));
  if (missing !== undefined) return `${missing} was recorded before`;
  if (told.join() !== stepsOf(record).slice(0, told.length).join()) return `its steps are told as ${told.join()}`;
  for (const { branchId, op, status, payload } of steps) {
    const kept = record.registered.get(`${branchId} ${op}`);
    if (kept?.status !== status || kept.registered?.payload !== payload)
      return `${branchId} ${op} is told as ${status}`;
  }
  const hasEnded = head.finishedAt !== undefined;
  if (before.hadEnded && !hasEnded) return 'it had ended';
  if (hasEnded && head.status !== record.end?.status) return `it is told as ${head.status}`;
  const ownResult = record.registered.get('00 resume')?.registered?.payload ?? '';
  return !hasEnded || result === ownResult ? undefined : `its result is told as ${result}`;
}
