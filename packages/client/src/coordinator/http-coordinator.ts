/** Sends the verbs of the coordinator's HTTP API, and repeats what is safe to repeat. */
import { CoordinatorUnreachable } from '../errors.js';
import type { ResolvedHttpOptions } from './client-options.js';
import type { CallOptions, CoordinatorAnswer, CoordinatorPort, CoordinatorVerb } from './coordinator-port.js';
import { placeFor } from './node-choice.js';
import { repeated } from './repeated.js';

export class HttpCoordinator implements CoordinatorPort {
  readonly apiUrl: string;
  readonly #options: ResolvedHttpOptions;

  constructor(options: ResolvedHttpOptions) {
    [this.apiUrl] = options.apiUrls;
    this.#options = options;
  }

  post(
    verb: CoordinatorVerb,
    body: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<CoordinatorAnswer> {
    const headers = { ...this.#options.headers, 'content-type': 'application/json' };
    return this.#call(`/${verb}`, { method: 'POST', headers, body: JSON.stringify(body) }, options);
  }

  query(gid: string, options: CallOptions): Promise<CoordinatorAnswer> {
    const search = new URLSearchParams({ gid }).toString();
    return this.#call(`/query?${search}`, { headers: { ...this.#options.headers } }, options);
  }

  #call(path: string, init: RequestInit, { gid, signal }: CallOptions): Promise<CoordinatorAnswer> {
    const { repeats, timeoutMs } = this.#options;
    const unreachable = (error: unknown): CoordinatorUnreachable => this.#unreachable(error, gid);
    const urlFor = (repeat: number): string => placeFor(this.#options.apiUrls, gid, repeat);
    const options = { repeats, timeoutMs, signal, unreachable };
    return repeated(options, (until, repeat) => this.#once(urlFor(repeat), path, { ...init, signal: until }, gid));
  }

  async #once(apiUrl: string, path: string, init: RequestInit, gid: string | undefined): Promise<CoordinatorAnswer> {
    const response = await this.#options.fetch(apiUrl + path, init);
    const body = jsonObject(await response.text());
    if (!isOfCoordinator(response.status, body)) {
      throw new CoordinatorUnreachable(
        `something answers at ${apiUrl}, but not a coordinator's API (HTTP ${String(response.status)}): check the url`,
        gid,
      );
    }
    return { status: response.status, body, retryAfterMs: retryAfterMsOf(response) };
  }

  #unreachable(error: unknown, gid: string | undefined): CoordinatorUnreachable {
    const { apiUrls, timeoutMs } = this.#options;
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    const said = isTimeout ? `no answer within ${String(timeoutMs)} ms` : causeOf(error);
    return new CoordinatorUnreachable(
      `no coordinator at ${apiUrls.join(' or ')} (${said}): does it run, and is the url right?`,
      gid,
      error,
    );
  }
}

/**
 * Whether a coordinator can have said so. Something else that answers 200 must not pass for one that took the transaction. What is between,
 * a gateway for one, has the statuses from 500 on, and its own bodies.
 */
function isOfCoordinator(status: number, body: Readonly<Record<string, unknown>> | undefined): boolean {
  if (status >= 500 || status === 429) return true;
  if (body === undefined) return false;
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
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return seconds > 0 ? seconds * 1_000 : undefined;
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
