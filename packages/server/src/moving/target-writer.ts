/**
 * Writes transactions to a target: what is missing is created, what differs is brought up to date, what is the same is left
 * alone. Writing the same again changes nothing, so a copy that was cut off anywhere is repeated as it is.
 */
import { randomUUID } from 'node:crypto';
import { GroupCommit, type Store, type StoredTransaction, type WriteItem } from '@tandem/store';
import { addProblem, type Counted, type CopyReport } from './copy-report.js';
import { digestOf, headFieldsOf, isSameHead, movedOf, type MovedTransaction } from './moved-transaction.js';
import type { SourcePage } from './moving-source.js';

/** How long a target that fails for a while is borne with. */
const patienceMs = 60_000;

export class TargetWriter {
  readonly #target: Store;
  readonly #writes: GroupCommit;
  readonly #report: CopyReport;
  readonly #checkCopier: () => Promise<void>;

  /** `checkCopier` rejects where somebody else writes to the target (V5). */
  constructor(target: Store, report: CopyReport, checkCopier: () => Promise<void>) {
    this.#target = target;
    this.#checkCopier = checkCopier;
    this.#writes = new GroupCommit(target);
    this.#report = report;
  }

  /** `byHeads`: the same head means that all is the same. */
  async writePage(page: SourcePage, counted: Counted, byHeads: boolean): Promise<void> {
    for (const unfit of page.unfit) addProblem(this.#report, unfit);
    counted.found += page.heads.length + page.unfit.length;
    const gids = page.heads.map(({ gid }) => gid);
    const before = await this.#target.load(gids, 'head');
    const wanted = page.heads.filter(({ head }, index) => {
      const there = before[index];
      return there === undefined || !byHeads || !isSameHead(head, headFieldsOf(there.head));
    });
    const there = new Set(before.flatMap((one) => (one === undefined ? [] : [one.head.gid])));
    for await (const transactions of page.load(wanted.map(({ gid }) => gid))) {
      await this.#write(transactions, there, counted);
    }
  }

  async close(): Promise<void> {
    await this.#writes.close();
  }

  async #write(transactions: readonly MovedTransaction[], there: ReadonlySet<string>, counted: Counted): Promise<void> {
    const known = transactions.flatMap(({ gid }) => (there.has(gid) ? [gid] : []));
    const loaded = known.length === 0 ? [] : await this.#target.load(known, 'all');
    // After the versions were read: whoever changes something from here on makes the writes of this one conflict.
    await this.#checkCopier();
    const byGid = new Map(loaded.flatMap((one) => (one === undefined ? [] : [[one.head.gid, one]])));
    await Promise.all(transactions.map((one) => this.#writeOne(one, byGid.get(one.gid), counted)));
  }

  async #writeOne(one: MovedTransaction, there: StoredTransaction | undefined, counted: Counted): Promise<void> {
    if (there !== undefined && digestOf(movedOf(there)) === digestOf(one)) return;
    const result = await this.#writes.write(itemOf(one, there), { retryUntil: Date.now() + patienceMs });
    if (result.kind === 'applied') counted.written += 1;
    else addProblem(this.#report, { gid: one.gid, reason: reasonOf(result) });
  }
}

function itemOf({ gid, head, body, rows }: MovedTransaction, there: StoredTransaction | undefined): WriteItem {
  const token = randomUUID();
  if (there === undefined) return { kind: 'create', gid, token, head, body, rows, lease: undefined };
  const expectedVersion = there.head.version;
  return { kind: 'commit', gid, token, expectedVersion, head, rows, lease: { kind: 'release' } };
}

function reasonOf(result: { readonly kind: string; readonly reason?: string }): string {
  return result.kind === 'refused'
    ? `the target does not take it: ${result.reason ?? ''}`
    : 'the target is being written to by somebody else';
}
