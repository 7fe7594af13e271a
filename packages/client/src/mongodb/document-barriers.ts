/**
 * Barriers inside the document that changes. The mark and the change are one conditional update of one document, which MongoDB
 * does atomically, in a replica set or not; where it found nothing to update, the document is read to see why.
 *
 * M1. A mark is never changed, and goes only by its age. So what is absent when the document is read was absent before.
 * M2. Writes wait for the majority, an update that found nothing included, and what is read is what the majority has: a mark that is
 *     seen is not lost by a failover.
 */
import { messageOp, type BarrierRow } from '@tandem/protocol';
import type { Collection, Document, Filter, InferIdType, UpdateFilter, WithId } from 'mongodb';
import { explained, skipped, told } from '../barrier/barrier-results.js';
import type { Barrier, BarrierResult } from '../barrier/barrier.js';
import { mayRefuse } from '../branch/branch-answer.js';
import { branchHandler, type BranchHandlerOptions, type RequestHandler } from '../branch/branch-handler.js';
import { BranchFailure, BranchOngoing } from '../branch/branch-outcome.js';
import { durationMs, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { checkUrlOf, idOfCheck, refuseUnanswerable } from './check-url.js';
import { nameOf, requireId } from './document-id.js';
import { checkNames, type OptionNames } from '../option-names.js';
import { MarkedCollection } from './marked-collection.js';
import { MarkField } from './marks.js';
import { isDuplicateKey } from './mongo-errors.js';

/** How marks are kept. */
export interface DocumentBarrierOptions {
  /**
   * Whether the documents come into being here, by `insertOne`. Then an undo or a back-check that comes where there is no document leaves
   * a stub, nothing but `_id` and marks, so that the insertion cannot come later. Default: they are there, or are no business of these
   * barriers.
   */
  readonly inserts?: boolean;
  /** How many marks a document may have until it takes no new branches. One has about 100 bytes and the gid. Default 10,000. */
  readonly marksMax?: number;
  /** The field that holds them. Default `tandem`. */
  readonly field?: string;
}

/** What is told where a branch cannot be done. */
export interface RefusalOptions {
  /** The reason of a refusal, for whoever submitted the transaction. Default: which document it was. */
  readonly refusal?: string;
}

/** Makes barriers of a collection. Actions, what undoes them and back-checks use the same options. */
export function documentBarriers<T extends Document>(
  collection: Collection<T>,
  options: DocumentBarrierOptions = {},
): DocumentBarriers<T> {
  return new DocumentBarriers(collection, options);
}

const attemptsMax = 5;
const optionNames: OptionNames<DocumentBarrierOptions> = { inserts: true, marksMax: true, field: true };

/** Documents of one collection, each of which keeps the marks of its own changes. */
export class DocumentBarriers<T extends Document> {
  readonly #documents: MarkedCollection;
  readonly #inserts: boolean;
  readonly #marksMax: number;
  readonly #field: MarkField;

  constructor(collection: Collection<T>, options: DocumentBarrierOptions) {
    checkNames('documentBarriers', options, optionNames);
    const { inserts = false, marksMax = 10_000, field = 'tandem' } = options;
    if (!Number.isSafeInteger(marksMax) || marksMax < 1) {
      throw new InvalidUse('INVALID_OPTION', `marksMax must be a whole number above 0, not ${String(marksMax)}`);
    }
    this.#inserts = inserts;
    this.#marksMax = marksMax;
    this.#field = new MarkField(field);
    this.#documents = new MarkedCollection(collection as unknown as Collection, this.#field, inserts);
  }

  /**
   * Changes one document, once. What the filter says beside `_id` is a condition: where it does not hold, or there is no such
   * document, throws `BranchFailure`, and leaves no mark. An undo of what was never done changes nothing, and keeps it from being done.
   */
  async updateOne(
    barrier: Barrier,
    filter: Filter<T> & { readonly _id: InferIdType<T> },
    update: UpdateFilter<T>,
    { refusal }: RefusalOptions = {},
  ): Promise<BarrierResult<undefined>> {
    const { origin, current } = barrier.nextRows();
    const { _id } = filter;
    requireId(_id);
    this.#field.refuseUnmergeable(update);
    refuseUnanswerable(barrier, current, _id);
    const before = origin === undefined ? this.#mayBegin(current) : [this.#field.has(origin)];
    let wasOriginSeen = false;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (await this.#documents.mark(current, filter, update, before)) return told({ done: true, value: undefined });
      if (origin !== undefined && (await this.#documents.block(_id, origin, current))) return skipped('nothingToUndo');

      const document = await this.#documents.read(_id, [current, ...(origin === undefined ? [] : [origin])]);
      const reason = document === null ? undefined : this.#field.reasonIn(document, current);
      if (reason !== undefined) return explained(current, reason);
      if (origin === undefined) {
        if (this.#isFull(document, current)) throw full(_id);
        if (await this.#isGivenUp(current, document, _id)) throw refused(_id, document, refusal);
        continue;
      }
      // Not marked: nothing is here that a later insertion would meet. See `inserts`.
      if (document === null && !this.#inserts) return skipped('nothingToUndo');
      const isOriginSeen = document !== null && this.#field.reasonIn(document, origin) !== undefined;
      // It was there before this attempt, so it is the condition that did not hold.
      if (isOriginSeen && wasOriginSeen) throw refused(_id, document, refusal);
      wasOriginSeen = isOriginSeen;
    }
    throw new BranchOngoing(`document ${nameOf(_id)} changes under the barrier`);
  }

  /**
   * Inserts a document, once. Throws `BranchFailure` where there is one with this `_id`, and what the driver throws where another
   * unique index is in the way. What undoes it is an `updateOne`, such as of its state: with the document, its marks would go.
   */
  async insertOne(
    barrier: Barrier,
    document: WithId<T>,
    { refusal }: RefusalOptions = {},
  ): Promise<BarrierResult<undefined>> {
    const { origin, current } = barrier.nextRows();
    const { _id } = document as Document;
    this.#refuseInsertion(document, origin);
    refuseUnanswerable(barrier, current, _id);
    try {
      await this.#documents.insert(document, current);
      return told({ done: true, value: undefined });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const existing = await this.#documents.read(_id, [current]);
      // So another index refused it.
      if (existing === null) throw error;
      const reason = this.#field.reasonIn(existing, current);
      if (reason !== undefined) return explained(current, reason);
      if (await this.#isGivenUp(current, existing, _id)) {
        throw new BranchFailure(refusal ?? `there is a document ${nameOf(_id)} already`);
      }
      throw new BranchOngoing(`document ${nameOf(_id)} changes under the barrier`);
    }
  }

  /** The URL for `doAndSubmit`: it tells `backCheckHandler` which document has the mark. */
  checkUrl(url: string, id: InferIdType<T>): string {
    return checkUrlOf(url, id);
  }

  /** Answers the coordinator's question whether the local work of a message was done. Serve it where `checkUrl` points to. */
  backCheckHandler(options: BranchHandlerOptions = {}): RequestHandler {
    return branchHandler(async ({ op, barrier, request }) => {
      if (op !== messageOp) throw new InvalidUse('NOT_A_BRANCH_CALL', `this is a back-check, not a branch for "${op}"`);
      const id = idOfCheck(request.url) as InferIdType<T>;
      if ((await this.backCheck(barrier, id)) === 'committed') return;
      throw new BranchFailure('the local work was not done');
    }, options);
  }

  /** Whether the local work of this call's message was done. Where it was not, it is kept from being done later. */
  async backCheck(barrier: Barrier, id: InferIdType<T>): Promise<'committed' | 'rolledBack'> {
    requireId(id);
    const { current } = barrier.nextRows();
    const row = { ...current, reason: 'rollback' };
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (await this.#documents.block(id, row)) return 'rolledBack';
      const document = await this.#documents.read(id, [row]);
      const reason = document === null ? undefined : this.#field.reasonIn(document, row);
      if (reason !== undefined) return reason === row.reason ? 'rolledBack' : 'committed';
      if (document === null && !this.#inserts) return 'rolledBack';
    }
    throw new BranchOngoing(`document ${nameOf(id)} changes under the back-check`);
  }

  /**
   * Deletes old marks, and the stubs that had no others; answers how many documents had some. `olderThan` must be longer than any
   * transaction is retried, and than a message may wait for its back-check: a call that comes after its mark has gone is done again.
   */
  async cleanMarks({ olderThan }: { readonly olderThan: Duration }): Promise<number> {
    return this.#documents.clean(durationMs('olderThan', olderThan));
  }

  /**
   * Before a refusal. A message is aborted then: a repeat of its local work that is still on its way must find that. False where one
   * was quicker.
   */
  async #isGivenUp(current: BarrierRow, document: Document | null, id: unknown): Promise<boolean> {
    if (current.op !== messageOp || (document === null && !this.#inserts)) return true;
    return this.#documents.block(id, { ...current, reason: 'rollback' });
  }

  /** What undoes or completes is never kept waiting: it comes once for each that began. */
  #mayBegin({ op }: BarrierRow): readonly Document[] {
    return mayRefuse.includes(op) ? [this.#field.fewerThan(this.#marksMax)] : [];
  }

  #isFull(document: Document | null, { op }: BarrierRow): boolean {
    return document !== null && mayRefuse.includes(op) && (this.#field.of(document).count ?? 0) >= this.#marksMax;
  }

  #refuseInsertion({ _id, ...fields }: Document, origin: BarrierRow | undefined): void {
    requireId(_id);
    if (!this.#inserts) {
      const why = 'or an undo that comes first could not keep the insertion away';
      throw new InvalidUse('INVALID_OPTION', `insertOne needs documentBarriers(collection, { inserts: true }), ${why}`);
    }
    if (origin !== undefined) {
      const told = 'what undoes a branch changes the document of its action: use updateOne, of its state for one';
      throw new InvalidUse('INVALID_OPTION', told);
    }
    if (this.#field.name in fields) {
      throw new InvalidUse(
        'INVALID_OPTION',
        `"${this.#field.name}" holds the marks of the barriers: choose another \`field\``,
      );
    }
  }
}

function refused(id: unknown, document: Document | null, refusal: string | undefined): BranchFailure {
  const told =
    document === null ? `there is no document ${nameOf(id)}` : `document ${nameOf(id)} is not as it has to be`;
  return new BranchFailure(refusal ?? told);
}

function full(id: unknown): InvalidUse {
  const hint = 'call cleanMarks more often, or use transactions for documents that change so often';
  return new InvalidUse('BARRIER_MARKS_FULL', `document ${nameOf(id)} has as many marks as it may have: ${hint}`);
}
