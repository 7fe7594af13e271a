import type { LedgerRecord } from '../oracles/ledger.js';
import { branchId } from './draw-parts.js';

/** What durable rows say of a saga's steps; told without the machine's own code. */
export class SagaView {
  readonly #record: LedgerRecord;

  constructor(record: LedgerRecord) {
    this.#record = record;
  }

  predecessorsOf(index: number): readonly number[] {
    const { isConcurrent, orders } = this.#record.definition;
    if (isConcurrent) return orders[index] ?? [];
    return index === 0 ? [] : [index - 1];
  }

  #successorsOf(index: number): readonly number[] {
    return this.#record.definition.steps.flatMap((_, other) =>
      this.predecessorsOf(other).includes(index) ? [other] : [],
    );
  }

  isActionDone(index: number): boolean {
    const isEmpty = this.#record.definition.steps[index]?.action === '';
    return this.mayHaveStarted(index) && (isEmpty || this.#record.hasSucceeded(branchId(index), 'action'));
  }

  mayHaveStarted(index: number): boolean {
    return this.predecessorsOf(index).every((before) => this.isActionDone(before));
  }

  areFollowersUndone(index: number): boolean {
    return this.#successorsOf(index).every((after) => this.isUndone(after));
  }

  isUndone(index: number): boolean {
    if (!this.mayHaveStarted(index)) return true;
    const isEmpty = this.#record.definition.steps[index]?.compensate === '';
    return this.areFollowersUndone(index) && (isEmpty || this.#record.hasSucceeded(branchId(index), 'compensate'));
  }
}

/** It asked to fail without compensation when its retries are used up. */
export function failedAtOnce({ definition, wasAborting }: LedgerRecord): boolean {
  return definition.options.retry.then === 'fail' && !wasAborting;
}
