import { StoreError, type Store } from '@tandem/store';
import { shownLocation, type StoreLocation } from '../config/store-location.js';
import type { Environment } from '../config/read-environment.js';
import { isStoreThere, openDtmTables, openStore } from '../main/open-store.js';
import { dtmStartupError, startupMessage, storeStartupError } from '../main/startup-error.js';
import { copyStore } from '../moving/copy-store.js';
import { DtmSource } from '../moving/dtm/dtm-source.js';
import { releaseHeld } from '../moving/held-transactions.js';
import { liveNodes } from '../moving/live-nodes.js';
import { readMarks, unmark } from '../moving/moving-marks.js';
import { MovingRefused, type MovingSource } from '../moving/moving-source.js';
import { StoreSource } from '../moving/store-source.js';
import { storeTime } from '../moving/store-time.js';
import { copyText, CopyProgress, count } from './copy-text.js';
import { exitCodes, type Output } from './run-command.js';
import { parseStoreArguments, type SourceLocation, type StoreArguments } from './store-arguments.js';

/** `tandem store ...`: looks at stores, and copies one to another. */
export async function stores(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  const asked = parseStoreArguments(args, environment);
  try {
    return await act(asked, output);
  } catch (error) {
    const message =
      error instanceof MovingRefused || error instanceof StoreError ? error.message : startupMessage(error);
    if (message === undefined) throw error;
    output.printError(`tandem: ${message}`);
    return exitCodes.failed;
  }
}

async function act(asked: StoreArguments, output: Output): Promise<number> {
  switch (asked.act) {
    case 'copy':
      return asked.isDryRun ? dryRun(asked, output) : copy(asked, output);
    case 'check':
      return withExisting(asked.store, async (store) => {
        output.print(await checkText(store, asked.store));
        return exitCodes.done;
      });
    case 'unmark':
      return withExisting(asked.store, async (store) => {
        const shown = shownLocation(asked.store);
        await releaseHeld(store, await storeTime(store));
        output.print((await unmark(store)) ? `${shown}: nodes may start on it again` : `${shown} has no mark`);
        return exitCodes.done;
      });
  }
}

type CopyArguments = Extract<StoreArguments, { readonly act: 'copy' }>;

async function copy({ from, to, isFinishedOnly }: CopyArguments, output: Output): Promise<number> {
  return withSource(from, (source) =>
    withStore(to, async (target) => {
      if (await source.isUnused()) {
        throw new MovingRefused(
          `there is nothing in ${source.shown}, and no node was ever seen on it: correct the URL`,
        );
      }
      const progress = new CopyProgress(output);
      const report = await copyStore({
        source,
        target,
        targetShown: shownLocation(to),
        isFinishedOnly,
        progress: (stage, soFar) => {
          progress.tell(stage, soFar);
        },
      });
      output.print(copyText(report, progress.seconds, isFinishedOnly));
      output.print(nextStep(report.problemCount, isFinishedOnly, source.shown, shownLocation(to)));
      if (from.kind === 'dtm')
        output.print('No DTM server may run on its tables from now on: it would do the same work again.');
      return report.problemCount === 0 ? exitCodes.done : exitCodes.failed;
    }),
  );
}

function nextStep(problems: number, isFinishedOnly: boolean, from: string, to: string): string {
  if (problems > 0) {
    return (
      `${from} is not copied to its end, and no node starts on ${to} before it is. Run the copy again when the problems are ` +
      `solved; to go on with ${from} instead: tandem store unmark, with its URL.`
    );
  }
  if (isFinishedOnly) return `Run it again without --finished-only when every node of ${from} is stopped.`;
  return `${from} is copied whole. Start the nodes with --store and the URL of ${to}.`;
}

async function dryRun({ from, to }: CopyArguments, output: Output): Promise<number> {
  return withSource(from, async (source) => {
    const found = { finished: 0, unfinished: 0 };
    let unfit = 0;
    for (const selection of ['finished', 'unfinished'] as const) {
      for await (const page of source.pages(selection)) {
        found[selection] += page.heads.length + page.unfit.length;
        for (const { gid, reason } of page.unfit) {
          unfit += 1;
          if (unfit <= 100) output.print(`problem:     ${gid}: ${reason}`);
        }
      }
    }
    if (await isStoreThere(to)) {
      const target = await openStore(to).catch((error: unknown) => {
        throw storeStartupError(to, error);
      });
      await target.close();
    }
    output.print(
      `finished:    ${count(found.finished)}\nunfinished:  ${count(found.unfinished)}\n` +
        `${shownLocation(to)} can be reached. Nothing was written.`,
    );
    return unfit === 0 ? exitCodes.done : exitCodes.failed;
  });
}

async function checkText(store: Store, location: StoreLocation): Promise<string> {
  const { unfinished, overdue, paused } = await store.backlog(await storeTime(store));
  const { moved, copy: copyMark } = await readMarks(store);
  const nodes = await liveNodes(store);
  const lines = [
    `store:       ${shownLocation(location)}`,
    `unfinished:  ${count(unfinished)} (${count(overdue)} due now, ${count(paused)} paused)`,
    `nodes:       ${nodes.length === 0 ? 'none seen at work' : nodes.join(', ')}`,
  ];
  if (moved !== undefined) lines.push(`mark:        ${moved.state} to ${moved.to}; no node starts on it`);
  if (copyMark !== undefined) {
    const effect = copyMark.state === 'copying' ? '; no node starts on it' : '';
    lines.push(`mark:        copy of ${copyMark.from}, ${copyMark.state}${effect}`);
  }
  return lines.join('\n');
}

async function withSource<T>(from: SourceLocation, use: (source: MovingSource) => Promise<T>): Promise<T> {
  if (from.kind === 'store') {
    return withExisting(from.location, (store) => use(new StoreSource(shownLocation(from.location), store)));
  }
  const tables = await openDtmTables(from.url).catch((error: unknown) => {
    throw dtmStartupError(from.shown, error);
  });
  try {
    return await use(new DtmSource(from.shown, tables));
  } finally {
    await tables.close();
  }
}

/** For a store that has to be there: a misspelt folder must not become an empty store, let alone one that was moved. */
async function withExisting<T>(location: StoreLocation, use: (store: Store) => Promise<T>): Promise<T> {
  if (!(await isStoreThere(location))) {
    throw new MovingRefused(`there is no store in ${shownLocation(location)}: correct the folder`);
  }
  return withStore(location, use);
}

async function withStore<T>(location: StoreLocation, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openMigrated(location);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function openMigrated(location: StoreLocation): Promise<Store> {
  let store: Store | undefined;
  try {
    store = await openStore(location);
    await store.migrate();
    return store;
  } catch (error) {
    await store?.close();
    throw storeStartupError(location, error);
  }
}
