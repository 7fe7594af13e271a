/**
 * A participant: one service with its own database, behind the protocol's real barrier decisions.
 *
 * P1. The barrier's rows and the business change are committed together, in one moment, or not at all.
 * P2. A business refusal leaves nothing behind, so that a later call of the same operation may find otherwise.
 */
import type { BranchCall } from '@tandem/coordinator';
import {
  backCheckRow,
  barrierRows,
  decideBackCheck,
  decideBarrier,
  messageCall,
  type BarrierDecision,
  type BranchResult,
} from '@tandem/protocol';
import type { StepDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Tally } from '../tally.js';
import { BarrierTable } from './barrier-table.js';
import type { Effects } from './effects.js';
import { XaDatabase } from './xa-database.js';
import { endXaBranch } from './xa-phase-two.js';

/** Which operations take something back. */
const undoing = new Set(['compensate', 'cancel', 'rollback']);
/** Which operations may be refused: those before the decision. */
const refusable = new Set(['action', 'try']);
const success: BranchResult = { kind: 'success' };

export interface ParticipantSurroundings {
  readonly effects: Effects;
  readonly tally: Tally;
  /** How this call's step behaves; undefined: it does what it is asked. */
  moodOf(call: Pick<BranchCall, 'gid' | 'branchId'>): StepDraw | undefined;
  randomOf(gid: string): SeededRandom;
  isCalm(): boolean;
  /** Takes a call that a type's own service code answers; false: it is a branch's like any other. */
  serve(call: BranchCall, participant: Participant, answer: (result: BranchResult) => void): boolean;
}

export class Participant {
  readonly barrier = new BarrierTable();
  readonly database = new XaDatabase();
  readonly host: number;
  readonly #around: ParticipantSurroundings;

  constructor(host: number, around: ParticipantSurroundings) {
    this.host = host;
    this.#around = around;
  }

  /** What a call does and answers: most in the moment in which its local transaction ends. */
  handle(call: BranchCall, answer: (result: BranchResult) => void): void {
    const mood = this.#around.isCalm() ? undefined : this.#around.moodOf(call);
    const random = this.#around.randomOf(call.gid);
    const before = mood === undefined ? undefined : this.#before(mood, random);
    if (before !== undefined) {
      answer(before);
      return;
    }
    const finish = (result: BranchResult): void => {
      const isLost = mood !== undefined && random.chance(mood.unclearAfterEffect);
      if (isLost) this.#around.tally.count('answerUnclearAfterEffect');
      answer(isLost ? { kind: 'unknown', reason: 'HTTP 502' } : result);
    };
    if (!this.#around.serve(call, this, finish)) finish(this.#do(call, random));
  }

  /** Whether a new call of this operation is refused. */
  refuses(call: Pick<BranchCall, 'gid' | 'branchId' | 'op'>): boolean {
    const isRefused = this.#isRefused(call, this.#around.moodOf(call), this.#around.randomOf(call.gid));
    if (isRefused) this.#around.tally.count('answeredRefused');
    return isRefused;
  }

  /** Does nothing, in so many words. */
  #before({ ongoing, unclear }: StepDraw, random: SeededRandom): BranchResult | undefined {
    if (random.chance(ongoing)) {
      this.#around.tally.count('answeredOngoing');
      return { kind: 'ongoing', reason: 'not yet' };
    }
    if (!random.chance(unclear)) return undefined;
    this.#around.tally.count('answerUnclear');
    return { kind: 'unknown', reason: 'HTTP 500' };
  }

  #do(call: BranchCall, random: SeededRandom): BranchResult {
    const { gid, branchId, op } = call;
    if (op === 'msg') return this.#backCheck(gid);
    if (call.transactionType === 'xa' && (op === 'commit' || op === 'rollback')) {
      return endXaBranch(this.database, { gid, branchId, op, host: this.host }, this.#around);
    }
    return this.#change(call, this.#around.moodOf(call), random);
  }

  /** The sender's own transaction of a prepared message; answers whether it could commit. */
  commitLocally(gid: string): boolean {
    const { origin, current } = barrierRows(messageCall(gid), 1);
    const added = { origin: this.barrier.insertIgnore(origin), current: this.barrier.insertIgnore(current) };
    if (decideBarrier(current.op, added).kind !== 'run') {
      this.#around.tally.count('localTransactionBlocked');
      return false;
    }
    this.#around.effects.add({ gid, branchId: '00', op: 'msg', host: this.host, payload: '' });
    return true;
  }

  #change(call: BranchCall, mood: StepDraw | undefined, random: SeededRandom): BranchResult {
    const { origin, current } = barrierRows({ ...call, transType: call.transactionType }, 1);
    const added = { origin: this.barrier.insertIgnore(origin), current: this.barrier.insertIgnore(current) };
    const decision = decideBarrier(call.op, added);
    if (decision.kind !== 'run') {
      this.#countSkipped(call, decision);
      return success;
    }
    if (this.#isRefused(call, mood, random)) {
      this.barrier.remove(current);
      this.#around.tally.count('answeredRefused');
      return { kind: 'failure', reason: 'refused' };
    }
    const payload = typeof call.payload === 'string' ? call.payload : '';
    this.#around.effects.add({ gid: call.gid, branchId: call.branchId, op: call.op, host: this.host, payload });
    return success;
  }

  #isRefused(call: Pick<BranchCall, 'op'>, mood: StepDraw | undefined, random: SeededRandom): boolean {
    if (mood === undefined || !refusable.has(call.op)) return false;
    return mood.refuses === 'always' || (mood.refuses === 'sometimes' && !this.#around.isCalm() && random.chance(0.5));
  }

  #countSkipped({ gid, branchId, op }: BranchCall, decision: BarrierDecision): void {
    const { tally } = this.#around;
    if (decision.kind === 'skip' && decision.why === 'empty') tally.count('emptyCompensation');
    else if (undoing.has(op) || this.#around.effects.has(gid, branchId, op)) tally.count('repeatSkipped');
    else tally.count('lateActionBlocked');
  }

  #backCheck(gid: string): BranchResult {
    const row = backCheckRow(gid);
    this.barrier.insertIgnore(row);
    const decision = decideBackCheck(this.barrier.reasonOf(row));
    if (decision === 'committed') {
      this.#around.tally.count('backCheckCommitted');
      return success;
    }
    this.#around.tally.count('backCheckRolledBack');
    return { kind: 'failure', reason: 'not committed' };
  }
}
