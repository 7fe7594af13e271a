import type { TransactionView } from '@tandem/coordinator';
import { typeName } from './type-name.js';

/** A run that does not come to its end; the message says what it waits for. */
export class NotQuiet extends Error {
  /** What logs show. */
  override readonly name = 'NotQuiet';

  constructor(why: string, views: readonly (TransactionView | undefined)[], atWork: readonly string[]) {
    const waits = [...views.flatMap((view) => (view === undefined ? [] : [waitOf(view)])), ...atWork.map(workOf)];
    super(`it does not come to an end (${why}): ${waits.join('; ') || 'it is not known what it waits for'}`);
  }
}

function workOf(name: string): string {
  return `${name} has not ended`;
}

function waitOf({ definition, head, branches }: TransactionView): string {
  const waiting = branches.flatMap(({ branchId, op, url, row }) => {
    if (row === undefined || row.status !== 'prepared' || row.attempts === 0) return [];
    return [`${op} of branch ${branchId} at ${url} gave no clear answer ${row.attempts} times: ${row.reason}`];
  });
  const state = head.isPaused ? `paused, ${head.state.pauseReason}` : head.status;
  return `the ${typeName(definition.type)} is ${state}${waiting.map((wait) => `, ${wait}`).join('')}`;
}
