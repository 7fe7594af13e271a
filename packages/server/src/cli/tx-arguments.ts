import { parseArgs } from 'node:util';
import { isTransactionType } from '@tandem/protocol';
import { statusNames, typeNames } from '../http/transaction-names.js';
import { UsageError } from './usage-error.js';

/** What was typed after `tandem tx`. */
export type TxArguments = {
  readonly server: string | undefined;
  /** Print the server's JSON. */
  readonly isJson: boolean;
} & (
  | { readonly act: 'list'; readonly filters: TxFilters }
  | { readonly act: 'show' | 'retry' | 'resume'; readonly gid: string }
  | { readonly act: 'pause' | 'stop'; readonly gid: string; readonly reason: string }
);

/** The filters of `tx list`. */
export type TxFilters = Omit<Values, 'server' | 'json'>;

const common = { server: { type: 'string' }, json: { type: 'boolean' } } as const;
const filters = {
  status: { type: 'string' },
  type: { type: 'string' },
  'gid-prefix': { type: 'string' },
  paused: { type: 'boolean' },
  unfinished: { type: 'boolean' },
  limit: { type: 'string' },
  position: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

const acts = ['list', 'show', 'retry', 'pause', 'resume', 'stop'] as const;

/** Reads and checks the arguments. Throws `UsageError`. */
export function parseTxArguments(args: readonly string[]): TxArguments {
  const { values, positionals } = parse(args);
  const [typed, ...rest] = positionals;
  const act = acts.find((known) => known === typed);
  if (act === undefined) {
    throw new UsageError(
      `${typed === undefined ? 'tx needs an act' : `there is no act "tx ${typed}"`}: ${orList(acts)}`,
    );
  }
  const { server, json, ...given } = values;
  const options = { server, isJson: json === true };
  if (act === 'list') {
    if (rest[0] !== undefined) throw unexpected(act, rest[0]);
    checkFilters(given);
    return { ...options, act, filters: given };
  }
  const [gid, ...words] = rest;
  const [filter] = Object.keys(given);
  if (filter !== undefined) throw new UsageError(`tx ${act} takes no --${filter}: it is a filter of tx list`);
  if (gid === undefined) throw new UsageError(`tx ${act} needs a GID`);
  if (act === 'pause' || act === 'stop') return { ...options, act, gid, reason: words.join(' ') };
  if (words[0] !== undefined) throw unexpected(act, words[0]);
  return { ...options, act, gid };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { ...common, ...filters }, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function checkFilters({ status, type, limit }: TxFilters): void {
  if (status !== undefined && !statusNames.includes(status)) {
    throw new UsageError(`--status must be ${orList(statusNames)}, not "${status}"`);
  }
  if (type !== undefined && !isTransactionType(type)) {
    throw new UsageError(`--type must be ${orList(typeNames.filter(isTransactionType))}, not "${type}"`);
  }
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new UsageError(`--limit must be a whole number from 1, not "${limit}"`);
  }
}

function unexpected(act: string, argument: string): UsageError {
  return new UsageError(`unexpected argument "${argument}" of tx ${act}`);
}

function orList(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
