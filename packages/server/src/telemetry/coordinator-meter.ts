import type { BranchOp, BranchResult, TransactionType } from '@tandem/protocol';
import { Counter, Histogram, MeterFamily } from './meters.js';

const callBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ageBounds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 86_400];

/** The meters of one transaction type, looked up by plain names: some are on the path of every call. */
interface TypeMeters {
  readonly created: Counter;
  readonly succeed: Counter;
  readonly failed: Counter;
  readonly paused: Counter;
  readonly age: Histogram;
  readonly calls: Readonly<Partial<Record<BranchOp, Readonly<Record<BranchResult['kind'], Counter>>>>>;
}

/** Transactions and branch calls in numbers. Labels are types, operations and results: a bounded set. */
export class CoordinatorMeter {
  readonly #families: MeterFamily<Counter | Histogram>[] = [];
  readonly #created = this.#counters('tandem_transactions_created_total', 'Transactions stored.', ['type']);
  readonly #finished = this.#counters('tandem_transactions_finished_total', 'Transactions that ended.', [
    'type',
    'status',
  ]);
  readonly #paused = this.#counters('tandem_transactions_paused_total', 'Times that one was paused.', ['type']);
  readonly #age = this.#histograms('tandem_transaction_age_seconds', 'From creation to the end.', 'type', ageBounds);
  readonly #calls = this.#counters('tandem_branch_calls_total', 'Branch calls that ended.', ['type', 'op', 'result']);
  readonly #callTime = this.#histograms(
    'tandem_branch_call_duration_seconds',
    'Time of a branch call.',
    'op',
    callBounds,
  );
  readonly #claimed = this.#counter('tandem_transactions_claimed_total', 'Transactions taken up by the scheduler.');
  readonly #breakers = this.#counter('tandem_breaker_opened_total', 'Times that a target began to count as down.');
  readonly #faults = this.#counter('tandem_store_faults_total', 'Faults of the store.');
  readonly #leases = this.#counter('tandem_leases_lost_total', 'Runs given up because the lease was lost.');
  readonly #defects = this.#counter('tandem_defects_total', 'Errors that only a defect of Tandem can cause.');
  readonly #types: Readonly<Record<TransactionType, TypeMeters>> = {
    saga: this.#of('saga', ['action', 'compensate']),
    msg: this.#of('msg', ['action', 'msg']),
    tcc: this.#of('tcc', ['confirm', 'cancel']),
    xa: this.#of('xa', ['commit', 'rollback']),
    workflow: this.#of('workflow', ['resume']),
  };
  readonly #callTimes = new Map<BranchOp, Histogram>(
    Object.values(this.#types)
      .flatMap(({ calls }) => Object.keys(calls) as BranchOp[])
      .map((op) => [op, this.#callTime.with(op)]),
  );

  created(type: TransactionType): void {
    this.#types[type].created.increase();
  }

  finished(type: TransactionType, status: 'succeed' | 'failed', ageMs: number): void {
    const meters = this.#types[type];
    meters[status].increase();
    meters.age.observe(ageMs / 1000);
  }

  branchAnswered(type: TransactionType, op: BranchOp, result: BranchResult['kind'], durationMs: number): void {
    this.#types[type].calls[op]?.[result].increase();
    this.#callTimes.get(op)?.observe(durationMs / 1000);
  }

  paused(type: TransactionType): void {
    this.#types[type].paused.increase();
  }

  claimed(count: number): void {
    this.#claimed.increase(count);
  }

  breakerOpened(): void {
    this.#breakers.increase();
  }

  storeFault(): void {
    this.#faults.increase();
  }

  leaseLost(): void {
    this.#leases.increase();
  }

  defect(): void {
    this.#defects.increase();
  }

  text(): string {
    return this.#families.map((family) => family.text()).join('');
  }

  #of(type: TransactionType, calledOps: readonly BranchOp[]): TypeMeters {
    const calls = (op: BranchOp) => ({
      success: this.#calls.with(type, op, 'success'),
      failure: this.#calls.with(type, op, 'failure'),
      ongoing: this.#calls.with(type, op, 'ongoing'),
      unknown: this.#calls.with(type, op, 'unknown'),
    });
    return {
      created: this.#created.with(type),
      succeed: this.#finished.with(type, 'succeed'),
      failed: this.#finished.with(type, 'failed'),
      paused: this.#paused.with(type),
      age: this.#age.with(type),
      calls: Object.fromEntries(calledOps.map((op) => [op, calls(op)])),
    };
  }

  #counter(name: string, help: string): Counter {
    return this.#counters(name, help, []).with();
  }

  #counters(name: string, help: string, labels: readonly string[]): MeterFamily<Counter> {
    const family = new MeterFamily(name, help, labels, () => new Counter());
    this.#families.push(family);
    return family;
  }

  #histograms(name: string, help: string, label: string, bounds: readonly number[]): MeterFamily<Histogram> {
    const family = new MeterFamily(name, help, [label], () => new Histogram(bounds));
    this.#families.push(family);
    return family;
  }
}
