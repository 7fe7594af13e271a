import { isUtf8 } from 'node:buffer';
import type { Answer } from './server-client.js';
import { answersOf, isAnswer, lineOf, table } from './text-table.js';

/** A page of a listing for a person. */
export function transactionTable(answer: Answer): string {
  const transactions = answersOf(answer['transactions']);
  if (transactions.length === 0) return 'no transactions';
  const rows = transactions.map((tx) => [
    lineOf(tx['gid']),
    lineOf(tx['trans_type']),
    statusOf(tx),
    lineOf(tx['create_time']),
    lineOf(tx['next_cron_time']),
  ]);
  const next = lineOf(answer['next_position']);
  return (
    table([['GID', 'TYPE', 'STATUS', 'CREATED', 'NEXT'], ...rows]) + (next === '' ? '' : `\nmore: --position ${next}`)
  );
}

/** One transaction and its branches for a person. */
export function transactionDetails(answer: Answer): string {
  const tx = isAnswer(answer['transaction']) ? answer['transaction'] : {};
  const facts = [
    ['gid', lineOf(tx['gid'])],
    ['type', lineOf(tx['trans_type'])],
    ['status', statusOf(tx)],
    ['reason', lineOf(tx['rollback_reason'])],
    ['paused because', lineOf(tx['pause_reason'])],
    ['service', lineOf(tx['query_prepared'])],
    ['result', shownResult(tx['result'])],
    ['created', lineOf(tx['create_time'])],
    ['ended', lineOf(tx['finish_time']) || lineOf(tx['rollback_time'])],
    ['next look', lineOf(tx['next_cron_time'])],
  ].filter(([, value]) => value !== '');
  const branches = answersOf(answer['branches']).map((branch) => [
    lineOf(branch['branch_id']),
    lineOf(branch['op']),
    lineOf(branch['status']),
    lineOf(branch['attempts']),
    lineOf(branch['url']),
    lineOf(branch['reason']),
  ]);
  return `${table(facts)}\n\n${table([['BRANCH', 'OP', 'STATUS', 'TRIES', 'URL', 'SAID'], ...branches])}`;
}

const resultCharactersMax = 200;

/** A workflow's result is base64 in DTM's SDKs; one that is text is shown as text. */
function shownResult(value: unknown): string {
  const result = lineOf(value);
  const bytes = Buffer.from(result, 'base64');
  const isText = bytes.toString('base64') === result && isUtf8(bytes) && !/\p{Cc}/u.test(bytes.toString());
  const shown = isText ? bytes.toString() : result;
  return shown.length > resultCharactersMax ? `${shown.slice(0, resultCharactersMax)}...` : shown;
}

function statusOf(tx: Answer): string {
  return (
    lineOf(tx['status']) + (tx['is_paused'] === true ? ' (paused)' : '') + (tx['is_forced'] === true ? ' (forced)' : '')
  );
}
