/** What the code of a workflow works with. */
import { Barrier } from '../barrier/barrier.js';
import type { BranchContext } from '../branch/branch-context.js';
import { BranchFailure } from '../branch/branch-outcome.js';
import { callTimeoutMs, type Connection } from '../coordinator/connection.js';
import { durationMs, type Duration } from '../duration.js';
import { callParticipant, type ParticipantCall } from '../participant/call-participant.js';
import { payloadText } from '../payload.js';
import type { Recorded } from '../recorded.js';
import type { StandardSchemaV1 } from '../schema/standard-schema.js';
import { validated } from '../schema/validate.js';
import { BranchIds } from '../two-phase/branch-ids.js';
import type { XaDatabase } from '../xa/xa-database.js';
import type { Execution, Step } from './execution.js';
import { ChainStopped, StepGroup } from './step-group.js';
import { insideStep } from './step-nesting.js';
import { methodUrl, type GrpcMethodDefinition, type GrpcStep } from './grpc-step.js';
import type { StepKind } from './step-record.js';
import { checkFunction, checkNames, type OptionNames } from '../option-names.js';

/** The run of one step: which it is, and its barrier. */
export interface StepCall extends BranchContext {
  /** Makes a local change happen once, although the step may be run again when its process died. */
  readonly barrier: Barrier;
}

/** A step that is done here. */
export interface LocalStep<T> {
  /** Its result is recorded, as JSON. `BranchFailure` refuses; any other error has it run again later. */
  readonly action: (call: StepCall) => PromiseLike<T> | T;
  /** Called when the workflow has succeeded, in the order of the steps; must succeed in the end. */
  readonly onCommit?: (result: Recorded<T>, call: StepCall) => unknown;
  /** Undoes the step when the workflow has failed, backwards; must succeed in the end. A step that was refused is not undone. */
  readonly onRollback?: (result: Recorded<T>, call: StepCall) => unknown;
}

/** Where a service is called after the decision: a URL, which gets the step's payload, or both made of the step's result. */
export type SecondCall<T> = string | ((result: T) => { readonly url: string; readonly payload?: unknown });

const localNames: OptionNames<LocalStep<unknown>> = { action: true, onCommit: true, onRollback: true };

interface RemoteRequest {
  /** `http://` or `https://`. */
  readonly url: string;
  /** The JSON body. */
  readonly payload?: unknown;
  /** Default POST; a GET has no body. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Of these calls, beside the workflow's `branchHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A step that a service does. */
export interface RemoteStep<T> extends RemoteRequest {
  /** Checks what the service answered, and types it. */
  readonly result?: StandardSchemaV1<unknown, T>;
  /** Called when the workflow has succeeded; must succeed in the end. */
  readonly onCommit?: SecondCall<T>;
  /**
   * Undoes the step when the workflow has failed; must succeed in the end. A URL is called for a step that was refused, too, whatever
   * becomes of the workflow: an earlier call of it may be under way still, and the barrier must know. A function, which
   * needs the step's result, is not.
   */
  readonly onRollback?: SecondCall<T>;
}

type Chains = Readonly<Record<string, (wf: WorkflowScope) => unknown>>;

export interface WorkflowOptions {
  readonly requestTimeout?: Duration;
  readonly branchHeaders?: Readonly<Record<string, string>>;
}

export interface ScopeContext {
  readonly connection: Connection;
  readonly execution: Execution;
  readonly options: WorkflowOptions;
}

interface ScopePlace {
  readonly group: StepGroup;
  /** The branch id that these are nested in; empty: none. */
  readonly parent: string;
  readonly position: readonly number[];
  readonly prefix: string;
}

/** Longer than this is not waited for in memory. */
const sleepInProcessMaxMs = 5_000;

/** `wf`: what the code of a workflow does its steps with. */
export class WorkflowScope {
  /** The workflow's name in the coordinator. */
  readonly gid: string;
  readonly #context: ScopeContext;
  readonly #place: ScopePlace;
  readonly #ids: BranchIds;
  #count = 0;

  constructor(
    context: ScopeContext,
    place: ScopePlace = { group: new StepGroup(), parent: '', position: [], prefix: '' },
  ) {
    this.gid = context.execution.gid;
    this.#context = context;
    this.#place = place;
    this.#ids = new BranchIds(place.parent);
  }

