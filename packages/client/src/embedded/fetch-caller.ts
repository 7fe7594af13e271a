/** Calls participants by fetch, for a coordinator inside this process; or hands the calls to handlers of this process. */
import {
  checkBranchUrl,
  httpSchemes,
  limits,
  readHttpAnswer,
  TandemError,
  type BranchMethod,
  type BranchResult,
} from '@tandem/protocol';
import type { RequestHandler } from '../branch/branch-handler.js';

/** One call of a branch, as the coordinator asks for it. */
export interface OutgoingCall {
  /** The transaction's name. */
  readonly gid: string;
  /** `saga`, `tcc`, `xa`, `msg` or `workflow`. */
  readonly transactionType: string;
  /** The branch in its transaction: `01`, `02`, ... */
  readonly branchId: string;
  /** What the branch is to do: `action`, `compensate`, `confirm`, ... */
  readonly op: string;
  /** The same in the words of the wire, where they differ. */
  readonly wireOp?: string | undefined;
  /** Default: POST where there is a payload, GET where there is none. */
  readonly method?: BranchMethod | undefined;
  /** Without what the call adds to its query. */
  readonly url: string;
  /** The body; empty: none. */
  readonly payload: string | Uint8Array;
  /** The transaction's, for every call of a branch. */
  readonly headers: Readonly<Record<string, string>>;
  /** After this, in ms, the call is given up. */
  readonly timeoutMs: number;
}

/** What `fetchCaller` may be told. */
export interface FetchCallerOptions {
  /** Default: the global one. `localFetch` calls handlers of this process. */
  readonly fetch?: typeof fetch;
}

/** What a `Coordinator` takes as its `caller`. */
export interface FetchCaller {
  /** Calls a branch, and never rejects: what goes wrong is an `unknown` result. `cancel` gives the call up. */
  call(call: OutgoingCall): { readonly result: Promise<BranchResult>; readonly cancel: () => void };
  /** The server behind a URL, by which calls are limited. Throws what the coordinator refuses a request with. */
  targetOf(url: string): string;
  /** Does nothing: `fetch` has nothing to close. */
  close(): Promise<void>;
}

/** Makes the caller of a `Coordinator`: participants are called by `fetch`, with the coordinator's time limit. */
export function fetchCaller(options: FetchCallerOptions = {}): FetchCaller {
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  return {
    call: (call) => {
      const cancelled = new AbortController();
      const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(call.timeoutMs)]);
      return {
        result: resultOf(send, call, signal),
        cancel: () => cancelled.abort(new Error('the call was given up')),
      };
    },
    targetOf: (url) => {
      checkBranchUrl(url, 'url', httpSchemes);
      if (!URL.canParse(url)) throw new TandemError('UNSUPPORTED_BRANCH_URL', `"${url}" is no URL`);
      return new URL(url).origin;
    },
    close: () => Promise.resolve(),
  };
}

/** A `fetch` that calls the handlers of this process, by their URLs without a query; anything else goes out. */
export function localFetch(handlers: Readonly<Record<string, RequestHandler>>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { origin, pathname } = new URL(request.url);
    const handler = handlers[origin + pathname];
    return handler === undefined ? fetch(request) : handler(request);
  };
}

async function resultOf(send: typeof fetch, call: OutgoingCall, signal: AbortSignal): Promise<BranchResult> {
  try {
    const url = new URL(call.url);
    const { gid, branchId: branch_id, transactionType: trans_type, op, wireOp } = call;
    const parameters = { gid, branch_id, trans_type, op: wireOp ?? op };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const isPost = call.payload.length > 0 || trans_type === 'xa';
    const method = call.method ?? (isPost ? 'POST' : 'GET');
    const headers = { 'content-type': 'application/json', ...call.headers };
    const body = method === 'GET' ? {} : { body: call.payload as string | Uint8Array<ArrayBuffer> };
    const response = await send(url.href, { method, headers, redirect: 'manual', signal, ...body });
    const text = (await response.text()).slice(0, limits.answerBytesMax);
    return readHttpAnswer(response.status, response.headers.get('content-type') ?? '', text, 'compatible');
  } catch (error) {
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}
