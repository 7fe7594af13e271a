/** What must hold of each answer to a verb in the moment in which it leaves its node. */
import type { WorkflowProgress } from '@tandem/coordinator';
import { TandemError, type Outcome } from '@tandem/protocol';
import type { Tally } from '../tally.js';
import { typeModelOf } from '../types/type-models.js';
import type { Ledger, LedgerRecord } from './ledger.js';
import type { Problems } from './problems.js';
import { isRecordedOtherwise, progressProblem, registeredProblem, stepsOf, type Registers } from './progress-oracle.js';

export type VerbName =
  | 'submit'
  | 'prepare'
  | 'abort'
  | 'prepareWorkflow'
  | 'registerBranch'
  | 'pause'
  | 'resume'
  | 'retryNow'
  | 'forceStop'
  | 'wakeAll'
  | 'look'
  | 'subscribe'
  | 'unsubscribe'
  | 'delete';

/** What was true when the verb came in. */
export interface Asked {
  readonly verb: VerbName;
  readonly gid: string;
  /** Of a registration. */
  readonly registers: Registers | undefined;
  /** Of a workflow. */
  readonly steps: readonly string[];
  readonly hadEnded: boolean;
  /** Of a TCC or XA: registering was over. */
  readonly wasDecided: boolean;
  /** It asked for other content than what is stored. */
  readonly isOther: boolean;
  readonly wasThere: boolean;
  readonly switches: number;
  /** Pauses and resumes of this gid that have come in so far: side by side they may cancel each other out. */
  readonly switchVerbs: number;
}

const alwaysPossible = new Set(['STORE_UNAVAILABLE', 'SHUTTING_DOWN', 'OVERLOADED']);
const topicErrors = new Set(['TOPIC_NOT_FOUND', 'NOT_FOUND', 'ALREADY_EXISTS']);

export class AnswerOracle {
  /** Transactions whose creation was acknowledged. */
  readonly acknowledged = new Set<string>();
  readonly #ledger: Ledger;
  readonly #problems: Problems;
  readonly #tally: Tally;
  readonly #mayRefuseItems: boolean;
  readonly #switchVerbs = new Map<string, number>();

  constructor(around: { ledger: Ledger; problems: Problems; tally: Tally; mayRefuseItems: boolean }) {
    this.#ledger = around.ledger;
    this.#problems = around.problems;
    this.#tally = around.tally;
    this.#mayRefuseItems = around.mayRefuseItems;
  }

  asked({
    verb,
    gid,
    registers,
    isOther = false,
  }: {
    verb: VerbName;
    gid: string;
    registers?: Registers;
    isOther?: boolean;
  }): Asked {
    const record = this.#ledger.of(gid);
    if (verb === 'pause' || verb === 'resume') this.#switchVerbs.set(gid, (this.#switchVerbs.get(gid) ?? 0) + 1);
    return {
      verb,
      gid,
      registers,
      steps: verb === 'prepareWorkflow' && record !== undefined ? stepsOf(record) : [],
      hadEnded: record?.end !== undefined,
      wasDecided: record?.end !== undefined || record?.wasSubmitted === true || record?.wasAborting === true,
      isOther,
      wasThere: record !== undefined && !record.isPurged,
      switches: record?.switches ?? 0,
      switchVerbs: this.#switchVerbs.get(gid) ?? 0,
    };
  }

  answered(asked: Asked, value: unknown): void {
    const problem = this.#problemOf(asked, value);
    if (problem !== undefined)
      this.#problems.add('answer', `${asked.verb} of ${asked.gid} was acknowledged, but ${problem}`);
  }

  refused(asked: Asked, error: unknown): void {
    if (!(error instanceof TandemError)) {
      this.#problems.add('answer', `${asked.verb} of ${asked.gid} rejects with ${String(error)}`);
      return;
    }
    if (error.code === 'STORE_UNAVAILABLE') this.#tally.count('storeUnavailableTold');
    if (error.code === 'OVERLOADED') this.#tally.count('overloadedTold');
    if (error.code === 'WRONG_STATUS') this.#tally.count('refusedVerb');
    const problem = this.#refusalProblem(asked, error);
    if (problem !== undefined) {
      this.#problems.add('answer', `${asked.verb} of ${asked.gid} was refused with ${error.code}, but ${problem}`);
    }
  }

