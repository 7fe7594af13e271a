/**
 * Copies one store to another, in an order in which a crash at any point leaves both valid and a repeat completes it.
 *
 * 1. The target says that it is a copy in the making (V2): it was empty, or is a copy of the same source.
 * 2. Unless only what has finished is copied, which never changes: nobody works on the source, it says that it is being moved, and its
 *    unfinished transactions are held (V1).
 * 3. Key-values and transactions: what is missing, and what differs.
 * 4. Everything is compared. Only when all is the same the source says "moved", and then the target "complete" (V3).
 */
import { randomUUID } from 'node:crypto';
import type { Store } from '@tandem/store';
import { newReport, type CopyReport } from './copy-report.js';
import { headPages } from './head-pages.js';
import { liveNodes } from './live-nodes.js';
import { checkCopier, identityOf, markComplete, markCopy, readMarks, type CopyMark } from './moving-marks.js';
import { MovingRefused, type MovingSource, type MovingTarget, type Selection } from './moving-source.js';
import { pagesAtOnce, sideBySide } from './side-by-side.js';
import { movedCategories } from './store-source.js';
import { TargetWriter } from './target-writer.js';
import { CopyVerifier } from './verify-copy.js';

export interface CopyOptions {
  readonly source: MovingSource;
  readonly target: Store;
  /** For messages; without a password. */
  readonly targetShown: string;
  /** Leaves the unfinished ones, and both stores as they are: to be completed by another run. */
  readonly isFinishedOnly: boolean;
  /** Told as the copy goes on; the same report each time. */
  readonly progress: (stage: CopyStage, report: CopyReport) => void;
  readonly now?: () => number;
}

/** One copy under way. */
interface Copying extends CopyOptions {
  readonly report: CopyReport;
  readonly goal: MovingTarget;
  /** Rejects where another copier writes to the target. */
  readonly checkCopier: () => Promise<void>;
}

export type CopyStage = 'finished' | 'unfinished' | 'comparing' | 'done';

/** Rejects with `MovingRefused` before anything is written where the copy must not be made, and with `StoreError`. */
export async function copyStore(options: CopyOptions): Promise<CopyReport> {
  const { source, target, targetShown, isFinishedOnly, progress, now = Date.now } = options;
  const report = newReport();
  const identity = await source.identity();
  await checkTarget(options, identity);
  // Before anything is marked or written; and again below, when no node can start any more.
  if (!isFinishedOnly) await source.checkIdle();
  const goal = { shown: targetShown, identity: await identityOf(target, now()) };
  await source.checkMovedTo(goal);
  const run = randomUUID();
  const mark: CopyMark = { state: 'copying', source: identity, from: source.shown, run, at: now() };
  await markCopy(target, mark, (before) => {
    checkMark(options, identity, before);
  });
  const copying = { ...options, report, goal, checkCopier: () => checkCopier(target, run, targetShown) };
  await copyAll(copying);
  await compareAll(copying);
  await copying.checkCopier();
  if (!isFinishedOnly && report.problemCount === 0) {
    await source.markMoved(goal);
    await markComplete(target, { ...mark, state: 'complete', at: now() }, targetShown);
  }
  progress('done', report);
  return report;
}

async function copyAll(copying: Copying): Promise<void> {
  const { target, isFinishedOnly, report } = copying;
  if (!isFinishedOnly) await holdSource(copying);
  const writer = new TargetWriter(target, report, copying.checkCopier);
  try {
    const kept = await copyKeyValues(copying);
    await copyTransactions('finished', writer, copying);
    if (isFinishedOnly) return;
    await copyTransactions('unfinished', writer, copying);
    await deleteOthers(copying, kept);
  } finally {
    await writer.close();
  }
}

/** From here on nothing changes in the source. */
async function holdSource({ source, goal }: Copying): Promise<void> {
  await source.markMoving(goal);
  try {
    await source.checkIdle();
    await source.hold();
  } catch (error) {
    // Somebody has started between the looks, and is not to be kept from going on.
    if (error instanceof MovingRefused) await source.unmarkMoving();
    throw error;
  }
}

async function compareAll({ source, target, isFinishedOnly, progress, report }: Copying): Promise<void> {
  const verifier = new CopyVerifier(source, target, report, () => {
    progress('comparing', report);
  });
  await verifier.verify('finished');
  if (!isFinishedOnly) {
    await verifier.verify('unfinished');
    await verifier.verifyNothingElse();
  }
  report.digest = verifier.digest();
}

/** Rejects for a target that must not be written to. */
async function checkTarget(options: CopyOptions, identity: string): Promise<void> {
  const { source, target, targetShown } = options;
  const { copy, moved, identity: own } = await readMarks(target);
  if (own === identity) throw new MovingRefused(`${targetShown} and ${source.shown} are the same store`);
  if (moved !== undefined)
    throw new MovingRefused(`${targetShown} was itself moved to ${moved.to}: name an empty store`);
  checkMark(options, identity, copy);
  if (copy === undefined && !(await isEmpty(target))) {
    throw new MovingRefused(`${targetShown} holds what is no copy of ${source.shown}: name an empty store`);
  }
  const nodes = await liveNodes(target);
  if (nodes.length > 0) throw new MovingRefused(`${targetShown} is served by ${nodes.join(', ')}: stop every node`);
}

function checkMark({ targetShown }: CopyOptions, identity: string, copy: CopyMark | undefined): void {
  if (copy === undefined) return;
  if (copy.source !== identity) {
    throw new MovingRefused(`${targetShown} is a copy of another store, ${copy.from}: name an empty store`);
  }
  if (copy.state === 'used') {
    throw new MovingRefused(`${targetShown} has been in use since it was copied: nothing is copied to it any more`);
  }
}

async function isEmpty(store: Store): Promise<boolean> {
  for await (const heads of headPages(store, {})) if (heads.length > 0) return false;
  for (const category of movedCategories) {
    if ((await store.scanKeyValues(category, undefined, 1)).items.length > 0) return false;
  }
  return true;
}

/** Answers what the source has. */
async function copyKeyValues({ source, target, report, checkCopier }: Copying): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for await (const { category, key, value, updatedAt } of source.keyValues()) {
    kept.add(nameOf(category, key));
    const before = await target.getKeyValue(category, key);
    if (before?.value === value) continue;
    await checkCopier();
    const isWritten = await target.putKeyValue(category, key, value, before?.version ?? 0, updatedAt);
    if (!isWritten) throw new MovingRefused('the target is being written to by somebody else');
    report.keyValues += 1;
  }
  return kept;
}

/** What was deleted in the source after an earlier run had copied it. */
async function deleteOthers({ target, checkCopier }: Copying, kept: ReadonlySet<string>): Promise<void> {
  for (const category of movedCategories) {
    let cursor: string | undefined;
    do {
      const page = await target.scanKeyValues(category, cursor, 200);
      for (const { key } of page.items) {
        if (kept.has(nameOf(category, key))) continue;
        await checkCopier();
        await target.deleteKeyValue(category, key);
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

function nameOf(category: string, key: string): string {
  return JSON.stringify([category, key]);
}

async function copyTransactions(
  selection: Selection,
  writer: TargetWriter,
  { source, progress, report }: Copying,
): Promise<void> {
  const counted = report[selection];
  counted.found = 0;
  await sideBySide(source.pages(selection), pagesAtOnce, async (page) => {
    await writer.writePage(page, counted, source.headsTell && selection === 'finished');
    progress(selection, report);
  });
}
