/**
 * What the simulation has to know of one transaction type: what its clients ask for, and what must hold. A new type is one
 * such file and a line in type-models.ts.
 */
import type { BranchCall } from '@tandem/coordinator';
import type { BranchResult, TransactionType } from '@tandem/protocol';
import type { TransactionDraw } from '../draw/draw.js';
import type { LedgerRecord } from '../oracles/ledger.js';
import type { Effects } from '../participants/effects.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Participant } from '../participants/participant.js';
import type { World } from '../world.js';
import type { DueCall } from './phase-order.js';

/** What a type's draw may refer to. */
export interface Scene {
  readonly gid: string;
  readonly nodes: number;
  readonly hosts: number;
  readonly troubleMs: number;
  readonly topics: readonly string[];
}

/** What is true when a call goes out. */
export interface CallMoment {
  /** UTC ms by the fastest clock that is allowed. */
  readonly latestClock: number;
  /** Whether the node that calls cannot call this URL now. */
  readonly mayPassOver: (url: string) => boolean;
}

/** Problems are sentences; none: empty. */
export interface TypeModel {
  readonly type: TransactionType;
  draw(random: SeededRandom, scene: Scene): TransactionDraw;
  /** Acts as the transaction's client, from the beginning of the world. */
  act(tx: TransactionDraw, world: World): void;
  /** Takes a call that the type's own service code answers, now or later; false: it is a branch's like any other. */
  serve?(call: BranchCall, participant: Participant, world: World, answer: (result: BranchResult) => void): boolean;
  /** Why durable state does not allow this call, which goes out now. */
  callProblem(record: LedgerRecord, call: BranchCall, moment: CallMoment): string | undefined;
  /** The calls of a decided transaction that are left, and when they are due. */
  callsLeft?(record: LedgerRecord): readonly DueCall[];
  /** Why a caller must not be told of success yet. */
  successProblem(record: LedgerRecord): string | undefined;
  /** What is wrong with an end, in the moment in which it becomes durable. */
  endProblems(record: LedgerRecord, effects: Effects): readonly string[];
  /** What is wrong when all has come to rest and nothing is on its way any more. */
  restProblems(record: LedgerRecord, effects: Effects, tx: TransactionDraw, world: World): readonly string[];
}
