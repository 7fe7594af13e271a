import { InvalidUse } from './errors.js';
import { isObject } from './json.js';

/** The name of every option, so that the compiler tells of one that is missing here. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses options that are none, or have a name that nobody looks at: misspelt, `compensate` would be no compensation, and nothing would
 * tell. The compiler does so for literals in TypeScript alone.
 */
export function checkNames<Options>(owner: string, options: unknown, names: OptionNames<Options>): void {
  const known = Object.keys(names).join(', ');
  if (!isObject(options)) {
    throw invalidOption(`${owner} takes an object with ${known}, not ${nameOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) {
      throw invalidOption(`${owner} has no option "${name}", but ${known}`);
    }
  }
}

/** Refuses what is no URL at all; which schemes there are, the coordinator knows. */
export function checkUrl(what: string, url: unknown): void {
  if (typeof url === 'string' && url !== '') return;
  throw invalidOption(`${what} must be the URL that is called, not ${nameOf(url)}`);
}

/** Refuses to go without what undoes or completes: only `null` says that nothing is needed. */
export function checkUrlOrNull(what: string, url: unknown): void {
  if (url === undefined) {
    throw invalidOption(`${what} is missing: its URL, or null where there is nothing to do`);
  }
  if (url !== null) checkUrl(what, url);
}

export function checkFunction(what: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw invalidOption(`${what} must be a function, not ${nameOf(value)}`);
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'function') return 'a function';
  return isObject(value) ? 'an object' : String(value);
}

/** A mistake in what was given; the message says what to give instead. */
export function invalidOption(message: string): InvalidUse {
  return new InvalidUse('INVALID_OPTION', message);
}
