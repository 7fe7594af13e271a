import { parseArgs } from 'node:util';
import { locationOfUrl, type StoreLocation } from '../config/store-location.js';
import { readStoreUrl, shownStoreUrl, withPassword } from '../config/store-url.js';
import type { Environment } from '../config/read-environment.js';
import { UsageError } from './usage-error.js';

/** Where a copy comes from: a store of Tandem's, or the database of a DTM server. */
export type SourceLocation =
  | { readonly kind: 'store'; readonly location: StoreLocation }
  | { readonly kind: 'dtm'; readonly url: string; readonly shown: string };

/** What was typed after `tandem store`. */
export type StoreArguments =
  | {
      readonly act: 'copy';
      readonly from: SourceLocation;
      readonly to: StoreLocation;
      readonly isFinishedOnly: boolean;
      readonly isDryRun: boolean;
    }
  | { readonly act: 'check' | 'unmark'; readonly store: StoreLocation };

const acts = ['copy', 'check', 'unmark'] as const;
const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  'finished-only': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
} as const;

/** Reads and checks the arguments. Throws `UsageError`, which shows nothing of a password. */
export function parseStoreArguments(args: readonly string[], environment: Environment): StoreArguments {
  const { values, positionals } = parse(args);
  const [typed, ...rest] = positionals;
  const act = acts.find((known) => known === typed);
  if (act === undefined) {
    const wrong = typed === undefined ? 'store needs an act' : `there is no act "store ${typed}"`;
    throw new UsageError(`${wrong}: copy, check or unmark`);
  }
  if (act === 'copy') {
    if (rest.length > 0) throw new UsageError('store copy takes its stores by --from URL and --to URL');
    const from = given('--from', values.from, 'TANDEM_STORE_FROM', environment);
    const to = given('--to', values.to, 'TANDEM_STORE_TO', environment);
    return {
      act,
      from: sourceOf(from),
      to: read(to, locationOfUrl),
      isFinishedOnly: values['finished-only'] === true,
      isDryRun: values['dry-run'] === true,
    };
  }
  const [option] = Object.keys(values);
  if (option !== undefined) throw new UsageError(`store ${act} takes no --${option}`);
  if (rest.length > 1) throw new UsageError(`store ${act} takes one URL`);
  const store = read(given('URL', rest[0], 'TANDEM_STORE', environment), locationOfUrl);
  return { act, store: withGivenPassword(store, environment) };
}

/** `STORE_PASSWORD`, as a node takes it. Not for a copy, which has two stores. */
function withGivenPassword(store: StoreLocation, { STORE_PASSWORD: password }: Environment): StoreLocation {
  if (store.engine === 'sqlite' || password === undefined || password === '') return store;
  return { ...store, url: withPassword(store.url, password) };
}

interface Given {
  readonly text: string;
  readonly source: string;
}

function given(name: string, typed: string | undefined, variable: string, environment: Environment): Given {
  const text = typed ?? environment[variable] ?? '';
  if (text === '') throw new UsageError(`store needs ${name}, or ${variable} in the environment`);
  return { text, source: typed === undefined ? `environment ${variable}` : name };
}

const dtmSchemes = /^dtm\+(mysql|mariadb|postgres|postgresql):\/\//i;

function sourceOf(from: Given): SourceLocation {
  if (!from.text.toLowerCase().startsWith('dtm+')) return { kind: 'store', location: read(from, locationOfUrl) };
  const url = from.text.slice('dtm+'.length);
  if (dtmSchemes.test(from.text)) read({ ...from, text: url }, readStoreUrl);
  if (!dtmSchemes.test(from.text) || !URL.canParse(from.text)) {
    throw new UsageError(
      `${from.source} must be dtm+mysql://user:password@host:port/database or dtm+postgres://...: DTM's tables on other engines are not read`,
    );
  }
  return { kind: 'dtm', url, shown: shownStoreUrl(from.text) };
}

function read<T>({ text, source }: Given, reader: (text: string) => T): T {
  try {
    return reader(text);
  } catch (error) {
    throw new UsageError(`${source} must be ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
