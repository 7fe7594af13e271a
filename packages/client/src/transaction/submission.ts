/**
 * Brings a transaction to the coordinator and reads what became of it.
 *
 * O1. An outcome is told only when it is one: a coordinator that answers FAILURE while the transaction still runs, or to
 *     the repeat of one that succeeded (DTM's does both), is asked for the status, and that decides.
 * O2. Not reaching the coordinator is never reported as success or failure.
 */
import type { Connection } from '../coordinator/connection.js';
import type { CoordinatorAnswer } from '../coordinator/coordinator-port.js';
import { readTransactionState } from '../coordinator/transaction-status.js';
import { CoordinatorUnreachable, RequestRefused, TransactionFailed, TransactionOngoing } from '../errors.js';
import type { OptionNames } from '../option-names.js';

type ToCoordinator = Pick<Connection, 'coordinator'>;

/** How a submit is waited for. */
export interface SubmitOptions {
  /** Wait for the outcome: resolve only on success, throw `TransactionFailed` or `TransactionOngoing` otherwise. */
  readonly waitResult?: boolean;
  /** Stops waiting; the transaction, once it has arrived, goes on. */
  readonly signal?: AbortSignal;
}

export const submitNames: OptionNames<SubmitOptions> = { waitResult: true, signal: true };

/** What is known when a submit resolves: it is durable, and with `waitResult` it has succeeded. */
export interface Submitted {
  /** The transaction's name. */
  readonly gid: string;
  /** `submitted`: its outcome was not waited for. */
  readonly status: 'submitted' | 'succeed';
}

/** Submits a request whose `gid` is set. */
export async function submit(
  { coordinator }: ToCoordinator,
  request: Readonly<{ gid: string }> & Readonly<Record<string, unknown>>,
  options: SubmitOptions,
): Promise<Submitted> {
  const waitResult = options.waitResult === true;
  const body = { ...request, ...(waitResult && { wait_result: true }) };
  const call = { gid: request.gid, signal: options.signal };
  const answer = await coordinator.post('submit', body, call);
  if (isAccepted(answer)) return { gid: request.gid, status: waitResult ? 'succeed' : 'submitted' };
  if (isOngoing(answer)) throw new TransactionOngoing(request.gid, messageOf(answer));
  if (codeOf(answer) === 'TRANSACTION_FAILED') throw new TransactionFailed(request.gid, messageOf(answer));
  if (!isUndecidedFailure(answer)) throw refusal(answer, request.gid);
  return readOutcome({ coordinator }, answer, { ...call, gid: request.gid, waitResult });
}

/** Sends a verb that is answered with nothing but success. */
export async function tell(
  { coordinator }: ToCoordinator,
  verb: 'prepare' | 'registerBranch' | 'abort',
  request: Readonly<{ gid: string }> & Readonly<Record<string, unknown>>,
): Promise<void> {
  const answer = await coordinator.post(verb, request, { gid: request.gid });
  if (!isAccepted(answer)) throw refusal(answer, request.gid);
}

/**
 * Prepares a message whose sender may do so once more, after a restart. Where its first time was decided already, by its
 * own submit or by the back-check, that counts (O1): resolves where it was submitted, throws `TransactionFailed` where not.
 */
export async function prepareOrGoOn(
  { coordinator }: ToCoordinator,
  request: Readonly<{ gid: string }> & Readonly<Record<string, unknown>>,
): Promise<void> {
  const { gid } = request;
  const answer = await coordinator.post('prepare', request, { gid });
  if (isAccepted(answer)) return;
  if (!isUndecidedFailure(answer)) throw refusal(answer, gid);
  await readOutcome({ coordinator }, answer, { gid, signal: undefined, waitResult: false });
}

/** The failure of a transaction that was decided against its caller, or else the error that made him ask. */
export async function failedIfDecided({ coordinator }: ToCoordinator, gid: string, error: Error): Promise<Error> {
  const stored = readTransactionState((await coordinator.query(gid, { gid })).body);
  const hasFailed = stored?.status === 'failed' || stored?.status === 'aborting';
  return hasFailed ? new TransactionFailed(gid, stored.reason || error.message, error) : error;
}

