import { messageCall, type BranchResult } from '@tandem/protocol';
import { Barrier } from '../barrier/barrier.js';
import type { Connection } from '../coordinator/connection.js';
import { durationMs, durationSeconds, type Duration } from '../duration.js';
import { participantAnswer } from '../participant/call-participant.js';
import { isGrpcUrl } from '../participant/grpc-calls.js';
import { newGid } from '../gid.js';
import { checkNames, checkUrl as checkReceiver, type OptionNames, invalidOption } from '../option-names.js';
import { branchPayload } from '../payload.js';
import { doAndSubmit, type Done } from './do-and-submit.js';
import { prepareOrGoOn, submit, submitNames, tell, type SubmitOptions, type Submitted } from './submission.js';
import type { SubmitRequest, Submittable } from './submittable.js';
import { transactionNames, wireDuration, wireOptions, type TransactionOptions } from './transaction-options.js';

/** What a message is started with. */
export interface MessageOptions extends TransactionOptions {
  /** Deliver so long after submit. Default: at once. */
  readonly delay?: Duration;
  /** When a message that is prepared and neither submitted nor aborted is checked first. Default: the coordinator's (35 s). */
  readonly firstCheckAfter?: Duration;
  /** Between further checks. Default: the retry interval. DTM's server does not know it. */
  readonly checkInterval?: Duration;
}

/** How one receiver is called. */
export interface ReceiverOptions {
  /** A submit with `waitResult` does not wait for this receiver; it is called until it succeeds all the same. */
  readonly isAsync?: boolean;
}

const messageNames: OptionNames<MessageOptions> = {
  ...transactionNames,
  delay: true,
  firstCheckAfter: true,
  checkInterval: true,
};
const receiverNames: OptionNames<ReceiverOptions> = { isAsync: true };

/**
 * A two-phase message in the making: delivered to every receiver if and only if a local transaction commits. Receivers
 * cannot refuse; each is called until it succeeds.
 */
export class Message implements Submittable {
  /** Its name, chosen or made. */
  readonly gid: string;
  readonly #connection: Connection;
  readonly #options: MessageOptions;
  readonly #steps: Readonly<Record<string, string>>[] = [];
  readonly #payloads: (string | Uint8Array)[] = [];

  constructor(connection: Connection, options: MessageOptions) {
    checkNames('message', options, messageNames);
    this.#connection = connection;
    this.#options = options;
    this.gid = options.gid ?? newGid();
  }

  /** Adds a receiver by its URL. */
  add(url: string, payload?: unknown, options: ReceiverOptions = {}): this {
    checkReceiver('a receiver', url);
    checkNames(`receiver ${url}`, options, receiverNames);
    this.#payloads.push(branchPayload(this.#connection, `the payload of receiver ${url}`, payload));
    this.#steps.push({ action: url, ...(options.isAsync === true && { async: 'true' }) });
    return this;
  }

  /** Adds everybody who is subscribed to the topic when the coordinator gets the message. */
  addTopic(topic: string, payload?: unknown, options: ReceiverOptions = {}): this {
    return this.add(`topic://${topic}`, payload, options);
  }

  /** Delivers without a local transaction, or after `prepare` and one that committed. Safe to repeat. */
  async submit(options: SubmitOptions = {}): Promise<Submitted> {
    checkNames('submit', options, submitNames);
    return submit(this.#connection, this.submitRequest(), options);
  }

  /** What `submit` sends: for `outbox.send` of `@tandem/client/outbox`. */
  submitRequest(): SubmitRequest {
    return this.#request({ isSubmit: true });
  }

  /**
   * Makes the message durable without delivering it. Until `submit` or `abort` arrives, the coordinator asks `checkUrl`
   * whether the local transaction committed.
   */
  prepare(checkUrl: string): Promise<void> {
    return tell(this.#connection, 'prepare', this.#prepareRequest(checkUrl));
  }

  /** Gives up a prepared message: it is never delivered. */
  abort(): Promise<void> {
    return tell(this.#connection, 'abort', { gid: this.gid, trans_type: 'msg' });
  }

  /**
   * Prepares, runs the local transaction, and submits if it commits. `local` must do its work through the barrier that
   * it gets (`barrier.transaction(db, ...)`): its row is what `checkUrl` looks for when this process dies in between. Where the
   * barrier was not used, `checkUrl` is asked at once: if it finds the work all the same, the message is submitted; if it does not, this
   * throws `BARRIER_NOT_USED` and gives the message up; if it cannot tell, `TransactionOngoing`, and the coordinator asks again.
   *
   * A `BranchFailure` thrown by `local` aborts the message. After any other error the back-check is asked: the message is
   * aborted if nothing committed, and the error is thrown again; else `LocalTransactionUnclear` tells what was decided.
   *
   * Safe to repeat under the same gid: where the first time was submitted the barrier finds it (`repeated`), and where it
   * was given up this throws `TransactionFailed` and does nothing local.
   */
  doAndSubmit<T>(
    checkUrl: string,
    local: (barrier: Barrier) => Promise<T> | T,
    options: SubmitOptions = {},
  ): Promise<Done<T>> {
    const barrier = new Barrier(messageCall(this.gid), checkUrl);
    const phases = {
      gid: this.gid,
      isGuarded: () => barrier.isUsed,
      prepare: () => prepareOrGoOn(this.#connection, this.#prepareRequest(checkUrl)),
      submit: () => this.submit(options),
      abort: () => this.abort(),
      check: () => this.#check(checkUrl),
    };
    return doAndSubmit(phases, () => local(barrier));
  }

  /** Asks the back-check as the coordinator would. */
  async #check(url: string): Promise<BranchResult['kind']> {
    const { gid, transType, branchId, op } = messageCall(this.gid);
    const { result } = await participantAnswer(this.#connection, {
      owner: 'the back-check',
      gid,
      url,
      parameters: { gid, trans_type: transType, branch_id: branchId, op },
      method: isGrpcUrl(url) ? 'POST' : 'GET',
      body: undefined,
      headers: { ...this.#options.branchHeaders },
      timeoutMs: this.#connection.timeoutMs,
    });
    return result.kind;
  }

  #prepareRequest(checkUrl: string): { readonly gid: string } {
    if (!/^(https?|grpcs?):/i.test(checkUrl) || !URL.canParse(checkUrl)) {
      const told = "the back-check's URL must be where backCheckHandler is served";
      throw invalidOption(`${told}, not "${checkUrl}"`);
    }
    return this.#request({ isSubmit: false, query_prepared: checkUrl });
  }

  #request(phase: { readonly isSubmit: boolean; readonly query_prepared?: string }): SubmitRequest {
    const { isSubmit, ...rest } = phase;
    const { delay, firstCheckAfter, checkInterval } = this.#options;
    return {
      gid: this.gid,
      trans_type: 'msg',
      protocol: 'http',
      steps: this.#steps,
      payloads: this.#payloads,
      ...wireOptions(this.#options),
      ...wireDuration('timeout_to_fail', 'firstCheckAfter', firstCheckAfter),
      ...(checkInterval && { check_interval_ms: durationMs('checkInterval', checkInterval) }),
      ...(isSubmit && delay && wireDelay(delay)),
      ...rest,
    };
  }
}

/** DTM's form, in whole seconds, and Tandem's, which goes before it. */
function wireDelay(delay: Duration): Readonly<Record<string, unknown>> {
  const customData = JSON.stringify({ delay: durationSeconds('delay', delay) });
  return { custom_data: customData, delay_ms: durationMs('delay', delay) };
}
