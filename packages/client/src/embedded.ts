/**
 * A coordinator inside this process: no server, no port. It is `@tandem/coordinator`'s `Coordinator`, or whatever has its verbs;
 * this package does not depend on it. Requests are read, limited and answered as the server does it.
 *
 * @module
 */
import {
  parseGid,
  parseRegistration,
  parseTransactionRequest,
  queryView,
  TandemError,
  workflowView,
  type BranchView,
  type Gid,
  type Outcome,
  type ParsedRequest,
  type Registration,
  type ViewSource,
  type WorkflowSource,
} from '@tandem/protocol';
import type {
  CallOptions,
  CoordinatorAnswer,
  CoordinatorPort,
  CoordinatorVerb,
} from './coordinator/coordinator-port.js';

export {
  fetchCaller,
  localFetch,
  type FetchCaller,
  type FetchCallerOptions,
  type OutgoingCall,
} from './embedded/fetch-caller.js';

/** What is used of a coordinator. */
export interface EmbeddedCoordinator {
  /** Makes a transaction durable that is not to run yet. */
  prepare(request: ParsedRequest): Promise<void>;
  /** Makes a workflow durable, and answers what is recorded of it. */
  prepareWorkflow(request: ParsedRequest): Promise<WorkflowSource>;
  /** Adds a branch to a prepared TCC or XA, or a step to a workflow's record. */
  registerBranch(gid: Gid, registration: Registration): Promise<void>;
  /** Makes a transaction durable and starts it; waits for its outcome no longer than `waitMs`. */
  submit(request: ParsedRequest, waitMs: number): Promise<Outcome>;
  /** Decides against a prepared transaction. */
  abort(gid: Gid, reason: string, waitMs?: number): Promise<void>;
  /** A transaction as it stands, with its branches; undefined: there is none of this gid. */
  query(gid: Gid): Promise<(ViewSource & { readonly branches: readonly BranchView[] }) | undefined>;
}

/** What `embedded` may be told. */
export interface EmbeddedOptions {
  /** The longest that a submit waits for an outcome, in ms. Default 5 s, as at the server. */
  readonly waitMaxMs?: number;
}

type Body = Readonly<Record<string, unknown>>;

/** For `createClient({ coordinator: embedded(coordinator) })`. */
export function embedded(coordinator: EmbeddedCoordinator, options: EmbeddedOptions = {}): CoordinatorPort {
  const waitMaxMs = options.waitMaxMs ?? 5_000;
  const waitOf = (body: Body): number => (body['wait_result'] === true ? waitMaxMs : 0);
  const verbs: Readonly<Record<CoordinatorVerb, (body: Body) => Promise<CoordinatorAnswer>>> = {
    prepare: async (body) => {
      await coordinator.prepare(parseTransactionRequest(body, 'prepare'));
      return success;
    },
    prepareWorkflow: async (body) => {
      const view = workflowView(await coordinator.prepareWorkflow(parseTransactionRequest(body, 'prepare')));
      return { status: 200, body: view };
    },
    registerBranch: async (body) => {
      const { gid, registration } = parseRegistration(body);
      await coordinator.registerBranch(gid, registration);
      return success;
    },
    submit: async (body) => {
      const waitMs = waitOf(body);
      const outcome = await coordinator.submit(parseTransactionRequest(body, 'submit'), waitMs);
      return waitMs === 0 ? success : answerOf(outcome);
    },
    abort: async (body) => {
      const reason = typeof body['rollback_reason'] === 'string' ? body['rollback_reason'] : '';
      await coordinator.abort(parseGid(body['gid']), reason, waitOf(body));
      return success;
    },
  };
  return {
    apiUrl: '',
    post: (verb, body, call) => answered(() => verbs[verb](body), call),
    query: (gid, call) =>
      answered(async () => ({ status: 200, body: queryView(await coordinator.query(parseGid(gid))) }), call),
  };
}

const success: CoordinatorAnswer = { status: 200, body: { dtm_result: 'SUCCESS' } };

function answerOf(outcome: Outcome): CoordinatorAnswer {
  switch (outcome.kind) {
    case 'success':
      return success;
    case 'failure':
      return { status: 409, body: { code: 'TRANSACTION_FAILED', message: outcome.reason || 'the transaction failed' } };
    case 'open':
      return { status: 425, body: { code: 'TRANSACTION_ONGOING', message: 'the transaction is still running' } };
  }
}

async function answered(act: () => Promise<CoordinatorAnswer>, { signal }: CallOptions): Promise<CoordinatorAnswer> {
  signal?.throwIfAborted();
  try {
    return await (signal === undefined ? act() : Promise.race([act(), aborted(signal)]));
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return { status: statusOf(error.code), body: { code: error.code, message: error.message } };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

const statuses: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  CONFLICTING_REPEAT: 409,
  WRONG_STATUS: 409,
  LIMIT_EXCEEDED: 413,
  ALREADY_FINISHED: 425,
  STEP_ALREADY_RECORDED: 425,
  OVERLOADED: 429,
  INTERNAL: 500,
  STORE_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
};

/** As docs/errors.md lists them; what is not here was wrong in the request. */
function statusOf(code: string): number {
  return statuses[code] ?? 400;
}
