import { Barrier } from '../barrier/barrier.js';
import { InvalidUse } from '../errors.js';
import { branchContextOf, type BranchContext } from './branch-context.js';
import { BranchFailure, BranchOngoing } from './branch-outcome.js';

/** One call of a branch. */
export interface BranchCall<Payload> extends BranchContext {
  /** The JSON body as it came, not checked; undefined where there is none. */
  readonly payload: Payload;
  /** Makes the work of this call happen once, and not at all where it must not. */
  readonly barrier: Barrier;
  readonly request: Request;
}

export interface BranchHandlerOptions {
  /** Put the message of an unexpected error into the 500 answer: the coordinator keeps it as the reason. Default: no. */
  readonly exposeErrors?: boolean;
  /** Gets every unexpected error, which is otherwise only a 500 to the coordinator. Default: `console.error`. */
  readonly onError?: (error: unknown, context: BranchContext | undefined) => void;
}

/** What Hono, Next.js, Bun, Deno and Workers call a route. */
export type RequestHandler = (request: Request) => Promise<Response>;

/**
 * Makes a branch of a function. Returning is success; `BranchFailure` refuses (409), `BranchOngoing` asks to be called
 * later (425), anything else thrown is unclear (500), and the coordinator calls again.
 */
export function branchHandler<Payload = unknown>(
  branch: (call: BranchCall<Payload>) => unknown,
  options: BranchHandlerOptions = {},
): RequestHandler {
  const onError = options.onError ?? logError;
  return async (request) => {
    let context: BranchContext | undefined;
    try {
      context = branchContextOf(new URL(request.url));
      const payload = (await readPayload(request)) as Payload;
      await branch({ ...context, payload, barrier: new Barrier(context), request });
      return Response.json({ dtm_result: 'SUCCESS' });
    } catch (error) {
      if (!isExpected(error, context)) onError(error, context);
      return errorResponse(error, options.exposeErrors === true);
    }
  };
}

async function readPayload(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidUse('INVALID_PAYLOAD', 'the body is not JSON', error);
  }
}

const mayRefuse: readonly (string | undefined)[] = ['action', 'try', 'msg'];

/** Refusing is for actions, tries and back-checks: what does so after the decision is called again, and somebody should know. */
function isExpected(error: unknown, context: BranchContext | undefined): boolean {
  if (error instanceof BranchOngoing) return true;
  return error instanceof BranchFailure && mayRefuse.includes(context?.op);
}

function errorResponse(error: unknown, exposeErrors: boolean): Response {
  if (error instanceof BranchFailure) return answer(409, { dtm_result: 'FAILURE', message: error.message });
  if (error instanceof BranchOngoing) return answer(425, { dtm_result: 'ONGOING', message: error.message });
  if (error instanceof InvalidUse && (error.code === 'NOT_A_BRANCH_CALL' || error.code === 'INVALID_PAYLOAD')) {
    return answer(400, { code: error.code, message: error.message });
  }
  const message = exposeErrors && error instanceof Error ? error.message : 'the branch met an unexpected error';
  return answer(500, { message });
}

function answer(status: number, body: Readonly<Record<string, string>>): Response {
  return Response.json(body, { status });
}

function logError(error: unknown, context: BranchContext | undefined): void {
  const where = context === undefined ? 'a branch' : `branch ${context.branchId} ${context.op} of ${context.gid}`;
  console.error(`${where}:`, error);
}
