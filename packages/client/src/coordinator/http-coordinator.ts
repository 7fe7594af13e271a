/** Sends the verbs of the coordinator's HTTP API, and repeats what is safe to repeat. */
import { CoordinatorUnreachable, isTimeout } from '../errors.js';
import { isObject, parsedJson } from '../json.js';
import type { ResolvedHttpOptions } from './client-options.js';
import type { CallOptions, CoordinatorAnswer, CoordinatorPort, CoordinatorVerb } from './coordinator-port.js';
import { NodeChoice } from './node-choice.js';
import { repeated } from './repeated.js';

export class HttpCoordinator implements CoordinatorPort {
  readonly apiUrl: string;
  readonly #options: ResolvedHttpOptions;
  readonly #nodes: NodeChoice<string>;

  constructor(options: ResolvedHttpOptions) {
    [this.apiUrl] = options.apiUrls;
    this.#options = options;
    this.#nodes = new NodeChoice(options.apiUrls);
  }

  post(
    verb: CoordinatorVerb,
    body: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<CoordinatorAnswer> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return this.#call(`/${verb}`, init, { ...options, isWaiting: 'wait_result' in body });
  }

  query(gid: string, options: CallOptions): Promise<CoordinatorAnswer> {
    return this.#call(queryOf(gid), {}, options);
  }

  #call(
    path: string,
    init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> },
    { gid, signal, isWaiting }: CallOptions & { readonly isWaiting?: boolean },
  ): Promise<CoordinatorAnswer> {
    const { repeats, timeoutMs, headers } = this.#options;
    const asking = (of: string, request: typeof init) => (apiUrl: string, until: AbortSignal) =>
      this.#once(apiUrl + of, { ...request, headers: { ...headers, ...request.headers }, signal: until }, gid);
    const unreachable = (error: unknown): CoordinatorUnreachable => this.#unreachable(error, gid);
    const isAlive = isWaiting && gid !== undefined ? asking(queryOf(gid), {}) : undefined;
    const options = { nodes: this.#nodes, gid, repeats, timeoutMs, signal, isAlive, unreachable };
    return repeated(options, asking(path, init));
  }

  async #once(url: string, init: RequestInit, gid: string | undefined): Promise<CoordinatorAnswer> {
    const response = await this.#options.fetch(url, init);
    const json = parsedJson(await response.text());
    const body = isObject(json) ? json : undefined;
    if (!isOfCoordinator(response.status, body)) {
      throw new CoordinatorUnreachable(
        `something answers at ${url}, but not a coordinator's API (HTTP ${response.status}): check the url`,
        gid,
      );
    }
    return { status: response.status, body, retryAfterMs: retryAfterMsOf(response) };
  }

  #unreachable(error: unknown, gid: string | undefined): CoordinatorUnreachable {
    const { apiUrls, timeoutMs } = this.#options;
    const said = isTimeout(error) ? `no answer within ${timeoutMs} ms` : causeOf(error);
    return new CoordinatorUnreachable(
      `no coordinator at ${apiUrls.join(' or ')} (${said}): does it run, and is the url right?`,
      gid,
      error,
    );
  }
}

function queryOf(gid: string): string {
  return `/query?${new URLSearchParams({ gid }).toString()}`;
}

/**
 * Whether a coordinator can have said so. Something else that answers 200 must not pass for one that took the transaction. What is between,
 * a gateway for one, has the statuses from 500 on, and its own bodies.
 */
function isOfCoordinator(status: number, body: Readonly<Record<string, unknown>> | undefined): boolean {
  if (status >= 500 || status === 429) return true;
  if (!body) return false;
  if (status === 200) return 'dtm_result' in body || 'transaction' in body;
  return status !== 404 || ('code' in body && body['code'] !== 'PATH_NOT_FOUND');
}

/** The reason at the end of the chain: fetch itself only says "fetch failed". */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return causeOf(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return error.message === '' ? (code ?? error.name) : error.message;
}

/** `Retry-After` in seconds; the other form, a date, is not used by coordinators. */
function retryAfterMsOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after'));
  return seconds > 0 ? seconds * 1_000 : undefined;
}
