import {
  applyMutation,
  isFinished,
  machineOf,
  parseGid,
  type BranchOp,
  type BranchResult,
  type BranchRow,
  type Definition,
  type MachineDefaults,
  type OpenIntent,
  type Plan,
  type Reaction,
  type Transaction,
  type TransactionEvent,
} from '../../src/index.js';

/** What a test may do to a transaction before it looks at it. */
export interface Opening {
  readonly intent?: OpenIntent;
  readonly delayMs?: number;
}

/** A transaction in the hands of a test: the runner's part, without calls, leases or a store. */
export class DrivenTransaction {
  tx: Transaction;

  constructor(
    definition: Definition,
    readonly defaults: MachineDefaults,
    { intent = 'submit', delayMs = 0 }: Opening = {},
    public now = 1000,
  ) {
    const head = machineOf(definition.type).open(definition, intent, delayMs, now);
    this.tx = { gid: parseGid('g'), definition, head, rows: new Map<string, BranchRow>() };
  }

  get status(): string {
    return this.tx.head.isPaused ? `${this.tx.head.status} (paused)` : this.tx.head.status;
  }

  get reason(): string {
    return this.tx.head.state.reason;
  }

  plan(): Plan {
    return machineOf(this.tx.definition.type).plan(this.tx, this.now, this.defaults);
  }

  /** Applies what the plan wants changed until it wants calls, waits or is done. */
  settle(): Plan {
    for (let round = 0; round < 5; round += 1) {
      const plan = this.plan();
      if (plan.kind !== 'mutate') return plan;
      this.tx = applyMutation(this.tx, plan.mutation, this.now);
    }
    throw new Error('the plan never comes to rest');
  }

  /** What is to be called now, as `01 action`. */
  calls(): readonly string[] {
    const plan = this.settle();
    return plan.kind === 'calls' ? plan.calls.map((call) => `${call.branchId} ${call.op}`) : [];
  }

  wakeAt(): number | undefined {
    const plan = this.settle();
    return plan.kind === 'calls' || plan.kind === 'wait' ? plan.wakeAt : undefined;
  }

  happens(event: TransactionEvent): Reaction {
    const reaction = machineOf(this.tx.definition.type).react(this.tx, event, this.now, this.defaults);
    if (reaction.kind === 'changed') this.tx = applyMutation(this.tx, reaction.mutation, this.now);
    return reaction;
  }

  answers(call: string, kind: BranchResult['kind'], reason = 'because'): Reaction {
    const [branchId = '', op = ''] = call.split(' ');
    const result: BranchResult = kind === 'success' ? { kind } : { kind, reason };
    return this.happens({ kind: 'branchAnswered', branchId, op: op as BranchOp, result });
  }

  /** Answers every call with success, waiting where the plan waits, until it is finished; the calls in order. */
  runToEnd(): readonly string[] {
    const made: string[] = [];
    for (let round = 0; round < 100_000; round += 1) {
      const plan = this.settle();
      if (plan.kind === 'finished') return made;
      if (plan.kind === 'paused') throw new Error('paused');
      if (plan.kind === 'wait') this.now = plan.wakeAt;
      else if (plan.kind === 'calls') {
        for (const call of plan.calls) {
          made.push(`${call.branchId} ${call.op}`);
          this.answers(`${call.branchId} ${call.op}`, 'success');
        }
      }
    }
    throw new Error('it does not end');
  }

  get isFinished(): boolean {
    return isFinished(this.tx.head.status);
  }
}
