import type { TransactionType } from '@tandem/protocol';
import type { GroupCommit, Store } from '@tandem/store';
import type { CoordinatorPolicy } from './coordinator-api.js';
import type { OutcomeWaiters } from './outcome-waiters.js';
import type { BranchCaller, Clock, CoordinatorEvents } from './ports.js';
import type { RecentTransactions } from './recent-transactions.js';
import type { TargetGate } from './target-gate.js';
import type { TransactionRun } from './transaction-run.js';

/** What every run of this node shares. */
export interface RunContext {
  readonly store: Store;
  readonly writes: GroupCommit;
  readonly caller: BranchCaller;
  readonly gate: TargetGate;
  readonly waiters: OutcomeWaiters;
  readonly recent: RecentTransactions;
  readonly clock: Clock;
  readonly policy: CoordinatorPolicy;
  readonly events: CoordinatorEvents;
  /** Id of this process start: two starts are never the same owner. */
  readonly owner: string;
  /** A token for one write, unique among all nodes. */
  nextToken(): string;
  /** While true no run starts a call: what runs is handed over. */
  isClosing(): boolean;
  /** Whether one more transaction of this type may run here. */
  hasRoom(type: TransactionType): boolean;
  /** Something falls due at this time; the scheduler should not sleep beyond it. */
  dueAt(time: number): void;
  /** The run knows its type now: it counts against that type's limit. */
  began(run: TransactionRun, type: TransactionType): void;
  /** The run has ended and must not be delivered to any more. */
  ended(run: TransactionRun): void;
}