/** A workflow as the coordinator has it. */
export type WorkflowStanding = (
  | { readonly status: 'prepared'; readonly progresses: unknown }
  | { readonly status: 'succeed'; readonly result: unknown }
  | { readonly status: 'failed'; readonly reason: string }
) & {
  /** Its name and input, as it was created; undefined: not told. */
  readonly customData: unknown;
};

/** A workflow that the coordinator has as decided. */
export type EndedWorkflow = Exclude<WorkflowStanding, { readonly status: 'prepared' }>;

/** Reads the answer of `prepareWorkflow`; throws what was refused. */
export function readWorkflowAnswer(answer: CoordinatorAnswer, gid: string): WorkflowStanding {
  const transaction = answer.body?.['transaction'];
  if (answer.status !== 200 || typeof transaction !== 'object' || transaction === null) throw refusal(answer, gid);
  const read = transaction as Readonly<Record<string, unknown>>;
  const { status, result, rollback_reason: reason, custom_data: customData } = read;
  if (status === 'succeed') return { status, result, customData };
  if (status === 'failed') return { status, reason: typeof reason === 'string' ? reason : '', customData };
  return { status: 'prepared', progresses: answer.body?.['progresses'], customData };
}

/** Ends a workflow. That another execution ended it in the same way is a success. */
export async function submitVerdict(
  { coordinator }: ToCoordinator,
  request: Readonly<{ gid: string }> & Readonly<Record<string, unknown>>,
): Promise<void> {
  const answer = await coordinator.post('submit', request, { gid: request.gid });
  if (!isAccepted(answer)) throw refusal(answer, request.gid);
}

interface Asked {
  readonly gid: string;
  readonly waitResult: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What a FAILURE without a code means, by the status that is stored (O1). */
async function readOutcome(
  { coordinator }: ToCoordinator,
  answer: CoordinatorAnswer,
  asked: Asked,
): Promise<Submitted> {
  const stored = readTransactionState((await coordinator.query(asked.gid, asked)).body);
  switch (stored?.status) {
    case 'succeed':
      return { gid: asked.gid, status: 'succeed' };
    case 'failed':
    case 'aborting':
      throw new TransactionFailed(asked.gid, stored.reason === '' ? messageOf(answer) : stored.reason);
    case 'submitted':
      if (asked.waitResult) throw new TransactionOngoing(asked.gid, messageOf(answer));
      return { gid: asked.gid, status: 'submitted' };
    case 'prepared':
    case undefined:
      throw refusal(answer, asked.gid);
  }
}

function isAccepted({ status, body }: CoordinatorAnswer): boolean {
  return status === 200 && body?.['dtm_result'] !== 'FAILURE' && body?.['dtm_result'] !== 'ONGOING';
}

function isOngoing({ status, body }: CoordinatorAnswer): boolean {
  return status === 425 || status === 202 || (status === 200 && body?.['dtm_result'] === 'ONGOING');
}

function isFailure({ status, body }: CoordinatorAnswer): boolean {
  return status === 409 || (status === 200 && body?.['dtm_result'] === 'FAILURE');
}

/** A failure that may be that of the transaction, or of this request alone: the stored status tells. */
function isUndecidedFailure(answer: CoordinatorAnswer): boolean {
  const code = codeOf(answer);
  return isFailure(answer) && (code === undefined || code === 'WRONG_STATUS');
}

/** A refusal by the coordinator; an answer of a gateway before it (a 5xx that is not JSON) says nothing and is none. */
export function refusal(answer: CoordinatorAnswer, gid: string): RequestRefused | CoordinatorUnreachable {
  if (!answer.body) {
    return new CoordinatorUnreachable(`HTTP ${answer.status} without an answer of a coordinator`, gid);
  }
  return new RequestRefused(answer.status, codeOf(answer), messageOf(answer), gid);
}

function codeOf({ body }: CoordinatorAnswer): string | undefined {
  return typeof body?.['code'] === 'string' ? body['code'] : undefined;
}

function messageOf({ status, body }: CoordinatorAnswer): string {
  return typeof body?.['message'] === 'string' ? body['message'] : `HTTP ${status}`;
}