  #problemOf(asked: Asked, value: unknown): string | undefined {
    if (asked.isOther) return 'it asked for other content than what is stored';
    const record = this.#ledger.of(asked.gid);
    switch (asked.verb) {
      case 'prepare':
      case 'submit':
        this.acknowledged.add(asked.gid);
        if (record === undefined) return 'it is not stored';
        return asked.verb === 'prepare' ? undefined : this.#outcomeProblem(record, value as Outcome);
      case 'abort':
        if (record?.wasAborting === true && record.head.type !== 'msg') return undefined;
        return record?.end?.status === 'failed' ? undefined : 'it has not failed';
      case 'registerBranch':
        if (record === undefined || asked.registers === undefined) return 'it is not stored';
        return asked.wasDecided ? 'that was over' : registeredProblem(record, asked.registers);
      case 'prepareWorkflow':
        this.acknowledged.add(asked.gid);
        return record === undefined ? 'it is not stored' : progressProblem(record, asked, value as WorkflowProgress);
      case 'forceStop':
        return record?.end?.status === 'failed' ? undefined : 'it has not failed';
      case 'pause':
      case 'resume':
        return record === undefined ? 'it is not stored' : this.#switchProblem(asked, record);
      case 'retryNow':
        return record === undefined ? 'it is not stored' : undefined;
      case 'wakeAll':
      case 'look':
      case 'subscribe':
      case 'unsubscribe':
      case 'delete':
        return undefined;
    }
  }

  #outcomeProblem(record: LedgerRecord, outcome: Outcome): string | undefined {
    if (!record.wasSubmitted && record.end === undefined) return 'it is not submitted';
    switch (outcome.kind) {
      case 'open':
        this.#tally.count('toldOpen');
        return undefined;
      case 'failure':
        this.#tally.count('toldFailure');
        return record.end?.status === 'failed' ? undefined : 'told failure, and it has not failed';
      case 'success':
        this.#tally.count('toldSuccess');
        return typeModelOf(record.head.type).successProblem(record);
    }
  }

  #switchProblem({ verb, gid, switches, switchVerbs }: Asked, record: LedgerRecord): string | undefined {
    if (record.end !== undefined || (this.#switchVerbs.get(gid) ?? 0) !== switchVerbs) return undefined;
    const isAsWanted = record.head.isPaused === (verb === 'pause');
    return isAsWanted || record.switches > switches ? undefined : 'nothing of it is durable';
  }

  #refusalProblem(asked: Asked, { code, message }: TandemError): string | undefined {
    const { verb, gid, isOther, wasThere, registers } = asked;
    if (alwaysPossible.has(code)) return undefined;
    const record = this.#ledger.of(gid);
    const isTopicVerb = verb === 'subscribe' || verb === 'unsubscribe' || verb === 'delete';
    if (isTopicVerb) return topicErrors.has(code) ? undefined : message;
    switch (code) {
      case 'CONFLICTING_REPEAT':
        this.#tally.count('conflictTold');
        return isOther ? undefined : 'it asked for the same content';
      case 'STEP_ALREADY_RECORDED':
        this.#tally.count('recordedBeforeTold');
        return record !== undefined && registers !== undefined && isRecordedOtherwise(record, registers)
          ? undefined
          : 'it is not recorded otherwise';
      case 'ALREADY_FINISHED':
        this.#tally.count('recordAfterEndTold');
        return record?.end === undefined ? 'it has not ended' : undefined;
      case 'LIMIT_EXCEEDED':
        return this.#mayRefuseItems ? undefined : message;
      case 'NOT_FOUND':
        return wasThere && record?.isPurged !== true ? 'it was there' : undefined;
      case 'TOPIC_NOT_FOUND':
        return verb === 'submit' || verb === 'prepare' ? undefined : message;
      case 'WRONG_STATUS':
        return this.#wrongStatusProblem(verb, record);
      default:
        return message;
    }
  }

  #wrongStatusProblem(verb: VerbName, record: LedgerRecord | undefined): string | undefined {
    if (record === undefined) return 'it is not stored';
    switch (verb) {
      case 'submit':
        return record.wasAborting || record.end?.status === 'failed' ? undefined : 'it has not failed';
      case 'registerBranch':
        this.#tally.count('registrationRefused');
        return undefined;
      case 'prepare':
        return record.wasSubmitted || record.wasAborting || record.end !== undefined
          ? undefined
          : 'it is still prepared';
      case 'abort':
        return record.wasSubmitted || record.end !== undefined ? undefined : 'it can still be aborted';
      default:
        return record.end === undefined ? 'it has not ended' : undefined;
    }
  }
}
