import { engineOfScheme, storeSchemes, type StoreEngine } from './store-engine.js';

/** A store's URL, taken apart as far as this server has to know; the rest is its driver's business. */
export interface StoreUrl {
  readonly engine: StoreEngine;
  /** As it was given. */
  readonly url: string;
  /** The folder of `sqlite:FOLDER`; empty for the other engines. */
  readonly folder: string;
}

const escaped =
  'a URL whose user, password and query are escaped: / is %2F, ? is %3F, # is %23, @ is %40, % is %25 (or leave the password to STORE_PASSWORD)';
const parts = /^([a-z][a-z0-9+.-]*):(\/\/)?(.*)$/i;

/** Reads a store's URL. Throws an Error whose message completes "NAME must be ..." and shows nothing of the URL. */
export function readStoreUrl(url: string): StoreUrl {
  const [, scheme = '', slashes, rest = ''] = parts.exec(url) ?? [];
  const engine = engineOfScheme(scheme);
  if (engine === undefined) throw new Error(`a URL that begins with ${storeSchemes.join(':, ')}:`);
  if (engine === 'sqlite') {
    if (rest.trim() === '') throw new Error('sqlite:FOLDER with a folder, such as sqlite:./data');
    return { engine, url, folder: rest };
  }
  if (slashes === undefined || rest.replace(/^.*@/, '').trim() === '') throw new Error(`${scheme}:// with a host`);
  // What stands behind the host would be taken for the host: half of the password would be looked up, and told.
  if (/[/?#].*@/.test(rest) || /%(?![0-9a-f]{2})/i.test(rest)) throw new Error(escaped);
  return { engine, url, folder: '' };
}

/**
 * A store's URL as logs and messages may show it: without password and without what its query says of secrets. Whatever
 * stands before the last `@` counts as user and password: one with a character that it should have escaped must not leak.
 */
export function shownStoreUrl(url: string): string {
  const [, scheme = '', slashes = '', rest = ''] = parts.exec(url) ?? [];
  if (slashes === '') return url;
  const at = rest.lastIndexOf('@');
  const user = (rest.slice(0, Math.max(at, 0)).split(':')[0] ?? '').slice(0, 100);
  const place = rest.slice(at + 1).replace(/([?&][^=&]*(?:pass|secret|key|token)[^=&]*=)[^&]*/gi, '$1***');
  if (at < 0) return `${scheme}://${place}`;
  const hasPassword = rest.slice(0, at).includes(':');
  return `${scheme}://${user}${hasPassword ? ':***' : ''}@${place}`;
}

/** The URL with this password where it names none. */
export function withPassword(url: string, password: string): string {
  const [, scheme = '', , rest = ''] = parts.exec(url) ?? [];
  const at = rest.lastIndexOf('@');
  const user = rest.slice(0, Math.max(at, 0));
  if (user.includes(':')) return url;
  return `${scheme}://${user}:${encodeURIComponent(password)}@${rest.slice(at + 1)}`;
}
