import type { Route } from './routes.js';

/** A route that a path leads to. */
export interface Match {
  readonly route: Route;
  /** Its place in the list of routes, for metrics. */
  readonly index: number;
  readonly tail: string;
}

/** Finds the route of a path; templates with a last part in braces take the rest of the path. */
export class Router {
  readonly #exact = new Map<string, Match>();
  readonly #prefixes: { readonly prefix: string; readonly route: Route; readonly index: number }[] = [];

  constructor(routes: readonly Route[]) {
    routes.forEach((route, index) => {
      const brace = route.template.indexOf('{');
      if (brace === -1) this.#exact.set(route.template, { route, index, tail: '' });
      else this.#prefixes.push({ prefix: route.template.slice(0, brace), route, index });
    });
  }

  match(path: string): Match | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    const found = this.#prefixes.find(({ prefix }) => path.startsWith(prefix));
    return found && { route: found.route, index: found.index, tail: decoded(path.slice(found.prefix.length)) };
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
