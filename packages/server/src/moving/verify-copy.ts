/** Compares a copy with its source, transaction by transaction, by digest. */
import { createHash } from 'node:crypto';
import type { Store } from '@tandem/store';
import { addProblem, type CopyReport } from './copy-report.js';
import { headPages } from './head-pages.js';
import { digestOf, movedOf, type MovedTransaction } from './moved-transaction.js';
import type { MovingSource, Selection } from './moving-source.js';
import { pagesAtOnce, sideBySide } from './side-by-side.js';

export class CopyVerifier {
  readonly #source: MovingSource;
  readonly #target: Store;
  readonly #report: CopyReport;
  readonly #progress: () => void;
  /** The exclusive or of all digests: the same in any order, and of a few bytes for millions. */
  readonly #sum = Buffer.alloc(32);

  constructor(source: MovingSource, target: Store, report: CopyReport, progress: () => void) {
    this.#progress = progress;
    this.#source = source;
    this.#target = target;
    this.#report = report;
  }

  /** Everything of the source has its like in the target. */
  async verify(selection: Selection): Promise<void> {
    await sideBySide(this.#source.pages(selection), pagesAtOnce, async (page) => {
      for await (const transactions of page.load(page.heads.map(({ gid }) => gid))) {
        await this.#compare(transactions);
        this.#progress();
      }
    });
  }

  /** Nothing in the target is unfinished that the source does not have: it would run though it had ended. */
  async verifyNothingElse(): Promise<void> {
    for await (const heads of headPages(this.#target, { isFinished: false })) {
      const gids = heads.map(({ gid }) => gid);
      const known = await this.#source.existing(gids);
      for (const gid of gids)
        if (!known.has(gid)) this.#tell(gid, 'it is unfinished in the target and not in the source');
    }
  }

  digest(): string {
    return createHash('sha256').update(this.#sum).digest('hex');
  }

  async #compare(transactions: readonly MovedTransaction[]): Promise<void> {
    const gids = transactions.map(({ gid }) => gid);
    const copies = await this.#target.load(gids, 'all');
    transactions.forEach((one, index) => {
      const copy = copies[index];
      const digest = digestOf(one);
      this.#report.verified += 1;
      this.#add(digest);
      if (copy === undefined) this.#tell(one.gid, 'it is not in the target');
      else if (digestOf(movedOf(copy)) !== digest) this.#tell(one.gid, 'it is not the same in the target');
    });
  }

  #add(digest: string): void {
    const bytes = Buffer.from(digest, 'hex');
    for (let at = 0; at < this.#sum.length; at += 1) this.#sum[at] = (this.#sum[at] ?? 0) ^ (bytes[at] ?? 0);
  }

  #tell(gid: string, reason: string): void {
    addProblem(this.#report, { gid, reason });
  }
}
