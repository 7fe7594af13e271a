/**
 * How a message's back-check knows where the mark is, where that is no table: what holds it, a key or a document, is a parameter
 * of its URL.
 */
import { messageOp, type BarrierRow } from '@tandem/protocol';
import { InvalidUse } from '../errors.js';
import type { Barrier } from './barrier.js';

const parameter = 'barrier_key';

/** The URL, with the key. */
export function checkUrlOf(url: string, key: string): string {
  if (!URL.canParse(url)) throw new InvalidUse('INVALID_OPTION', `the back-check's URL is "${url}"`);
  if (!url.startsWith('http')) {
    throw new InvalidUse('INVALID_OPTION', `a back-check that is told a key is asked by HTTP, not at "${url}"`);
  }
  const withKey = new URL(url);
  withKey.searchParams.set(parameter, key);
  return withKey.href;
}

/** The key that a call of the back-check names. Throws `NOT_A_BRANCH_CALL` where it has none. */
export function keyOfCheck(url: string): string {
  const key = checkedKey(url);
  if (key === undefined) {
    const hint = 'give doAndSubmit the URL that checkUrl(url, key) makes';
    throw new InvalidUse('NOT_A_BRANCH_CALL', `this back-check does not say beside which key the mark lies: ${hint}`);
  }
  return key;
}

/**
 * Of a message's local work, all must be one change, and its mark where the back-check looks. Throws `INVALID_OPTION`; `isThere`
 * answers whether the key that the URL names is the right one.
 */
export function refuseUnanswerable(
  { checkUrl }: Barrier,
  { op, barrierId }: BarrierRow,
  { key, isThere }: { readonly key: string; readonly isThere: (asked: string) => boolean },
): void {
  if (op !== messageOp) return;
  if (barrierId !== '01') {
    const hint = 'make one change of it, since the back-check answers for the first alone';
    throw new InvalidUse('INVALID_OPTION', `the local work of a message can use its barrier once: ${hint}`);
  }
  if (checkUrl === undefined || !checkUrl.startsWith('http')) return;
  const asked = checkedKey(checkUrl);
  if (asked !== undefined && isThere(asked)) return;
  const hint = `give doAndSubmit checkUrl(url, ${key})`;
  throw new InvalidUse('INVALID_OPTION', `the back-check would not look beside ${key}: ${hint}`);
}

function checkedKey(url: string): string | undefined {
  return (URL.canParse(url) && new URL(url).searchParams.get(parameter)) || undefined;
}
