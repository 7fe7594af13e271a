/** How a message's back-check knows where the mark is: the business key is a parameter of its URL. */
import { InvalidUse } from '../errors.js';

const parameter = 'barrier_key';

/** The URL, with the key. */
export function checkUrlOf(url: string, key: string): string {
  if (!URL.canParse(url)) throw new InvalidUse('INVALID_OPTION', `the back-check's URL is "${url}"`);
  if (!url.startsWith('http')) {
    throw new InvalidUse('INVALID_OPTION', `the back-check of work on Redis is asked by HTTP, not at "${url}"`);
  }
  const withKey = new URL(url);
  withKey.searchParams.set(parameter, key);
  return withKey.href;
}

/** The key that such a URL names; undefined where it has none. */
export function checkedKey(url: string): string | undefined {
  return (URL.canParse(url) && new URL(url).searchParams.get(parameter)) || undefined;
}

/** The same, of a call that must have one. */
export function keyOfCheck(url: string): string {
  const key = checkedKey(url);
  if (key === undefined) {
    const hint = 'give doAndSubmit the URL that checkUrl(url, key) makes';
    throw new InvalidUse('NOT_A_BRANCH_CALL', `this back-check does not say beside which key the mark lies: ${hint}`);
  }
  return key;
}
