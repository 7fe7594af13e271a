/** What must hold of each change in the moment in which it becomes durable. */
import type { StoreChange, StoredHead } from '@tandem/store';
import type { Effects } from '../participants/effects.js';
import { typeModelOf } from '../types/type-models.js';
import type { Ledger, LedgerRecord } from './ledger.js';
import type { Problems } from './problems.js';

export class StoreOracle {
  readonly #ledger: Ledger;
  readonly #effects: Effects;
  readonly #problems: Problems;

  constructor(ledger: Ledger, effects: Effects, problems: Problems) {
    this.#ledger = ledger;
    this.#effects = effects;
    this.#problems = problems;
  }

  changed(change: StoreChange, now: number): LedgerRecord {
    const { record, before } = this.#ledger.take(change, now);
    const { head } = change;
    if (before !== undefined) this.#checkStep(before, head, change.rows.length);
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
