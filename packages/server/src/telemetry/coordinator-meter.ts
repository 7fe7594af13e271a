import type { BranchOp, BranchResult, TransactionType } from '@tandem/protocol';
import { Counter, Histogram, MeterFamily } from './meters.js';

const callBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ageBounds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 86_400];

function counters(name: string, help: string, labels: readonly string[]): MeterFamily<Counter> {
  return new MeterFamily(name, help, labels, () => new Counter());
}

function histograms(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
  return new MeterFamily(name, help, labels, () => new Histogram(bounds));
}

/** Transactions and branch calls in numbers. Labels are types, operations and results: a bounded set. */
export class CoordinatorMeter {
  readonly #created = counters('tandem_transactions_created_total', 'Transactions stored for the first time.', [
    'type',
  ]);
  readonly #finished = counters('tandem_transactions_finished_total', 'Transactions that ended, by status.', [
    'type',
    'status',
  ]);
  readonly #age = histograms('tandem_transaction_age_seconds', 'From creation to the end.', ['type'], ageBounds);
  readonly #calls = counters('tandem_branch_calls_total', 'Branch calls answered, by result.', [
    'type',
    'op',
    'result',
  ]);
  readonly #callTime = histograms('tandem_branch_call_duration_seconds', 'Time of a branch call.', ['op'], callBounds);
  readonly #paused = counters('tandem_transactions_paused_total', 'Times that a transaction was paused.', ['type']);
  readonly #claimed = counters('tandem_transactions_claimed_total', 'Transactions taken up by the scheduler.', []);
  readonly #breakers = counters('tandem_breaker_opened_total', 'Times that a target began to count as down.', []);
  readonly #faults = counters('tandem_store_faults_total', 'Faults of the store.', []);
  readonly #leases = counters('tandem_leases_lost_total', 'Runs given up because the lease was lost.', []);
  readonly #defects = counters('tandem_defects_total', 'Errors that only a defect of Tandem can cause.', []);
  // Found by name without building labels: these two are on the path of every call.
  readonly #callCounters = new Map<string, Counter>();
  readonly #callTimes = new Map<string, Histogram>();

  created(type: TransactionType): void {
    this.#created.with(type).increase();
  }

  finished(type: TransactionType, status: string, ageMs: number): void {
    this.#finished.with(type, status).increase();
    this.#age.with(type).observe(ageMs / 1000);
  }

  branchAnswered(type: TransactionType, op: BranchOp, result: BranchResult['kind'], durationMs: number): void {
    const key = type + op + result;
    let counter = this.#callCounters.get(key);
    if (counter === undefined) {
      counter = this.#calls.with(type, op, result);
      this.#callCounters.set(key, counter);
    }
    counter.increase();
    let histogram = this.#callTimes.get(op);
    if (histogram === undefined) {
      histogram = this.#callTime.with(op);
      this.#callTimes.set(op, histogram);
    }
    histogram.observe(durationMs / 1000);
  }

  paused(type: TransactionType): void {
    this.#paused.with(type).increase();
  }

  claimed(count: number): void {
    this.#claimed.with().increase(count);
  }

  breakerOpened(): void {
    this.#breakers.with().increase();
  }

  storeFault(): void {
    this.#faults.with().increase();
  }

  leaseLost(): void {
    this.#leases.with().increase();
  }

  defect(): void {
    this.#defects.with().increase();
  }

  text(): string {
    return [
      this.#created,
      this.#finished,
      this.#age,
      this.#calls,
      this.#callTime,
      this.#paused,
      this.#claimed,
      this.#breakers,
      this.#faults,
      this.#leases,
      this.#defects,
    ]
      .map((family) => family.text())
      .join('');
  }
}
