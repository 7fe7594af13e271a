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
interface BranchCall {
  readonly gid: string;
  readonly transactionType: string;
  readonly branchId: string;
  readonly op: string;
  readonly wireOp?: string | undefined;
  readonly method?: BranchMethod | undefined;
  readonly url: string;
  readonly payload: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface FetchCallerOptions {
  /** Default: the global one. `localFetch` calls handlers of this process. */
  readonly fetch?: typeof fetch;
}

/** What a `Coordinator` takes as its `caller`. */
export interface FetchCaller {
  call(call: BranchCall): { readonly result: Promise<BranchResult>; readonly cancel: () => void };
  targetOf(url: string): string;
  close(): Promise<void>;
}

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

async function resultOf(send: typeof fetch, call: BranchCall, signal: AbortSignal): Promise<BranchResult> {
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
