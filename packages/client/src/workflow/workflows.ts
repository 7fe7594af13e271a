/** The workflows of one service: code by name, run here, and run again where the coordinator asks for it. */
import { branchHandler, type RequestHandler } from '../branch/branch-handler.js';
import { BranchOngoing } from '../branch/branch-outcome.js';
import { machineClock } from '../coordinator/client-clock.js';
import type { Connection } from '../coordinator/connection.js';
import { InvalidUse, RequestRefused, saidBy, TransactionFailed, TransactionOngoing } from '../errors.js';
import { newGid } from '../gid.js';
import { checkNames, type OptionNames, invalidOption } from '../option-names.js';
import { payloadText } from '../payload.js';
import type { Recorded } from '../recorded.js';
import type { StandardSchemaV1 } from '../schema/standard-schema.js';
import { SchemaMismatch, validated } from '../schema/validate.js';
import type { EndedWorkflow, WorkflowStanding } from '../transaction/submission.js';
import { wireOptions, type TransactionOptions } from '../transaction/transaction-options.js';
import { Execution } from './execution.js';
import { History } from './history.js';
import { Interruption } from './interruption.js';
import { SagaSteps, type NoResults, type SagaWorkflow } from './saga-workflow.js';
import { WorkflowRecorder } from './workflow-recorder.js';
import { WorkflowScope } from './workflow-scope.js';

/** How the coordinator finds the workflows of this service. */
export interface WorkflowsOptions {
  /** Where `handler` is served: the coordinator calls it to go on with a workflow whose process died or sleeps. */
  readonly url: string;
  /** Gets what went wrong in an execution that nobody waits for. Default: `console.error`. */
  readonly onError?: (error: unknown, gid: string) => void;
}

/** What belongs to every run of a workflow. */
export interface DefineOptions<Input> extends Omit<TransactionOptions, 'gid' | 'concurrent'> {
  /** Checks and types the input. */
  readonly input?: StandardSchemaV1<unknown, Input>;
}

/** What belongs to one run. */
export interface RunOptions {
  /** The workflow's name, unique for ever: an order's id, for one. Default: a new UUID. */
  readonly gid?: string;
}

/** A workflow that can be run. */
export interface Workflow<Input, Output> {
  /** By which the coordinator asks for it. */
  readonly name: string;
  /**
   * Runs it here to its end. Safe to repeat under the same gid: goes on where it stands, or answers as it ended. Throws
   * `TransactionFailed` when it was rolled back, and `TransactionOngoing` when it is interrupted (`cause` says by what): it is
   * durable, and the coordinator has it go on.
   */
  run(input: Input, options?: RunOptions): Promise<Output>;
  /** Resolves when it is durable, and runs it here without anybody waiting. */
  start(input: Input, options?: RunOptions): Promise<{ readonly gid: string }>;
}

/** A workflow: ordinary code, which asks for the same steps in each run. */
export type WorkflowCode<Input, Output> = (wf: WorkflowScope, input: Input) => PromiseLike<Output> | Output;

const workflowsNames: OptionNames<WorkflowsOptions> = { url: true, onError: true };
const defineNames: OptionNames<DefineOptions<unknown>> = {
  input: true,
  requestTimeout: true,
  retry: true,
  branchHeaders: true,
};

interface Definition {
  readonly options: DefineOptions<unknown>;
  readonly code: WorkflowCode<never, unknown>;
}

