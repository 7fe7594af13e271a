import type { RequestHandler } from '@tandem/client';
import { InvalidUse } from '@tandem/client';
import type { Place } from './place.js';

/** Handlers by URL. */
export type Handlers = Readonly<Record<string, RequestHandler>>;

/** Who is served where; a process that starts again takes its URLs over. */
export class ServedUrls {
  readonly #served = new Map<string, { readonly handler: RequestHandler; readonly place: Place }>();

  serve(handlers: Handlers, place: Place): void {
    for (const [url, handler] of Object.entries(handlers)) {
      if (!URL.canParse(url) || !/^https?:/.test(url)) {
        throw new InvalidUse(
          'INVALID_OPTION',
          `handlers are served at URLs such as 'http://stock/take', not at "${url}"`,
        );
      }
      this.#served.set(addressOf(url), { handler, place });
    }
  }

  /** Throws `INVALID_OPTION` where nobody is. */
  at(url: string): { readonly handler: RequestHandler; readonly place: Place } {
    const address = addressOf(url);
    const served = this.#served.get(address);
    if (served !== undefined) return served;
    const known = [...this.#served.keys()].join(', ') || 'nothing is';
    throw new InvalidUse(
      'INVALID_OPTION',
      `nothing is served at ${address}: serve({ '${address}': handler }) (${known})`,
    );
  }
}

/** A URL without its query. */
export function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
