import type { Connection } from '../coordinator/connection.js';
import type { Duration } from '../duration.js';
import { TransactionFailed } from '../errors.js';
import { newGid } from '../gid.js';
import { checkNames, checkUrl, checkUrlOrNull, type OptionNames, invalidOption } from '../option-names.js';
import { branchPayload } from '../payload.js';
import { submit, submitNames, type SubmitOptions, type Submitted } from './submission.js';
import type { SubmitRequest, Submittable } from './submittable.js';
import { transactionNames, wireDuration, wireOptions, type TransactionOptions } from './transaction-options.js';

/** What a saga of services is started with. */
export interface SagaOptions extends TransactionOptions {
  /** Roll back when the saga has not succeeded by then. Default: no limit. */
  readonly timeoutToFail?: Duration;
}

/** One step: what to do, and how to undo it. */
export interface SagaStep<EarlierName extends string> {
  /** The URL that is called to do it. */
  readonly action: string;
  /** The URL that is called to undo it, and must succeed in the end; `null` says that nothing needs undoing. */
  readonly compensate: string | null;
  /** What both get as their JSON body; by gRPC: the bytes of their message. */
  readonly payload?: unknown;
  /** In a concurrent saga: steps that must have succeeded before this one starts. */
  readonly after?: readonly EarlierName[];
}

const sagaNames: OptionNames<SagaOptions> = { ...transactionNames, timeoutToFail: true };
const stepNames: OptionNames<SagaStep<string>> = { action: true, compensate: true, payload: true, after: true };

interface WireSaga {
  readonly steps: { readonly action: string; readonly compensate: string }[];
  readonly payloads: (string | Uint8Array)[];
  readonly orders: Record<number, number[]>;
}

/**
 * A saga in the making. Its steps run in the order in which they were added; when one refuses, all that may have started,
 * the refused one included, are compensated backwards.
 */
export class Saga<Name extends string = never> implements Submittable {
  /** Its name, chosen or made. */
  readonly gid: string;
  readonly #connection: Connection;
  readonly #options: SagaOptions;
  readonly #names: string[] = [];
  readonly #wire: WireSaga = { steps: [], payloads: [], orders: {} };

  constructor(connection: Connection, options: SagaOptions) {
    checkNames('saga', options, sagaNames);
    this.#connection = connection;
    this.#options = options;
    this.gid = options.gid ?? newGid();
  }

  /** Adds a step to this saga. Throws `INVALID_OPTION` for a name used twice, `INVALID_PAYLOAD` for what is not JSON. */
  // `this` would lose the new name, by which later steps are checked.
  // eslint-disable-next-line @typescript-eslint/prefer-return-this-type
  step<NewName extends string>(name: NewName, step: SagaStep<Name>): Saga<Name | NewName> {
    if (this.#names.includes(name)) throw invalidOption(`two steps are named "${name}"`);
    checkNames(`step "${name}"`, step, stepNames);
    checkUrl(`action of step "${name}"`, step.action);
    checkUrlOrNull(`compensate of step "${name}"`, step.compensate);
    const payload = branchPayload(this.#connection, `the payload of step "${name}"`, step.payload);
    if (step.after !== undefined) this.#wire.orders[this.#names.length] = this.#indexesOf(name, step.after);
    this.#names.push(name);
    this.#wire.steps.push({ action: step.action, compensate: step.compensate ?? '' });
    this.#wire.payloads.push(payload);
    return this;
  }

  /**
   * Makes the saga durable and starts it; with `waitResult`, waits for its outcome. Safe to repeat. The `reason` of `TransactionFailed`
   * names the step; that of `query` has its number.
   */
  async submit(options: SubmitOptions = {}): Promise<Submitted> {
    checkNames('submit', options, submitNames);
    try {
      return await submit(this.#connection, this.submitRequest(), options);
    } catch (error) {
      if (!(error instanceof TransactionFailed)) throw error;
      throw new TransactionFailed(this.gid, this.#inNames(error.reason), error.cause);
    }
  }

  /** What `submit` sends: for `outbox.send` of `@tandem/client/outbox`. */
  submitRequest(): SubmitRequest {
    const { concurrent, timeoutToFail } = this.#options;
    const customData = { concurrent: true, orders: this.#wire.orders };
    return {
      gid: this.gid,
      trans_type: 'saga',
      protocol: 'http',
      steps: this.#wire.steps,
      payloads: this.#wire.payloads,
      ...wireOptions(this.#options),
      ...wireDuration('timeout_to_fail', 'timeoutToFail', timeoutToFail),
      ...(concurrent === true && { custom_data: JSON.stringify(customData) }),
    };
  }

  /** The coordinator knows the steps by their numbers alone. */
  #inNames(reason: string): string {
    return reason.replace(/^branch (\d+)(?= (refused|action|compensate): )/, (branch, number) => {
      const name = this.#names[Number(number) - 1];
      return name === undefined ? branch : `step "${name}"`;
    });
  }

  #indexesOf(name: string, after: readonly string[]): number[] {
    if (this.#options.concurrent !== true) {
      throw invalidOption(`step "${name}" has "after", which is for a saga with { concurrent: true }`);
    }
    return after.map((earlier) => {
      const index = this.#names.indexOf(earlier);
      if (index < 0) throw invalidOption(`step "${name}" comes after "${earlier}", which is no earlier step`);
      return index;
    });
  }
}
