import { Barrier } from '../barrier/barrier.js';
import { InvalidUse, WorkflowChanged } from '../errors.js';
import { payloadText } from '../payload.js';
import type { StandardSchemaV1 } from '../schema/standard-schema.js';
import { SchemaMismatch, validated } from '../schema/validate.js';
import { isData, isExpected, logError, mayRefuse } from './branch-answer.js';
import { branchContextOf, type BranchContext } from './branch-context.js';
import { BranchFailure, BranchOngoing } from './branch-outcome.js';
import { checkFunction, invalidOption } from '../option-names.js';

/** One call of a branch. */
export interface BranchCall<Payload> extends BranchContext {
  /** The JSON body, checked only where the handler has a schema; undefined where there is none. */
  readonly payload: Payload;
  /** Makes the work of this call happen once, and not at all where it must not. */
  readonly barrier: Barrier;
  /** As it came, its body read. */
  readonly request: Request;
}

/** What `branchHandler` may be told. */
export interface BranchHandlerOptions<Payload = unknown> {
  /**
   * Checks and types the payload. What it does not accept is refused where a branch may refuse, and a 400 elsewhere; but what
   * undoes a branch gets it as it came, since a branch that was refused is undone too.
   */
  readonly payload?: StandardSchemaV1<unknown, Payload>;
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
 *
 * Who calls the try of a TCC, the work of an XA's branch or a workflow's step gets what the function returned, as JSON. A
 * coordinator, which calls everything else, gets no more than that it succeeded.
 */
export function branchHandler<Payload = unknown>(
  branch: (call: BranchCall<Payload>) => unknown,
  options: BranchHandlerOptions<Payload> = {},
): RequestHandler {
  const onError = options.onError ?? logError;
  checkFunction('the first argument of branchHandler', branch);
  return async (request) => {
    checkRequest(request);
    let context: BranchContext | undefined;
    try {
      context = branchContextOf(new URL(request.url));
      const payload = await payloadOf(request, context, options);
      const value = await branch({ ...context, payload, barrier: new Barrier(context), request });
      return success(context, value);
    } catch (error) {
      if (!isExpected(error, context)) onError(error, context);
      return errorResponse(error, options.exposeErrors === true);
    }
  };
}

/** Node's servers and most frameworks have requests of their own, and would wait for ever for an answer that is returned. */
function checkRequest(request: object): void {
  if ('text' in request && typeof request.text === 'function') return;
  throw invalidOption(
    'a handler takes a Request of fetch: else use nodeListener, expressBranch, fastifyBranches or koaBranch',
  );
}

async function payloadOf<Payload>(
  request: Request,
  context: BranchContext,
  { payload: schema }: BranchHandlerOptions<Payload>,
): Promise<Payload> {
  const payload = await readPayload(request);
  // An XA's second phase has none.
  if (context.transType === 'xa' && context.op !== 'action') return payload as Payload;
  try {
    return await validated('the payload', schema, payload);
  } catch (error) {
    if (!(error instanceof SchemaMismatch)) throw error;
    // No repeat makes it right: better that the transaction is rolled back than that it is tried for ever...
    if (mayRefuse.includes(context.op)) throw new BranchFailure(error.message, { cause: error });
    // ...and then this comes: what was never accepted was never done, as the barrier will find.
    if (undoing.includes(context.op)) return payload as Payload;
    throw new InvalidUse('INVALID_PAYLOAD', error.message, error);
  }
}

const undoing: readonly string[] = ['cancel', 'compensate', 'rollback'];

/** The calls that an SDK makes, which wants to know the answer. */
const answering: readonly string[] = ['tcc try', 'xa action', 'workflow action'];

function success({ transType, op }: BranchContext, value: unknown): Response {
  if (!answering.includes(`${transType} ${op}`) || !isData(value)) return Response.json({ dtm_result: 'SUCCESS' });
  const headers = { 'content-type': 'application/json' };
  return new Response(payloadText('what the branch returned', value), { headers });
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

function errorResponse(error: unknown, exposeErrors: boolean): Response {
  if (error instanceof BranchFailure) return answer(409, { dtm_result: 'FAILURE', message: error.message });
  if (error instanceof BranchOngoing) return answer(425, { dtm_result: 'ONGOING', message: error.message });
  // What the program has to be changed for helps whoever reads the coordinator's reasons.
  if (error instanceof InvalidUse || error instanceof WorkflowChanged) {
    const isOfTheCall = error.code === 'NOT_A_BRANCH_CALL' || error.code === 'INVALID_PAYLOAD';
    return answer(isOfTheCall ? 400 : 500, { code: error.code, message: error.message });
  }
  const message = exposeErrors && error instanceof Error ? error.message : 'the branch met an unexpected error';
  return answer(500, { message });
}

function answer(status: number, body: Readonly<Record<string, string>>): Response {
  return Response.json(body, { status });
}
