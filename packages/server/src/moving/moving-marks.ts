/**
 * What a copy leaves in the stores, so that no two stores ever work on one transaction.
 *
 * V1. A source is marked as being moved, and its unfinished transactions are held, before the first of them is copied: no node
 *     starts on it from then on, and one that is there unseen can run none of them.
 * V2. A target is marked before anything is written to it, and no node starts on it until the copy is complete.
 * V3. Source says "moved" before the target says "complete": at every moment at most one of the two lets nodes start.
 * V4. The first node that starts on a complete copy makes it a store of its own; nothing is copied to it after that.
 * V5. A source goes to one target, and one copier at a time writes to a target: the last that began, whatever the others, that
 *     stood still for an hour, say, believe.
 */
import { randomUUID } from 'node:crypto';
import { StoreError, type Store } from '@tandem/store';
import { MovingRefused } from './moving-source.js';

/** Category of key-values; it is not copied. */
export const marksCategory = 'moving';

const triesMax = 20;
const keys = { identity: 'identity', moved: 'moved', copy: 'copy' } as const;

/** In a source: where it goes, or went. Locations are without passwords. */
export interface MovedMark {
  readonly state: 'moving' | 'moved';
  readonly to: string;
  /** The target's identity. */
  readonly target: string;
  readonly at: number;
}

/** In a target: what it is a copy of. */
export interface CopyMark {
  readonly state: 'copying' | 'complete' | 'used';
  /** The source's identity. */
  readonly source: string;
  readonly from: string;
  /** Of the copier that writes to it, or did. */
  readonly run: string;
  readonly at: number;
}

export interface Marks {
  readonly identity: string | undefined;
  readonly moved: MovedMark | undefined;
  readonly copy: CopyMark | undefined;
}

export async function readMarks(store: Store): Promise<Marks> {
  const { items } = await store.scanKeyValues(marksCategory, undefined, 10);
  const values = new Map(items.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
  return {
    identity: values.get(keys.identity) as string | undefined,
    moved: values.get(keys.moved) as MovedMark | undefined,
    copy: values.get(keys.copy) as CopyMark | undefined,
  };
}

/** The identity of a store, given to it now where it has none. */
export async function identityOf(store: Store, now: number): Promise<string> {
  for (;;) {
    const { identity } = await readMarks(store);
    if (identity !== undefined) return identity;
    await store.putKeyValue(marksCategory, keys.identity, JSON.stringify(randomUUID()), 0, now);
  }
}

/** Changes the mark of a source, unless `isAllowed` throws for the one that it has; nobody can change it in between. */
export async function markMoved(
  store: Store,
  mark: MovedMark,
  isAllowed: (before: MovedMark | undefined) => void,
): Promise<void> {
  await change(store, keys.moved, (before: MovedMark | undefined) => {
    isAllowed(before);
    return mark;
  });
}

/** The source is one that nodes start on, as before. */
export async function unmarkMoved(store: Store): Promise<void> {
  await store.deleteKeyValue(marksCategory, keys.moved);
}

/** Changes the mark of a target, unless `isAllowed` throws for the one that it has; nobody can change it in between. */
export async function markCopy(
  store: Store,
  mark: CopyMark,
  isAllowed: (before: CopyMark | undefined) => void,
): Promise<void> {
  await change(store, keys.copy, (before: CopyMark | undefined) => {
    isAllowed(before);
    return mark;
  });
}

/** Rejects with `MovingRefused` where this copier is not the one that writes to the target any more (V5). */
export async function checkCopier(store: Store, run: string, shown: string): Promise<void> {
  const { copy } = await readMarks(store);
  checkRun(copy, run, shown);
  if (copy?.state !== 'copying') throw anotherCopier(shown);
}

/** The copier says that its copy is complete; nodes may start on it from now on. */
export async function markComplete(store: Store, mark: CopyMark, shown: string): Promise<void> {
  await change(store, keys.copy, (before: CopyMark | undefined) => {
    checkRun(before, mark.run, shown);
    // Its reply was lost, and a node may have started meanwhile.
    return before?.state === 'copying' ? mark : undefined;
  });
}

function checkRun(copy: CopyMark | undefined, run: string, shown: string): void {
  if (copy === undefined) throw new MovingRefused(`the copy to ${shown} was called off: its mark is gone`);
  if (copy.run !== run) throw anotherCopier(shown);
}

function anotherCopier(shown: string): MovingRefused {
  return new MovingRefused(`another copy to ${shown} has begun meanwhile: this one ends`);
}

/** Changes a mark to what `changed` makes of it; undefined: it stays as it is. */
async function change<Mark extends MovedMark | CopyMark>(
  store: Store,
  key: string,
  changed: (before: Mark | undefined) => Mark | undefined,
): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const before = await store.getKeyValue(marksCategory, key);
    const mark = changed(before === undefined ? undefined : (JSON.parse(before.value) as Mark));
    if (mark === undefined || (await put(store, key, mark, before?.version ?? 0))) return;
  }
  throw changedByOthers();
}

/** Takes the marks away that keep nodes from starting; answers whether there were any. */
export async function unmark(store: Store): Promise<boolean> {
  const wasMoved = await store.deleteKeyValue(marksCategory, keys.moved);
  const wasCopy = await store.deleteKeyValue(marksCategory, keys.copy);
  return wasMoved || wasCopy;
}

/** Why no node may serve a store with these marks; undefined: it may. */
export function whyNotToServe({ moved, copy }: Marks): string | undefined {
  if (moved?.state === 'moved') return `its transactions were moved to ${moved.to} at ${shown(moved.at)}: use that one`;
  if (moved?.state === 'moving') {
    return `its transactions were being moved to ${moved.to} at ${shown(moved.at)}: run that copy again to its end`;
  }
  return copy?.state === 'copying' ? whyNotCopying(copy) : undefined;
}

/** Why no node may start on this store; undefined: it may. A complete copy becomes a store of its own by this (V4). */
export async function whyNotToStart(store: Store, now: number): Promise<string | undefined> {
  const marks = await readMarks(store);
  const { copy } = marks;
  const known = whyNotToServe(marks);
  if (known !== undefined) return known;
  if (copy?.state !== 'complete') return undefined;
  let reason: string | undefined;
  await markCopy(store, { ...copy, state: 'used', at: now }, (before) => {
    // A copy that has begun again in this moment.
    reason = before?.state === 'copying' ? whyNotCopying(before) : undefined;
    if (reason !== undefined) throw new StoreError('locked', reason);
  }).catch((error: unknown) => {
    if (reason === undefined) throw error;
  });
  return reason;
}

function whyNotCopying({ from }: CopyMark): string {
  return `it is an unfinished copy of ${from}: run that copy again to its end`;
}

function put(store: Store, key: string, mark: MovedMark | CopyMark, version: number): Promise<boolean> {
  return store.putKeyValue(marksCategory, key, JSON.stringify(mark), version, mark.at);
}

function changedByOthers(): StoreError {
  return new StoreError('unavailable', 'the marks of the store are being changed by somebody else');
}

function shown(at: number): string {
  return new Date(at).toISOString();
}