/** The workflows of one service; made by `createWorkflows`. */
export class Workflows {
  /** Serve it at `url`, for POST and GET. */
  readonly handler: RequestHandler;
  readonly #connection: Connection;
  readonly #options: WorkflowsOptions;
  readonly #definitions = new Map<string, Definition>();
  /** Executions in this process: two of one workflow would do its steps twice. */
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(connection: Connection, options: WorkflowsOptions) {
    checkNames('createWorkflows', options, workflowsNames);
    if (!/^https?:/i.test(options.url) || !URL.canParse(options.url)) {
      const told = "url must be where the workflows' handler is served, such as http://127.0.0.1:8080/workflow";
      throw invalidOption(`${told}, not "${options.url}"`);
    }
    this.#connection = connection;
    this.#options = options;
    this.handler = branchHandler((call) => this.#resume(call), {
      onError: (error, context) => this.#onError(error, context?.gid ?? ''),
    });
  }

  /** Names the code of a workflow. Do this when the process starts: a name that is not there cannot be resumed. */
  define<Input = undefined, Output = void>(
    name: string,
    code: WorkflowCode<Input, Output>,
  ): Workflow<Input, Recorded<Output>>;
  define<Input, Output>(
    name: string,
    options: DefineOptions<Input>,
    code: WorkflowCode<Input, Output>,
  ): Workflow<Input, Recorded<Output>>;
  define<Input, Output>(
    name: string,
    optionsOrCode: DefineOptions<Input> | WorkflowCode<Input, Output>,
    maybeCode?: WorkflowCode<Input, Output>,
  ): Workflow<Input, Recorded<Output>> {
    const options = typeof optionsOrCode === 'function' ? {} : optionsOrCode;
    const code = typeof optionsOrCode === 'function' ? optionsOrCode : maybeCode;
    checkNames(`workflow "${name}"`, options, defineNames);
    if (typeof code !== 'function') throw invalidOption(`workflow "${name}" has no code`);
    if (this.#definitions.has(name)) throw invalidOption(`two workflows are named "${name}"`);
    this.#definitions.set(name, { options, code });
    return {
      name,
      run: (input, { gid = newGid() } = {}) => this.#run(name, gid, input) as Promise<Recorded<Output>>,
      start: (input, { gid = newGid() } = {}) => this.#start(name, gid, input),
    };
  }

  /**
   * A saga of local steps: each action with its compensation beside it, typed by what the action answers. Give the type of the
   * input (`saga<Order>('order')`), or its schema in the options.
   */
  saga<Input = undefined>(name: string, options: DefineOptions<Input> = {}): SagaWorkflow<Input, NoResults> {
    const steps = new SagaSteps();
    const workflow = this.define<Input, unknown>(name, options, (wf, input) => steps.run(wf, input));
    return steps.builder(workflow) as SagaWorkflow<Input, NoResults>;
  }

  async #resume({ gid, op, transType, payload }: { gid: string; op: string; transType: string; payload: unknown }) {
    if (transType !== 'workflow') {
      throw new InvalidUse('NOT_A_BRANCH_CALL', `workflows are resumed here, not a branch of a ${transType}`);
    }
    if (this.#running.has(gid)) throw new BranchOngoing('it is at work');
    try {
      await this.#run(op, gid, payload);
    } catch (error) {
      // It has ended, as its own submit has told.
      if (error instanceof TransactionFailed) return;
      if (!(error instanceof TransactionOngoing)) throw error;
      if (error.cause instanceof Interruption && !error.cause.isExpected) throw error.cause.cause;
      throw new BranchOngoing(error.message);
    }
  }

  async #start(name: string, gid: string, input: unknown): Promise<{ readonly gid: string }> {
    const { recorder, request } = await this.#opened(name, gid, input);
    await recorder.prepare(name, ...request);
    this.#run(name, gid, input).catch((error: unknown) => {
      if (!(error instanceof TransactionFailed)) this.#onError(error, gid);
    });
    return { gid };
  }

  #run(name: string, gid: string, input: unknown): Promise<unknown> {
    const before = this.#running.get(gid);
    if (before !== undefined) return before;
    const running = this.#execute(name, gid, input).finally(() => this.#running.delete(gid));
    this.#running.set(gid, running);
    return running;
  }

  async #execute(name: string, gid: string, input: unknown): Promise<unknown> {
    const { recorder, request, checked, definition } = await this.#opened(name, gid, input);
    const standing = await recorder.prepare(name, ...request);
    if (standing.status !== 'prepared') return recorder.ended(standing);
    const execution = new Execution(
      recorder,
      new History(gid, standing.progresses),
      this.#connection.clock ?? machineClock,
    );
    const scope = new WorkflowScope({ connection: this.#connection, execution, options: definition.options });
    try {
      const verdict = await execution.run(async () => definition.code(scope, checked as never));
      await recorder.submit(verdict);
      if (verdict.status === 'failed') throw new TransactionFailed(gid, verdict.reason, verdict.cause);
      return verdict.result;
    } catch (error) {
      if (error instanceof TransactionFailed) throw error;
      const ended = await endedElsewhere(error, () => recorder.prepare(name, ...request));
      if (ended !== undefined) return recorder.ended(ended);
      throw new TransactionOngoing(gid, saidBy(error), error);
    }
  }

  async #opened(name: string, gid: string, input: unknown) {
    const definition = this.#definitions.get(name);
    if (definition === undefined) {
      const known = [...this.#definitions.keys()].join(', ');
      throw new InvalidUse('UNKNOWN_WORKFLOW', `no workflow is defined here as "${name}" (${known || 'none is'})`);
    }
    const text = input === undefined ? '' : payloadText(`the input of workflow "${name}"`, input);
    const checked = await this.#checked(name, definition, text);
    const options = { ...wireOptions(definition.options), query_prepared: this.#options.url };
    const request: [string, Readonly<Record<string, unknown>>] = [text, options];
    return { recorder: new WorkflowRecorder(this.#connection, gid), request, checked, definition };
  }

  /** As a later execution will find it: after JSON and the schema. */
  async #checked(name: string, { options }: Definition, text: string): Promise<unknown> {
    try {
      return await validated(
        `the input of workflow "${name}"`,
        options.input,
        text === '' ? undefined : JSON.parse(text),
      );
    } catch (error) {
      if (!(error instanceof SchemaMismatch)) throw error;
      throw new InvalidUse('INVALID_PAYLOAD', error.message, error);
    }
  }

  #onError(error: unknown, gid: string): void {
    const onError = this.#options.onError ?? ((cause, of) => console.error(`workflow ${of}:`, cause));
    onError(error, gid);
  }
}

/** How the workflow ended, where the coordinator refused this execution because another one has ended it meanwhile. */
async function endedElsewhere(
  error: unknown,
  ask: () => Promise<WorkflowStanding>,
): Promise<EndedWorkflow | undefined> {
  const refused = error instanceof Interruption ? error.cause : error;
  if (!(refused instanceof RequestRefused)) return undefined;
  // Where nobody answers now, the refusal is what is told.
  const standing = await ask().catch(() => undefined);
  return standing === undefined || standing.status === 'prepared' ? undefined : standing;
}