  /**
   * Does a local step once and records its result: for the database of this service, for what is drawn by chance or read from
   * the clock, for a library that talks to others. Names must differ only to be understood; what counts is the place.
   */
  async do<T>(name: string, step: LocalStep<T> | LocalStep<T>['action']): Promise<Recorded<T>> {
    const local: LocalStep<T> = typeof step === 'function' ? { action: step } : step;
    checkNames(`step "${name}"`, local, localNames);
    checkFunction(`action of step "${name}"`, local.action);
    const { onCommit, onRollback } = local;
    return this.#step(name, 'do', async (call) => local.action(call), {
      onCommit: onCommit && ((result, call) => onCommit(result, call)),
      onRollback: onRollback && ((result, call) => onRollback(result, call)),
    });
  }

  /** Calls a service and records its answer. 409 refuses; 425, and whatever is not clear, has it called again later. */
  async call<T = unknown>(name: string, step: RemoteStep<T>): Promise<T> {
    // What is recorded is what came; the schema makes the same of it in each run.
    const read = (answer: unknown): Promise<T> => validated(`the answer of step "${name}"`, step.result, answer);
    const action = async (call: StepCall): Promise<unknown> => {
      const answer = await this.#request(name, step, call);
      await read(answer);
      return answer;
    };
    const { payload, headers, onCommit, onRollback } = step;
    const post = (to: { readonly url: string; readonly payload?: unknown }, of: StepCall): Promise<unknown> =>
      this.#request(name, { url: to.url, payload: to.payload, ...(headers && { headers }) }, of);
    const second = (after: SecondCall<T> | undefined): EndOf<unknown> =>
      after === undefined
        ? undefined
        : async (answer, of) =>
            post(typeof after === 'string' ? { url: after, payload } : after(await read(answer)), of);
    const onRefused =
      typeof onRollback === 'string' ? (of: StepCall) => post({ url: onRollback, payload }, of) : undefined;
    const ends = { onCommit: second(onCommit), onRollback: second(onRollback), onRefused };
    return read(await this.#step(name, 'call', action, ends));
  }

  /**
   * Calls a service by gRPC and records its answer, as JSON. ABORTED refuses; FAILED_PRECONDITION, and whatever is not clear, has
   * it called again later. Needs a client with `grpcCoordinator` of `@tandem/client/grpc`.
   */
  async grpc<Request, Answer>(name: string, step: GrpcStep<Request, Answer>): Promise<Recorded<Answer>> {
    const owner = `step "${name}"`;
    const call = async <A>(method: GrpcMethodDefinition<Request, A>, of: StepCall): Promise<A> => {
      const url = methodUrl(owner, step.at, method);
      const body = method.requestSerialize(step.request);
      const answer = await this.#participant(owner, { url, body, method: 'POST', headers: step.headers }, of);
      return method.responseDeserialize(answer instanceof Uint8Array ? answer : new Uint8Array());
    };
    const second = (method: GrpcMethodDefinition<Request, unknown> | undefined): EndOf<unknown> =>
      method && ((_, of) => call(method, of));
    const undo = step.onRollback;
    const onRefused = undo && ((of: StepCall) => call(undo, of));
    const ends = { onCommit: second(step.onCommit), onRollback: second(undo), onRefused };
    return this.#step(name, 'grpc', (of) => call(step.method, of), ends);
  }

  /** A local transaction that is prepared now, and committed or rolled back when the workflow has been decided. */
  async xa<Tx, T>(name: string, db: XaDatabase<Tx>, work: (tx: Tx) => PromiseLike<T> | T): Promise<Recorded<T>> {
    const action = async (branch: StepCall): Promise<T> => {
      await db.giveUp(branch);
      const prepared = await db.prepare(branch, { run: work });
      if (prepared.kind === 'prepared') return prepared.value;
      throw new Error(`step "${name}" was prepared by another execution`);
    };
    return this.#step(name, 'xa', action, {
      onCommit: (_, branch) => db.commit(branch),
      onRollback: (_, branch) => db.rollback(branch),
    });
  }

  /**
   * Goes on after a time, in whichever process then runs. Longer than some seconds, it is woken by the coordinator, which looks
   * every `retry.interval`.
   */
  async sleep(name: string, duration: Duration): Promise<void> {
    const group = this.#place.group;
    const lengthMs = durationMs('duration', duration);
    const { clock, open } = this.#context.execution;
    const until = await this.#step(name, 'sleep', async () => clock.now() + lengthMs);
    const leftMs = until - clock.now();
    if (leftMs <= 0) return;
    group.throwIfStopped();
    if (leftMs > sleepInProcessMaxMs) await open.sleep(until, (wake) => group.sleeps(wake));
    await open.track(new Promise<void>((resolve) => clock.setTimer(leftMs, resolve)));
  }

  /**
   * Runs chains of steps side by side, each with a `wf` of its own. Where one is refused, the others stop before their next
   * step, and the refusal is thrown.
   *
   * @typeParam C - The chains by name, each a function of its `wf`.
   */
  async parallel<C extends Chains>(chains: C): Promise<{ -readonly [Name in keyof C]: Awaited<ReturnType<C[Name]>> }> {
    const group = new StepGroup(this.#place.group);
    const parent = this.#ids.next();
    const ids = new BranchIds(parent);
    const position = [...this.#place.position, (this.#count += 1)];
    const running = Object.entries(chains).map(async ([name, chain], index) => {
      const prefix = `${this.#place.prefix}${name}/`;
      const place = { group, parent: ids.next(), position: [...position, index], prefix };
      try {
        return [name, await chain(new WorkflowScope(this.#context, place))];
      } catch (error) {
        group.stop();
        throw error;
      }
    });
    const ended = await Promise.allSettled(running);
    const errors = ended.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    if (errors.length > 0) throw reasonOf(errors);
    return Object.fromEntries(await Promise.all(running)) as never;
  }

  async #step<T>(
    localName: string,
    kind: StepKind,
    action: (call: StepCall) => Promise<T>,
    ends: Ends<Recorded<T>> = {},
  ): Promise<Recorded<T>> {
    const { execution } = this.#context;
    const { group, position, prefix } = this.#place;
    const at = { position: [...position, (this.#count += 1)] };
    const step: Step = { name: prefix + localName, kind, branchId: this.#ids.next(), group };
    const { name } = step;
    execution.refuseInsideStep(name);
    try {
      const run = (): Promise<T> => action(this.#callOf(step, 'action'));
      const result = await execution.step(step, () => insideStep({ execution: execution.key, name }, run));
      const bound = (op: string, end: EndOf<Recorded<T>>) => end && (() => end(result, this.#callOf(step, op)));
      const [onCommit, onRollback] = [bound('commit', ends.onCommit), bound('rollback', ends.onRollback)];
      execution.atTheEnd({ ...step, ...at, isRefused: false, onCommit, onRollback });
      return result;
    } catch (error) {
      // An earlier call, whose answer was lost, may reach the service after the one that was refused: its undo is to bar it.
      const { onRefused } = ends;
      if (error instanceof BranchFailure && onRefused !== undefined) {
        const onRollback = (): unknown => onRefused(this.#callOf(step, 'rollback'));
        execution.atTheEnd({ ...step, ...at, isRefused: true, onCommit: undefined, onRollback });
      }
      throw error;
    }
  }

  #callOf({ branchId }: Step, op: string): StepCall {
    const context: BranchContext = { gid: this.gid, transType: 'workflow', branchId, op };
    return { ...context, barrier: new Barrier(context) };
  }

  #request(name: string, step: RemoteRequest, call: StepCall): Promise<unknown> {
    const owner = `step "${name}"`;
    const method = step.method ?? 'POST';
    const body = method === 'GET' ? undefined : payloadText(`the payload of ${owner}`, step.payload);
    return this.#participant(owner, { url: step.url, method, body, headers: step.headers }, call);
  }

  #participant(
    owner: string,
    request: Pick<ParticipantCall<unknown>, 'url' | 'method' | 'body'> & {
      headers: RemoteRequest['headers'] | undefined;
    },
    { branchId, op }: StepCall,
  ): Promise<unknown> {
    const { connection, options } = this.#context;
    const { requestTimeout, branchHeaders } = options;
    return callParticipant(connection, {
      ...request,
      owner,
      gid: this.gid,
      parameters: { gid: this.gid, trans_type: 'workflow', branch_id: branchId, op },
      headers: { ...branchHeaders, ...request.headers },
      timeoutMs: callTimeoutMs(connection, requestTimeout),
    });
  }
}

type EndOf<T> = ((result: T, call: StepCall) => unknown) | undefined;

interface Ends<T> {
  readonly onCommit?: EndOf<T>;
  readonly onRollback?: EndOf<T>;
  /** The undo of a step that was refused, which has no result. */
  readonly onRefused?: ((call: StepCall) => unknown) | undefined;
}

/** A refusal first, then what went wrong; that the neighbours stopped is only what followed. */
function reasonOf(errors: readonly unknown[]): unknown {
  const refusal = errors.find((error) => error instanceof BranchFailure);
  return refusal ?? errors.find((error) => !(error instanceof ChainStopped)) ?? errors[0];
}
