/** What must hold of each change in the moment in which it becomes durable. */
import { decodeRow } from '@tandem/protocol';
import type { StoreChange, StoredHead } from '@tandem/store';
import type { Effects } from '../participants/effects.js';
import { typeModelOf } from '../types/type-models.js';
import type { Ledger, LedgerRecord } from './ledger.js';
import type { Problems } from './problems.js';

/** What jitter leaves of an interval, and a little less. */
const leastShare = 0.85;

export class StoreOracle {
  readonly #ledger: Ledger;
  readonly #effects: Effects;
  readonly #problems: Problems;
  readonly #mayHurry: (gid: string) => boolean;

  /** `mayHurry`: a person asks for retries of this transaction. */
  constructor(ledger: Ledger, effects: Effects, problems: Problems, mayHurry: (gid: string) => boolean) {
    this.#ledger = ledger;
    this.#effects = effects;
    this.#problems = problems;
    this.#mayHurry = mayHurry;
  }

  changed(change: StoreChange, now: number): LedgerRecord {
    const early = this.#earlyRetryProblem(change);
    const { record, before } = this.#ledger.take(change, now);
    if (early !== undefined) this.#problems.add('hot', early);
    const { head } = change;
    if (before !== undefined) {
      this.#checkStep(before, head, change.rows.length);
      this.#checkRollBack(before, change);
    }
    if (record.replaced !== undefined) {
      this.#problems.add('replaced', `${record.replaced} of ${head.gid} was registered, and is another now`);
    }
    if (head.finishedAt === undefined && !head.isPaused && head.dueAt === undefined) {
      this.#problems.add('noWakeUp', `${head.gid} is ${head.status} and nothing will wake it`);
    }
    if (head.finishedAt !== undefined && before?.finishedAt === undefined) {
      for (const text of typeModelOf(head.type).endProblems(record, this.#effects)) {
        this.#problems.add('end', `${head.gid} is ${head.status}: ${text}`);
      }
    }
    return record;
  }

  purged(gid: string, oldestMs: number): void {
    const record = this.#ledger.of(gid);
    if (record === undefined) return;
    record.isPurged = true;
    const { finishedAt } = record.head;
    if (finishedAt === undefined) this.#problems.add('purge', `${gid} was purged unfinished`);
    else if (finishedAt >= oldestMs) this.#problems.add('purge', `${gid} was purged before its time`);
  }

  /** An unclear answer is asked for again after the interval that the request names, unless a person wants it sooner. */
  #earlyRetryProblem({ head, rows }: StoreChange): string | undefined {
    const record = this.#ledger.of(head.gid);
    if (record === undefined || this.#mayHurry(head.gid)) return undefined;
    const { retry, checkIntervalMs } = record.definition.options;
    const initialMs = Math.min(retry.initialMs ?? Infinity, retry.maxMs ?? Infinity, checkIntervalMs ?? Infinity);
    if (initialMs === Infinity) return undefined;
    for (const { branchId, op, value } of rows) {
      const row = decodeRow(branchId, op, value);
      const isUnclear = row.status === 'prepared' && row.attempts > record.attemptsOf(branchId, op);
      if (!isUnclear || row.nextAttemptAt - row.updatedAt >= initialMs * leastShare) continue;
      return `${head.gid} ${branchId} ${op} is to be called again after ${String(row.nextAttemptAt - row.updatedAt)} ms`;
    }
    return undefined;
  }

  /** A success that is recorded with the start of the roll-back makes steps look started that cannot have been. */
  #checkRollBack(before: StoredHead, { head, rows }: StoreChange): void {
    if (head.type !== 'saga' || before.status !== 'submitted' || head.status !== 'aborting') return;
    const late = rows.find(
      ({ branchId, op, value }) => op === 'action' && decodeRow(branchId, op, value).status === 'succeed',
    );
    if (late === undefined) return;
    this.#problems.add('end', `${head.gid} records the success of ${late.branchId} with the start of its roll-back`);
  }

  #checkStep(before: StoredHead, head: StoredHead, rows: number): void {
    const { gid } = head;
    if (head.version !== before.version + 1) {
      this.#problems.add('version', `${gid} went from version ${String(before.version)} to ${String(head.version)}`);
    }
    if (before.finishedAt === undefined) return;
    if (head.status !== before.status || head.finishedAt !== before.finishedAt || rows > 0) {
      this.#problems.add('afterEnd', `${gid} changed after its end: ${before.status} -> ${head.status}`);
    }
  }
}
