import { InvariantError } from '../errors.js';
import type { Call, Plan } from './machine.js';
import type { BranchRow } from './transaction.js';

/** One branch operation that can be called. Its call is made once, since a plan names it again and again. */
export interface Operation {
  /** Key of its row. */
  readonly key: string;
  readonly call: Call;
}

/** Sorts operations into those to call now and the earliest time to look again. */
export class DueCalls {
  private readonly calls: Call[] = [];
  private wakeAt: number | undefined;
  private waitsFor: string | undefined;

  constructor(
    private readonly rows: ReadonlyMap<string, BranchRow>,
    private readonly now: number,
  ) {}

  /** An operation that durable state asks for. */
  add(operation: Operation): void {
    const row = this.rows.get(operation.key);
    if (row === undefined || row.nextAttemptAt <= this.now) this.calls.push(operation.call);
    else this.wake(row.nextAttemptAt, operation.call.url);
  }

  /** A time at which to look again, and the URL of the call that is due then, if it is one. */
  wake(at: number, url: string | undefined): void {
    if (this.wakeAt !== undefined && this.wakeAt <= at) return;
    this.wakeAt = at;
    this.waitsFor = url;
  }

  plan(): Plan {
    if (this.calls.length > 0) return { kind: 'calls', calls: this.calls, wakeAt: this.wakeAt };
    if (this.wakeAt === undefined) throw new InvariantError('an unfinished transaction asks for nothing (M5)');
    return { kind: 'wait', wakeAt: this.wakeAt, waitsFor: this.waitsFor };
  }
}
